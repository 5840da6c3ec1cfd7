"""What is asked of a plan of streets, and all that it is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from geoservice.domain.tracks import Mode
from geoservice.errors import BadRequest
from geoservice.services.planning.values import MOST_DAYS, MOST_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import shapely

    from geoservice.domain.roads import Network
    from geoservice.services.planning.crews import Idle
    from geoservice.services.planning.street_timing import Going
    from geoservice.store.road_rows import RoadRow

MOST_PATROLS = 50


@dataclass(frozen=True)
class StreetsWish:
    """What is asked for: the streets of a zone, on so many days from one on, by teams or by so many patrols without any.

    No teams and no `patrols`: one patrol. `mode` "" is the teams', on foot without any. Raises BadRequest.
    """

    zone_code: str
    from_on: date
    days: int = 1
    team_codes: tuple[str, ...] = ()
    patrols: int = 0
    mode: str = ""
    seconds: float = 20.0
    name: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MOST_DAYS:
            raise BadRequest("plan_too_long", most=MOST_DAYS)
        if not 0 < self.seconds <= MOST_SECONDS:
            raise BadRequest("plan_seconds_bad", value=self.seconds, most=round(MOST_SECONDS))
        if not 0 <= self.patrols <= MOST_PATROLS:
            raise BadRequest("streets_patrols_bad", value=self.patrols, most=MOST_PATROLS)
        if self.patrols and self.team_codes:
            raise BadRequest("streets_teams_or_patrols")
        if self.mode and self.mode.upper() not in Mode.__members__:
            raise BadRequest(
                "streets_mode_bad", value=self.mode, known=", ".join(mode.name.lower() for mode in Mode)
            )

    @property
    def to_on(self) -> date:
        """The last day."""
        return self.from_on + timedelta(days=self.days - 1)

    def as_json(self) -> dict[str, Any]:
        """Return the wish as the plan keeps it."""
        return {
            "from_on": self.from_on.isoformat(), "to_on": self.to_on.isoformat(), "zone_codes": [self.zone_code],
            "team_codes": list(self.team_codes), "patrols": self.patrols, "mode": self.mode,
            "seconds": self.seconds, "name": self.name,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> StreetsWish:
        """Return the wish that a plan keeps."""
        first, last = date.fromisoformat(kept["from_on"]), date.fromisoformat(kept["to_on"])
        return cls(
            kept["zone_codes"][0], first, (last - first).days + 1, tuple(kept["team_codes"]), kept["patrols"],
            kept["mode"], kept["seconds"], kept["name"],
        )  # fmt: skip


@dataclass(frozen=True)
class StreetsDraft:
    """All that a plan of streets is made from: the streets around, the ground (metres), who goes, who stays."""

    plan_id: int
    wish: StreetsWish
    days: tuple[str, ...]
    network: Network
    rows: Sequence[RoadRow]
    epsg: int
    area: shapely.Geometry
    going: tuple[Going, ...]
    idle: tuple[Idle, ...]

"""What is asked of a plan, and what is told of it: plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MOST_DAYS = 31
MOST_STOPS = 2000
MOST_SECONDS = 600.0
KEEPS = ("no", "soft", "hard")
_DAYS = ("from_on", "to_on")


@dataclass(frozen=True)
class Include:
    """What a plan is made of: points that fall due, points already overdue (or never visited), gaps, and what is wanted."""

    due: bool = True
    overdue: bool = True
    gaps: bool = True
    wanted: bool = True


@dataclass(frozen=True)
class Wish:
    """What is asked for. Empty codes: all zones, all active teams. Raises BadRequest.

    `seconds` is the solver's time, `based_on_id` a plan from whose teams this one should differ little. `keep_zones`: "no",
    "soft" or "hard".
    """

    from_on: date
    to_on: date
    zone_codes: tuple[str, ...] = ()
    team_codes: tuple[str, ...] = ()
    include: Include = Include()
    most_stops: int = 300
    keep_zones: str = "soft"
    seconds: float = 10.0
    seed: int = 1
    name: str = ""
    based_on_id: int | None = None

    def __post_init__(self) -> None:
        if self.to_on < self.from_on:
            raise BadRequest(
                "window_reversed", from_on=self.from_on.isoformat(), to_on=self.to_on.isoformat()
            )
        if (self.to_on - self.from_on).days >= MOST_DAYS:
            raise BadRequest("plan_too_long", most=MOST_DAYS)
        if not 1 <= self.most_stops <= MOST_STOPS:
            raise BadRequest("plan_stops_bad", value=self.most_stops, most=MOST_STOPS)
        if not 0 < self.seconds <= MOST_SECONDS:
            raise BadRequest("plan_seconds_bad", value=self.seconds, most=round(MOST_SECONDS))
        if self.keep_zones not in KEEPS:
            raise BadRequest("plan_keep_bad", value=self.keep_zones, known=", ".join(KEEPS))

    def as_json(self) -> dict[str, Any]:
        """Return the wish as the plan keeps it."""
        return {**asdict(self), **{name: getattr(self, name).isoformat() for name in _DAYS}}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Wish:
        """Return the wish of what a plan keeps; what belongs to others is passed over."""
        known = {name: kept[name] for name in cls.__dataclass_fields__ if name in kept}
        return cls(
            **{
                **known,
                **{name: date.fromisoformat(kept[name]) for name in _DAYS},
                "zone_codes": tuple(kept.get("zone_codes", ())),
                "team_codes": tuple(kept.get("team_codes", ())),
                "include": Include(**kept.get("include", {})),
            }
        )


@dataclass(frozen=True)
class DueStop:
    """Something to be planned. `why`: code and value: ("overdue", days), ("due", "2026-11-23"), ("never", None),
    ("gap", hectares), ("wanted", "2026-11-23").

    `kind`: point, gap, street or place; a point with a short interval is planned `times` times. `ends`: lon and lat of
    where a street begins, then of where it ends: it is walked from the one to the other.
    """

    key: str
    kind: str
    id: int
    code: str
    label: str
    lon: float
    lat: float
    weight: float
    service_s: float
    why: tuple[str, Any]
    zone_id: int | None = None
    wanted_id: int | None = None
    due_on: date | None = None
    interval_days: float | None = None
    last_on: date | None = None
    times: int = 1
    ends: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class DueList:
    """What is to be planned, the most urgent first. `left_out`: so many beyond `most_stops`, all of lower weight.

    `load_hours` estimates service and ways of all listed against `team_hours`, the shifts less their rests on these days.
    `counts` by code of the reason; `already_planned`: due points that other published patrols visit before.
    """

    stops: tuple[DueStop, ...]
    counts: Mapping[str, int]
    left_out: int
    already_planned: int
    load_hours: float
    team_hours: float
    gaps_of: tuple[date, date] | None = None


@dataclass(frozen=True)
class Listed:
    """A plan in a list."""

    id: int
    name: str
    kind: str
    state: str
    from_on: date
    to_on: date
    version: int
    job_id: int | None
    totals: Mapping[str, Any]
    created_at: datetime
    created_by: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class PlanView:
    """A plan in one of its versions. `newest` is the version that counts; a change must name it.

    `content` is empty before the first solution. `published_version`: the version that was published last, which `newest`
    may have left behind.
    """

    id: int
    name: str
    kind: str
    state: str
    from_on: date
    to_on: date
    version: int
    newest: int
    content: Mapping[str, Any]
    wish: Mapping[str, Any]
    based_on_id: int | None
    job_id: int | None
    change: Mapping[str, Any] = field(default_factory=dict)
    can_undo: bool = False
    can_redo: bool = False
    published_version: int | None = None
    published_at: datetime | None = None


@dataclass(frozen=True)
class Side:
    """One of two plans that are compared. `covered_m2` and `rate`: of the visible ground, by the coverage kernel on its lines."""

    id: int
    name: str
    version: int
    stops: int
    unserved: int
    weight_served: float
    weight: float
    metres: float
    hours: float
    longest_s: float
    mean_s: float
    fairness: float | None
    covered_m2: float
    rate: float | None


@dataclass(frozen=True)
class Moved:
    """A stop that is not where the other plan has it; None: left out there. Teams by code, each with its day."""

    key: str
    label: str
    one: tuple[str, str] | None
    other: tuple[str, str] | None


@dataclass(frozen=True)
class Comparison:
    """Two plans side by side, and the stops that changed team or day, or are in one only."""

    one: Side
    other: Side
    moved: tuple[Moved, ...]


@dataclass(frozen=True)
class Wanted:
    """Something that waits to be planned: a gap, a point, a street or a place."""

    id: int
    kind: str
    code: str
    label: str
    lon: float
    lat: float
    from_on: date
    service_minutes: float
    weight: float
    zone_id: int | None
    point_id: int | None
    street_id: int | None
    asked_at: datetime
    asked_by: str | None
    planned_on: date | None = None
    ends: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Outcome:
    """What publishing did, patrols by their key; `kept`: under way or done, so not touched."""

    published: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

"""Patrols as they are shown: planned and actual side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from geoservice.domain.actual import Outcome
    from geoservice.services.patrols.tallies import Tally


@dataclass(frozen=True)
class StopView:
    """A planned stop and what became of it.

    `seen`: a track tells of it; `said`: somebody does. `late_s` is below 0 for early. `share` is what was walked of a
    street, None for other stops. `reason` and `note` are what the patrol said.
    """

    position: int
    kind: str
    point_id: int | None
    street_id: int | None
    wanted_id: int | None
    code: str
    label: str
    lon: float
    lat: float
    planned_arrive_at: datetime | None
    planned_leave_at: datetime | None
    outcome: Outcome
    in_order: bool
    arrived_at: datetime | None
    left_at: datetime | None
    dwell_s: float | None
    late_s: float | None
    on_time: bool | None
    seen: bool
    said: bool
    times_there: int
    share: float | None
    reason: str | None
    has_findings: bool
    note: str


@dataclass(frozen=True)
class ExtraView:
    """A point that was visited though nobody had planned it."""

    point_id: int
    code: str
    name: str
    lon: float
    lat: float
    arrived_at: datetime
    left_at: datetime
    dwell_s: float | None
    seen: bool
    said: bool


@dataclass(frozen=True)
class PatrolView:
    """A patrol, planned and actual. Metres of the device that went furthest: a team's phones all go the same way.

    `followed_m` of `planned_m` the track came along, within the radius of a visit; None where either line is not known.

    `heard`: anything at all reached us of it. `late_count` positions came only after its day, the last at `late_at`;
    `waiting`: some of its tracks are not computed yet. Both may change what `as_of` says.
    """

    patrol_id: int
    on_day: date
    status: str
    team_id: int
    team_code: str
    team_name: str
    route_code: str
    route_name: str
    mode: str
    plan_id: int | None
    members: tuple[str, ...]
    devices: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    began_at: datetime | None
    ended_at: datetime | None
    under_way_s: float | None
    planned_m: float | None
    actual_m: float | None
    followed_m: float | None
    over: bool
    heard: bool
    tally: Tally
    stops: tuple[StopView, ...]
    extras: tuple[ExtraView, ...]
    late_count: int
    late_at: datetime | None
    waiting: bool
    as_of: datetime

    @property
    def planned_s(self) -> float | None:
        """How long it was to take."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return (self.ends_at - self.starts_at).total_seconds()

    @property
    def on_the_street(self) -> bool:
        """Whether it has begun and is not over."""
        return self.heard and not self.over

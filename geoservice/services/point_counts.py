"""What is told of points in a window, and how they are counted by zone."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from geoservice.domain.intervals import Compliance, Due, compliance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from geoservice.store.zones_of_day import ZoneOn


class PointState(StrEnum):
    """What a window says of a point. PROBABLE: a track was there long enough, but nobody checked in."""

    VISITED_FINDINGS = "visited_findings"
    VISITED_CLEAN = "visited_clean"
    PROBABLE = "probable"
    NOT_VISITED = "not_visited"
    UNKNOWN = "unknown"  # the window has no data at all


@dataclass(frozen=True)
class PointRow:
    """One point in a window; `zone_id` by the borders of its last day, None outside every zone.

    `longest_unvisited_days` and `compliant` as domain.intervals defines them; None: nothing is known. `last_visit_at`,
    `due` and `overdue_days` stand as of the window's end, or now where that comes first; None: never visited in the history.
    """

    point_id: int
    code: str
    name: str
    category: str
    lon: float
    lat: float
    zone_id: int | None
    state: PointState
    visit_count: int
    check_in_count: int
    finding_count: int
    last_visit_at: datetime | None
    required_interval_days: float
    longest_unvisited_days: float | None
    compliant: bool | None
    overdue_days: float | None
    due_on: date | None
    due: Due


@dataclass(frozen=True, kw_only=True)
class PointCounts:
    """Points counted, each once. `visited` of `total` have any visit or check-in; `kept` of `judged` kept their interval.

    A rate is None where it has no denominator, or the window no data.
    """

    total: int = 0
    visited_findings: int = 0
    visited_clean: int = 0
    probable: int = 0
    not_visited: int = 0
    unknown: int = 0
    kept: int = 0
    judged: int = 0
    overdue: int = 0
    due_today: int = 0
    due_tomorrow: int = 0
    never: int = 0
    longest_unvisited_days: float | None = None

    @property
    def visited(self) -> int:
        """How many were visited."""
        return self.visited_findings + self.visited_clean + self.probable

    @property
    def rate(self) -> float | None:
        """The share that was visited."""
        return self.visited / self.total if self.total and not self.unknown else None

    @property
    def compliance_rate(self) -> float | None:
        """The share, of those that can be judged, that kept their interval."""
        return Compliance(self.kept, self.judged).rate


@dataclass(frozen=True, kw_only=True)
class ZonePoints(PointCounts):
    """The points of a zone and of all below it."""

    zone_id: int
    code: str
    name: str
    level: str
    path: tuple[int, ...]
    is_leaf: bool


_ADDED = tuple(item.name for item in fields(PointCounts) if item.name != "longest_unvisited_days")


def rows_by_zone(zones: Sequence[ZoneOn], rows: Iterable[PointRow]) -> list[ZonePoints]:
    """Count points by zone. A point stands in one zone only, so a parent's are the sum of those at and below it."""
    standing: dict[int, list[PointRow]] = {}
    for row in rows:
        if row.zone_id is not None:
            standing.setdefault(row.zone_id, []).append(row)
    below: dict[int, list[PointCounts]] = {}
    for zone in zones:
        if zone.zone_id in standing:
            counts = point_totals(standing[zone.zone_id])
            for zone_id in zone.path:
                below.setdefault(zone_id, []).append(counts)
    return [_of_zone(zone, below.get(zone.zone_id, [])) for zone in zones]


def point_totals(rows: Sequence[PointRow]) -> PointCounts:
    """Count points, whatever zones they stand in."""
    states = [row.state for row in rows]
    due = [row.due for row in rows]
    intervals = compliance(row.compliant for row in rows)
    stretches = [row.longest_unvisited_days for row in rows if row.longest_unvisited_days is not None]
    return PointCounts(
        total=len(rows),
        **{state.value: states.count(state) for state in PointState},
        kept=intervals.kept,
        judged=intervals.judged,
        overdue=due.count(Due.OVERDUE),
        due_today=due.count(Due.TODAY),
        due_tomorrow=due.count(Due.TOMORROW),
        never=due.count(Due.NEVER),
        longest_unvisited_days=max(stretches, default=None),
    )


def _of_zone(zone: ZoneOn, parts: Sequence[PointCounts]) -> ZonePoints:
    """Return a zone with the sum of counts of points that are in one of them only."""
    stretches = [part.longest_unvisited_days for part in parts if part.longest_unvisited_days is not None]
    sums = {name: sum(getattr(part, name) for part in parts) for name in _ADDED}
    return ZonePoints(
        zone_id=zone.zone_id,
        code=zone.code,
        name=zone.name,
        level=zone.level,
        path=zone.path,
        is_leaf=zone.is_leaf,
        longest_unvisited_days=max(stretches, default=None),
        **sums,
    )

"""Everything a report is computed from, read once: ground, points, patrols, inspections, cases, orders, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.case_tallies import tally_cases
from geoservice.domain.indicators import Span
from geoservice.services import coverage, leaders, patrols, points, streets
from geoservice.services.point_counts import rows_by_zone
from geoservice.store import ground, indicator_rows
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.case_tallies import CaseTallies
    from geoservice.domain.windows import Window
    from geoservice.services.coverage import ZoneRow
    from geoservice.services.leaders import LeaderRow
    from geoservice.services.patrols import PatrolCount
    from geoservice.services.point_counts import PointRow, ZonePoints
    from geoservice.services.streets import ZoneStreets
    from geoservice.store.indicator_rows import CaseFact, OrderFact, TaskFact
    from geoservice.store.zones_of_day import ZoneOn


@dataclass(frozen=True)
class Facts:
    """What is known of a window. Zones are those of its last day; `has_points`: anything is known of points at all.

    `tallies` count `cases`, in their order.
    """

    window: Window
    span: Span
    zones: Sequence[ZoneOn]
    ground: Mapping[int, ZoneRow]
    streets: Mapping[int, ZoneStreets]
    points: Sequence[PointRow]
    zone_points: Mapping[int, ZonePoints]
    has_points: bool
    leaders: Sequence[LeaderRow]
    patrols: Sequence[PatrolCount]
    cases: Sequence[CaseFact]
    tasks: Sequence[TaskFact]
    orders: Sequence[OrderFact]
    tallies: CaseTallies

    @property
    def paths(self) -> dict[int, tuple[int, ...]]:
        """Zone id → the zones from the widest down to it."""
        return {zone.zone_id: zone.path for zone in self.zones}


def read_facts(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    now: datetime,
    progress: Callable[[int], None] = lambda _percent: None,
) -> Facts:
    """Read a window; `progress` takes per cent."""
    span = span_of(settings, window, now)
    is_laid = ground.read_deployment(session) is not None
    zones = zones_on(session, window.to_on)
    found = points.point_rows(session, settings, window, now=now)
    progress(10)
    covered = coverage.zone_coverage(session, settings, window)
    progress(30)
    lengths = streets.zones_by_length(session, settings, window) if is_laid else []
    by_leader = leaders.leader_rows(session, settings, window)
    progress(50)
    counted = tuple(patrols.count_patrols(session, settings, window, now=now)) if is_laid else ()
    progress(80)
    cases = indicator_rows.case_facts(session, span)
    tallies = tally_cases([fact.history for fact in cases], span)
    return Facts(
        window,
        span,
        zones,
        {row.zone_id: row for row in covered},
        {row.zone_id: row for row in lengths},
        found,
        {row.zone_id: row for row in rows_by_zone(zones, found)},
        points.has_point_data(session, settings, window),
        by_leader,
        counted,
        cases,
        indicator_rows.task_facts(session, span, window.from_on, window.to_on),
        indicator_rows.order_facts(session, span),
        tallies,
    )


def span_of(settings: Settings, window: Window, now: datetime) -> Span:
    """Return a window as instants, as known at `now`."""
    return Span(*window.instants(settings.zone_info), now)

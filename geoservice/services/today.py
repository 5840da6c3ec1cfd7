"""Today at a glance for dispatchers: coverage now beside what is usual, what is worst, what is new, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.domain.contracts import answerable
from geoservice.domain.windows import Window, day_start, local_day
from geoservice.services import coverage
from geoservice.services.today_usual import Usual, usual_now
from geoservice.store import evidence_queue, gap_rows, today_rows
from geoservice.store.kept import Keeping
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.today_rows import Desk, DuePoints
    from geoservice.store.zones_of_day import ZoneOn

WINDOW_DAYS = 7
"""Worst zones and blind spots are those of so many days up to today, the window that pages open with."""
MOST_WORST, MOST_NEW = 5, 5
KEPT_S = 5
"""Figures of a scope are measured at most so often by a process: many dispatchers look at the same ones."""


@dataclass(frozen=True)
class WorstZone:
    """A zone of the finest level with little coverage in the last days, and who answers for it."""

    zone_id: int
    code: str
    name: str
    rate: float
    leader: str | None


@dataclass(frozen=True)
class NewGap:
    """A blind spot since yesterday."""

    zone_id: int
    zone_code: str
    zone_name: str
    area_m2: float
    point_count: int


@dataclass(frozen=True)
class Gaps:
    """Blind spots of the window: all, and those with ground that was last seen on the day that left the window since yesterday."""

    total: int
    new_count: int
    new_area_m2: float
    newest: tuple[NewGap, ...]


@dataclass(frozen=True)
class Ground:
    """How the ground stands now. `rate` None: no track of today is here; `gaps` None: not computed yet."""

    zone_count: int
    area_m2: float
    covered_m2: float
    rate: float | None
    usual: Usual
    worst: tuple[WorstZone, ...]
    gaps: Gaps | None
    points: DuePoints

    @property
    def beside_usual(self) -> float | None:
        """By how much more, or less, of the ground is covered than usual at this hour; None where one is not known."""
        return None if self.rate is None or self.usual.rate is None else self.rate - self.usual.rate


_KEEPING = Keeping(50)


def ground_now(session: Session, settings: Settings, scope_zone_id: int | None, *, now: datetime) -> Ground:
    """Return how the ground of a session's scope stands, as of at most `KEPT_S` ago; `scope_zone_id` None: the whole city."""
    key = (settings, session.info["scope"], scope_zone_id, int(now.timestamp()) // KEPT_S)
    return _KEEPING.fetch(key, lambda: measure(session, settings, scope_zone_id, now=now))


def measure(session: Session, settings: Settings, scope_zone_id: int | None, *, now: datetime) -> Ground:
    """Measure how the ground of a session's scope stands."""
    on = local_day(now, settings.zone_info)
    week = Window.ending(on, WINDOW_DAYS)
    zones = {zone.zone_id: zone for zone in zones_on(session, on)}
    # The windows of the list of zones and of most maps: what was counted for those serves here too, and the other way round.
    total = coverage.totals(coverage.zone_coverage(session, settings, Window(on, on)))
    area, covered = total.area_m2 - total.excluded_m2, total.covered_m2
    measured = area > 0 and coverage.has_data(session, Window(on, on))
    by_week = {
        row.zone_id: (row.area_m2 - row.excluded_m2, row.covered_m2)
        for row in coverage.zone_coverage(session, settings, week)
    }
    return Ground(
        zone_count=len(zones),
        area_m2=area,
        covered_m2=covered,
        rate=covered / area if measured else None,
        usual=usual_now(session, settings, scope_zone_id, now=now),
        worst=_worst(session, list(zones.values()), by_week, week) if zones else (),
        gaps=_gaps(session, week),
        points=_points(session, settings, week, now),
    )


def desk_now(session: Session, *, now: datetime) -> Desk:
    """Return what waits for whoever runs the cases that the session sees."""
    return today_rows.desk(session, now, evidence_queue.count_open(session))


def _worst(
    session: Session, zones: Sequence[ZoneOn], areas: dict[int, tuple[float, float]], week: Window
) -> tuple[WorstZone, ...]:
    if not coverage.has_data(session, week):
        return ()
    finest = zones[-1].level
    rates = sorted(
        (areas[one.zone_id][1] / areas[one.zone_id][0], -areas[one.zone_id][0], one.code, one)
        for one in zones
        if one.level == finest and areas.get(one.zone_id, (0.0, 0.0))[0] > 0
    )
    holders = gap_rows.holders_on(session, week.to_on)
    return tuple(
        WorstZone(one.zone_id, one.code, one.name, rate, answerable(one.path, holders)[0])
        for rate, _, _, one in rates[:MOST_WORST]
    )


def _gaps(session: Session, week: Window) -> Gaps | None:
    report = gap_rows.report_at(session, week)
    if report is None:
        return None
    rows = today_rows.new_gaps(session, report[0], week.to_on, week.from_on - timedelta(days=1), MOST_NEW)
    return Gaps(
        today_rows.count_gaps(session, report[0]),
        rows[0].total if rows else 0,
        rows[0].total_m2 if rows else 0.0,
        tuple(NewGap(row.zone_id, row.code, row.name, row.area_m2, row.point_count) for row in rows),
    )


def _points(session: Session, settings: Settings, week: Window, now: datetime) -> DuePoints:
    zone = settings.zone_info
    return today_rows.due_points(
        session,
        since=day_start(week.from_on - timedelta(days=settings.history_days), zone),
        now=now,
        tomorrow=day_start(week.to_on + timedelta(days=1), zone),
        tracks_count=settings.probable_visits_count,
    )

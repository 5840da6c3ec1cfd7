"""Storing the demo city: once, into an empty deployment in demo mode, with its coverage and gaps computed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.windows import Window, day_start
from geoservice.services import covering, following, gap_reports, ground, tracking
from geoservice.services.covering import Covered
from geoservice.services.demo import changes, logins, loop, planning, rows
from geoservice.services.demo.city import SEED, DemoCity, make_city
from geoservice.services.demo.plane import LAT0, LON0
from geoservice.services.demo.shifts import DAYS
from geoservice.store import demo as store
from geoservice.store import device_days, run_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.config import Settings


@dataclass
class Seeded:
    """What was stored, and how many seconds each stage took."""

    counts: dict[str, int]
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass
class _Progress:
    tell: Callable[[int, str], None]
    seconds: dict[str, float] = field(default_factory=dict)
    stage: str = ""
    since: float = field(default_factory=monotonic)

    def enter(self, percent: int, stage: str) -> None:
        now = monotonic()
        if self.stage:
            self.seconds[self.stage] = round(self.seconds.get(self.stage, 0) + now - self.since, 2)
        self.stage, self.since = stage, now
        self.tell(percent, stage)


def seed(
    session: Session,
    settings: Settings,
    *,
    now: datetime,
    city: DemoCity | None = None,
    tell: Callable[[int, str], None] = lambda _percent, _stage: None,
) -> Seeded | None:
    """Make the city, unless it was made for `now` already, and store it; None, with nothing changed, where anything is stored.

    What lies beside the demo city would be taken for demo data, and be cleared with it.
    """
    if not store.is_empty(session):
        return None
    progress = _Progress(tell)
    progress.enter(0, "making")
    zone = settings.zone_info
    local = now.astimezone(zone)
    today = local.date()
    city = city or make_city(SEED, today, zone, local.time().replace(tzinfo=None))
    ground.ensure_deployment(session, settings, LON0, LAT0)
    store.mark_demo(session)
    ids = rows.Ids()
    progress.enter(20, "ground")
    rows.store_zones(session, city, ids, now, today)
    rows.store_exclusions(session, city, now)
    rows.store_streets(session, city, ids, now, today)
    rows.store_points(session, city, ids, now, today)
    progress.enter(27, "people")
    rows.store_people(session, city, ids)
    rows.store_contracts(session, city, ids, now, today)
    rows.store_patrols(session, city, ids, zone)
    rows.store_check_ins(session, city, ids, now)
    planning.store_setup(session, city, ids, today)
    logins.add_logins(session, city, ids)
    changes.store_changes(session, ids, today, by=None)
    progress.enter(30, "masks")
    ground.refresh_masks(session, settings)
    _store_fixes(session, settings, city, now, progress)
    covered = _cover(session, settings, today, now, progress)
    gaps = _report_gaps(session, settings, today, now, progress)
    progress.enter(95, "plans")
    plans = planning.make_plans(session, settings, today, now)
    progress.enter(96, "cases")
    looped = loop.tell_loop(session, settings, city, ids, now=now, seed=SEED)
    progress.enter(100, "done")
    return Seeded({**_counts(city, covered, gaps), "plans": plans, **looped}, progress.seconds)


def clear(session: Session) -> bool:
    """Remove the demo city and its users; False, with nothing changed, when what is stored is not marked as demo."""
    if not store.is_demo(session):
        return False
    store.remove(session)
    return True


def _store_fixes(
    session: Session, settings: Settings, city: DemoCity, now: datetime, progress: _Progress
) -> None:
    """Receive the fixes day by day, as they would have come."""
    fixes = city.fixes
    codes = np.array(fixes.device_codes, dtype=object)
    batch_id = rows.open_batch(session, "tracks", len(fixes.time_us), now)
    today = now.astimezone(settings.zone_info).date()
    for back in range(DAYS - 1, -1, -1):
        progress.enter(35 + 30 * (DAYS - 1 - back) // DAYS, "tracks")
        day = today - timedelta(days=back)
        start, end = (day_start(each, settings.zone_info) for each in (day, day + timedelta(days=1)))
        mine = (fixes.time_us >= start.timestamp() * 1e6) & (fixes.time_us < end.timestamp() * 1e6)
        part = tracking.Fixes(
            device=codes[fixes.device[mine]],
            time_us=fixes.time_us[mine],
            lon=fixes.lon[mine],
            lat=fixes.lat[mine],
            accuracy_m=fixes.accuracy_m[mine],
            speed_mps=fixes.speed_mps[mine],
            heading_deg=fixes.heading_deg[mine],
            mode=fixes.mode[mine].astype(np.int16),
        )
        tracking.receive(session, settings, part, source=rows.SOURCE, batch_id=batch_id, now=min(now, end))


def _cover(session: Session, settings: Settings, today: date, now: datetime, progress: _Progress) -> Covered:
    progress.enter(65, "covering")
    following.prepare(session, settings)
    days = device_days.waiting_days(session, None, None)
    run_id = run_rows.start_run(session, days[0] if days else today, today, now, None)
    total = Covered()
    for done, day in enumerate(days):
        progress.enter(65 + 20 * done // len(days), "covering")
        while covered := covering.cover_some(session, settings, day):
            total.add(covered)
    counts = asdict(total)
    refused = counts.pop("refused")
    run_rows.finish_run(session, run_id, counts, refused, now)
    return total


def _report_gaps(
    session: Session, settings: Settings, today: date, now: datetime, progress: _Progress
) -> int:
    found = 0
    for turn, days in enumerate(gap_reports.STANDARD_DAYS):
        progress.enter(85 + 5 * turn, "gaps")
        found += gap_reports.build(session, settings, Window.ending(today, days), now=now)
    return found


def _counts(city: DemoCity, covered: Covered, gaps: int) -> dict[str, int]:
    return {
        "zones": len(city.zones),
        "grid_cells": sum(zone.level == "grid" for zone in city.zones),
        "streets": len(city.street_lines),
        "points": len(city.places),
        "leaders": len(city.leaders),
        "contracts": len(city.contracts),
        "teams": len(city.teams),
        "patrols": len(city.patrols),
        "fixes": len(city.fixes.time_us),
        "check_ins": len(city.reports),
        "segments": covered.segments,
        "gaps": gaps,
    }

"""What coverage is usual at this hour: the median, at the same hour, of the last days of the same kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.domain.coverage import cover_segments
from geoservice.domain.usual import HOURS, cells_by_hour, usual_at
from geoservice.domain.windows import Window, microseconds_of
from geoservice.services.day_fixes import day_work, join_day, load_day
from geoservice.services.workdays import calendar
from geoservice.store import ground as ground_store
from geoservice.store import trend_rows
from geoservice.store import usual_rows as store
from geoservice.store.ground_tiles import ground_of_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.coverage import Tiles

WORKING_DAYS, DAYS_OFF = 10, 6
"""So many days of each kind are compared with, the last ones of which anything is known."""
DAYS_BACK = 60
STILL_OPEN = timedelta(days=3)
"""Tracks of younger days may still come: these are measured again."""
_HOUR_US = 3_600_000_000

Curves = dict[str, dict[str, list[float]]]
"""By scope ("" the whole city, else a zone's id) and day in ISO 8601: the rate by the end of each hour."""


@dataclass(frozen=True)
class Usual:
    """What is usual now. `rate`: None where no day is known. `by_hour`: the same at the end of each hour; `days` it rests on.

    It is the median over the last `WORKING_DAYS` working days (on a day off: the last `DAYS_OFF` days off) with tracks, by
    the city's own work calendar and within `DAYS_BACK` days, of the share of today's ground that tracks had covered by this
    time of the day, between full hours on a straight line. Tracks that came later count as if they had been there.
    """

    rate: float | None
    by_hour: tuple[float, ...]
    days: int
    is_working_day: bool


def usual_now(session: Session, settings: Settings, scope_zone_id: int | None, *, now: datetime) -> Usual:
    """Return what is usual at this moment on the ground of a scope, from the curves that are kept."""
    local = now.astimezone(settings.zone_info)
    known = calendar(session, settings)
    kept = store.newest(session).get("curves", {}).get(_key(scope_zone_id), {})
    working = known.is_working(local.date())
    most = WORKING_DAYS if working else DAYS_OFF
    days = [day for day in sorted(kept) if day < local.date().isoformat()]
    alike = [kept[day] for day in days if known.is_working(date.fromisoformat(day)) == working][-most:]
    by_hour = [usual_at(alike, hour) for hour in range(1, HOURS + 1)]
    passed = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(hours=1)
    return Usual(
        usual_at(alike, passed), tuple(rate for rate in by_hour if rate is not None), len(alike), working
    )


def days_wanted(session: Session, settings: Settings, today: date) -> list[date]:
    """Return the days before today to compare with, of both kinds."""
    known = calendar(session, settings)
    window = Window(today - timedelta(days=DAYS_BACK), today - timedelta(days=1))
    days = trend_rows.days_with_data(session, window)
    working = [day for day in days if known.is_working(day)][-WORKING_DAYS:]
    off = [day for day in days if not known.is_working(day)][-DAYS_OFF:]
    return sorted([*working, *off])


def is_due(session: Session, settings: Settings, today: date) -> bool:
    """Tell whether a day that is compared with, or somebody's ground, is not among what is kept."""
    if ground_store.read_deployment(session) is None:
        return False
    curves = store.newest(session).get("curves", {})
    wanted = {day.isoformat() for day in days_wanted(session, settings, today)}
    return any(not wanted <= set(curves.get(key, {})) for key in _keys(session))


def make_curves(
    session: Session, settings: Settings, today: date, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """Return the curves of the days to compare with as a job keeps them; must run in a session that sees everything.

    Older days are taken from what was kept before; all are measured on the ground of today.
    """
    before: Curves = store.newest(session).get("curves", {})
    grounds = {key: ground_of_all(session, today, zone_id) for key, zone_id in _keys(session).items()}
    curves: Curves = {key: {} for key in grounds}
    days = days_wanted(session, settings, today)
    for done, day in enumerate(days):
        name = day.isoformat()
        if day < today - STILL_OPEN and all(name in before.get(key, {}) for key in grounds):
            made = {key: before[key][name] for key in grounds}
        else:
            made = _measure(session, settings, day, grounds)
        for key, curve in made.items():
            curves[key][name] = curve
        if progress:
            progress(100 * (done + 1) // len(days))
    return {"curves": curves}


def _measure(
    session: Session, settings: Settings, day: date, grounds: Mapping[str, Tiles]
) -> dict[str, list[float]]:
    seen = _seen_by_hour(session, settings, day)
    found = {}
    for key, ground in grounds.items():
        cells = cells_by_hour(seen, ground)
        found[key] = [round(float(rate), 5) for rate in cells / max(ground.count(), 1)]
    return found


def _seen_by_hour(session: Session, settings: Settings, day: date) -> Tiles:
    """Return what was seen in each hour of a day, filled as the day's bitmaps are; slot: the hour a segment starts in."""
    work = day_work(session, settings, day)
    segments, _ = join_day(work, load_day(session, work, store.devices_of_day(session, day))[0])
    hours = np.clip((segments.start_us - microseconds_of(work.start)) // _HOUR_US, 0, HOURS - 1)
    return cover_segments(segments, hours.astype(np.int64), work.reach_m, work.grid.cell_m)


def _keys(session: Session) -> dict[str, int | None]:
    zones: list[int | None] = [None, *store.scope_zones(session)]
    return {_key(zone_id): zone_id for zone_id in zones}


def _key(zone_id: int | None) -> str:
    return "" if zone_id is None else str(zone_id)

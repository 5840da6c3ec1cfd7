"""The fixes of a day in metres and the segments they make: what its bitmaps, its facts and its hours are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.crs import to_metric
from geoservice.domain.tracks import Fixes, Limits, Segments, accept_fixes, join_fixes
from geoservice.domain.windows import day_start, microseconds_of
from geoservice.services.ground import read_grid
from geoservice.services.rules import limits_of, reach_of
from geoservice.store import fixes as store
from geoservice.store.copying import EPOCH_US

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.ground import Grid

_COLUMNS = {
    "device_id": np.int64, "recorded_us": np.int64, "lon": np.float64, "lat": np.float64,
    "accuracy_m": np.float32, "mode": np.int16,
}  # fmt: skip


@dataclass(frozen=True)
class DayWork:
    """What every step of covering a day needs to know."""

    day: date
    start: datetime
    end: datetime
    grid: Grid
    limits: Limits
    reach_m: dict[int, float]


def day_work(session: Session, settings: Settings, day: date) -> DayWork:
    """Return what covering a day needs to know, by the rules of now."""
    zone = settings.zone_info
    return DayWork(
        day, day_start(day, zone), day_start(day + timedelta(days=1), zone), read_grid(session),
        limits_of(settings), reach_of(settings),
    )  # fmt: skip


def load_day(
    session: Session, work: DayWork, devices: Sequence[int]
) -> tuple[Fixes, dict[str, NDArray[np.int64]]]:
    """Return the accepted fixes of a day in metres, sorted, with those just after midnight that a segment may reach.

    And by reason the device of every fix of the day that was refused.
    """
    rows = store.load_fixes(session, devices, work.start, work.end + timedelta(seconds=work.limits.max_gap_s))
    fixes = fixes_in_metres(work.grid.metric_epsg, rows, zero_us=EPOCH_US)
    keep, refused = accept_fixes(fixes, work.limits)
    today = fixes.time_us < microseconds_of(work.end)
    return fixes.take(keep), {reason: fixes.device[holds & today] for reason, holds in refused.items()}


def join_day(work: DayWork, fixes: Fixes) -> tuple[Segments, dict[str, NDArray[np.int64]]]:
    """Return the segments that start on the day, and the refused ones' devices by reason.

    One over midnight belongs to the day it starts on.
    """
    segments, refused = join_fixes(fixes.take(first_after(fixes, work.end)), work.limits)
    return segments.take(segments.start_us < microseconds_of(work.end)), refused


def first_after(fixes: Fixes, end: datetime) -> NDArray[np.bool_]:
    """Return which fixes (n,) are before `end` or the first of their device after it."""
    before = fixes.time_us < microseconds_of(end)
    previous = np.concatenate(([False], before[:-1] & (fixes.device[1:] == fixes.device[:-1])))[: len(before)]
    return before | previous


def fixes_in_metres(epsg: int, rows: NDArray[np.void], *, zero_us: int = 0) -> Fixes:
    """Return rows of fixes in a metric CRS, sorted by device and time; `zero_us`: where their time counts from, in µs since 1970."""
    columns = [rows[name].astype(kind) for name, kind in _COLUMNS.items()]
    device, time_us = columns[0], columns[1]
    if np.any((device[1:] < device[:-1]) | ((device[1:] == device[:-1]) & (time_us[1:] < time_us[:-1]))):
        order = np.lexsort((time_us, device))
        columns = [column[order] for column in columns]
    device, time_us, lon, lat, accuracy_m, mode = columns
    xy = to_metric(epsg, np.column_stack((lon, lat)))
    return Fixes(
        device,
        time_us + zero_us,
        np.ascontiguousarray(xy[:, 0]),
        np.ascontiguousarray(xy[:, 1]),
        accuracy_m,
        mode,
    )

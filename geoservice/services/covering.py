"""Fixes to day bitmaps: what is new is OR-ed in; where a segment may have vanished, the tiles it touched are made anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.coverage import Tiles, cover_segments, pack_keys, unpack_keys
from geoservice.domain.crs import to_metric
from geoservice.domain.kernels import capsule_keys
from geoservice.domain.tracks import Fixes, Limits, Segments, accept_fixes, join_fixes
from geoservice.domain.windows import day_start, instant_of, microseconds_of, split_by_day_and_period
from geoservice.services.ground import read_grid
from geoservice.services.rules import limits_of, period_starts, reach_of
from geoservice.services.sighting import sight
from geoservice.store import bitmaps, device_days, gap_rows
from geoservice.store import fixes as store
from geoservice.store.copying import EPOCH_US

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.device_days import DeviceDay
    from geoservice.store.ground import Grid

# Devices covered in one transaction: bounds the memory, and what a killed job has to do again.
DEVICES_AT_ONCE = 250
_MODES = 8  # more than there are


_COLUMNS = {
    "device_id": np.int64, "recorded_us": np.int64, "lon": np.float64, "lat": np.float64,
    "accuracy_m": np.float32, "mode": np.int16,
}  # fmt: skip


@dataclass
class Covered:
    """What one computation did."""

    devices: int = 0
    fixes: int = 0
    segments: int = 0
    tiles: int = 0
    rebuilt: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def add(self, other: Covered) -> None:
        """Add another computation's counts to this one's."""
        for name in ("devices", "fixes", "segments", "tiles", "rebuilt"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for reason, count in other.refused.items():
            self.refused[reason] = self.refused.get(reason, 0) + count


@dataclass(frozen=True)
class _DayWork:
    """What every step of covering a day needs to know."""

    day: date
    start: datetime
    end: datetime
    grid: Grid
    limits: Limits
    reach_m: dict[int, float]


def cover_some(session: Session, settings: Settings, day: date) -> Covered | None:
    """Compute some of the devices that wait on `day`; None when none does, or others are at it.

    One call is one transaction's work: it either shows as a whole or, killed half-way, not at all and is done again.
    """
    device_days.join_covering(session)
    waiting = device_days.take(session, day, DEVICES_AT_ONCE)
    if not waiting:
        return None
    zone = settings.zone_info
    work = _DayWork(
        day, day_start(day, zone), day_start(day + timedelta(days=1), zone), read_grid(session),
        limits_of(settings), reach_of(settings),
    )  # fmt: skip
    devices = [one.device_id for one in waiting]
    fixes, unfit = _load(session, work, devices)
    segments, broken = _join(work, fixes)
    refused = {reason: _count(who) for reason, who in {**unfit, **broken}.items() if len(who)}
    # What streets and points show comes first: rows of bitmaps that others may want are held no longer than needed.
    street_refused = sight(session, settings, day, devices, segments)
    covered = Covered(len(waiting), len(fixes.time_us), len(segments.start_us))
    covered.refused = {reason: sum(by.values()) for reason, by in refused.items()}
    if any(one.dirty for one in waiting):
        _put_bits(session, settings, work, waiting, segments, covered)
    settled = [
        replace(
            one, refused=_of(one.device_id, refused), street_refused=street_refused.get(one.device_id, {})
        )
        for one in _settled(work, waiting, fixes, segments)
    ]
    device_days.settle(session, settled)
    return covered


def _put_bits(
    session: Session,
    settings: Settings,
    work: _DayWork,
    waiting: Sequence[DeviceDay],
    segments: Segments,
    covered: Covered,
) -> None:
    """Rebuild what a segment may have vanished from, OR the rest in, and count it."""
    anew = [one for one in waiting if one.rebuild]
    bitmaps.lock_week(session, work.day, alone=bool(anew))
    if anew:
        covered.rebuilt = _rebuild(session, settings, work, anew)
    fresh = _not_yet_covered(segments, waiting)
    if len(fresh.start_us):
        tiles = _fill(settings, work, fresh)
        covered.tiles = len(tiles)
        bitmaps.merge_days(session, tiles)
    gap_rows.mark_stale(session, work.day)


def _load(
    session: Session, work: _DayWork, devices: Sequence[int]
) -> tuple[Fixes, dict[str, NDArray[np.int64]]]:
    """Return the accepted fixes of a day in metres, sorted, with those just after midnight that a segment may reach.

    And by reason the device of every fix of the day that was refused.
    """
    rows = store.load_fixes(session, devices, work.start, work.end + timedelta(seconds=work.limits.max_gap_s))
    columns = [rows[name].astype(kind) for name, kind in _COLUMNS.items()]
    device, time_us = columns[0], columns[1]
    if np.any((device[1:] < device[:-1]) | ((device[1:] == device[:-1]) & (time_us[1:] < time_us[:-1]))):
        order = np.lexsort((time_us, device))
        columns = [column[order] for column in columns]
    device, time_us, lon, lat, accuracy_m, mode = columns
    xy = to_metric(work.grid.metric_epsg, np.column_stack((lon, lat)))
    fixes = Fixes(
        device,
        time_us + EPOCH_US,
        np.ascontiguousarray(xy[:, 0]),
        np.ascontiguousarray(xy[:, 1]),
        accuracy_m,
        mode,
    )
    keep, refused = accept_fixes(fixes, work.limits)
    today = fixes.time_us < microseconds_of(work.end)
    return fixes.take(keep), {reason: device[holds & today] for reason, holds in refused.items()}


def _join(work: _DayWork, fixes: Fixes) -> tuple[Segments, dict[str, NDArray[np.int64]]]:
    """Return the segments that start on the day, and the refused ones' devices by reason.

    One over midnight belongs to the day it starts on.
    """
    segments, refused = join_fixes(fixes.take(_first_after(fixes, microseconds_of(work.end))), work.limits)
    return segments.take(segments.start_us < microseconds_of(work.end)), refused


def _first_after(fixes: Fixes, end_us: int) -> NDArray[np.bool_]:
    """Return which fixes (n,) are before `end_us` or the first of their device after it."""
    before = fixes.time_us < end_us
    previous = np.concatenate(([False], before[:-1] & (fixes.device[1:] == fixes.device[:-1])))[: len(before)]
    return before | previous


def _not_yet_covered(segments: Segments, waiting: Sequence[DeviceDay]) -> Segments:
    """Return the segments that no bitmap holds yet: those of rebuilt devices were filled with the rebuild."""
    fresh = np.ones(len(segments.device), dtype=bool)
    for one in waiting:
        if one.rebuild or one.covered_through:
            low, high = np.searchsorted(segments.device, [one.device_id, one.device_id + 1])
            through = None if one.rebuild else one.covered_through
            fresh[low:high] = (
                False if through is None else segments.start_us[low:high] >= microseconds_of(through)
            )
    return segments.take(fresh)


def _fill(settings: Settings, work: _DayWork, segments: Segments) -> Tiles:
    ordinal, period = split_by_day_and_period(segments.start_us, settings.zone_info, period_starts(settings))
    return cover_segments(segments, bitmaps.day_slot(ordinal, period), work.reach_m, work.grid.cell_m)


def _touched(work: _DayWork, segments: Segments) -> dict[int, list[int]]:
    """Return the keys (slot 0) of the tiles that each device's segments touch, or nearly touch."""
    reach = np.full(len(segments.mode), max(work.reach_m.values()))
    keys = np.unique(
        capsule_keys(
            segments.ax, segments.ay, segments.bx, segments.by, reach, segments.device, work.grid.cell_m
        )
    )
    device, tx, ty = unpack_keys(keys)
    places = pack_keys(0, tx, ty)
    ids, starts = np.unique(device, return_index=True)
    if len(ids) == 0:
        return {}
    return {int(one): part.tolist() for one, part in zip(ids, np.split(places, starts[1:]), strict=True)}


def _rebuild(session: Session, settings: Settings, work: _DayWork, anew: Sequence[DeviceDay]) -> int:
    """Make the tiles that these devices touch or touched anew from all fixes there; return how many tiles.

    What remains of others is asked again too, since a bit does not say who set it.
    """
    devices = [one.device_id for one in anew]
    own, _ = _join(work, _load(session, work, devices)[0])
    where = np.unique(
        [key for keys in (*(one.tiles for one in anew), *_touched(work, own).values()) for key in keys]
    )
    where = where.astype(np.int64)
    everybody = sorted({*devices, *device_days.devices_on(session, work.day, where.tolist())})
    segments, _ = _join(work, _load(session, work, everybody)[0])
    tiles = _fill(settings, work, segments)
    inside = np.isin(pack_keys(0, tiles.tx, tiles.ty), where)
    _, tx, ty = unpack_keys(where)
    bitmaps.replace_days(session, work.day, np.column_stack((tx, ty)), tiles.take(inside))
    return len(where)


def _settled(
    work: _DayWork, waiting: Sequence[DeviceDay], fixes: Fixes, segments: Segments
) -> list[DeviceDay]:
    """Return the device days as they stand now; covered through the last fix that a segment could reach."""
    used = fixes.take(_first_after(fixes, microseconds_of(work.end)))
    last = np.flatnonzero(np.append(used.device[1:] != used.device[:-1], len(used.device) > 0))
    through = dict(zip(used.device[last].tolist(), used.time_us[last].tolist(), strict=True))
    counts = _count(segments.device)
    modes: dict[int, list[int]] = {}
    for pair in np.unique(segments.device * _MODES + segments.mode).tolist():
        modes.setdefault(pair // _MODES, []).append(pair % _MODES)
    touched = _touched(work, segments)
    return [
        replace(
            one,
            covered_through=instant_of(through[one.device_id]) if one.device_id in through else None,
            segment_count=counts.get(one.device_id, 0),
            modes=modes.get(one.device_id, []),
            tiles=touched.get(one.device_id, []),
        )
        for one in waiting
    ]


def _of(device: int, counts: dict[str, dict[int, int]]) -> dict[str, int]:
    return {reason: by[device] for reason, by in counts.items() if device in by}


def _count(devices: NDArray[np.int64]) -> dict[int, int]:
    """Return how often each device occurs."""
    ids, counts = np.unique(devices, return_counts=True)
    return dict(zip(ids.tolist(), counts.tolist(), strict=True))

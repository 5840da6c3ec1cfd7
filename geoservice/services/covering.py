"""Fixes to day bitmaps: what is new is OR-ed in; where a segment may have vanished, the tiles it touched are made anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.coverage import cover_segments, pack_keys, unpack_keys
from geoservice.domain.kernels import capsule_keys
from geoservice.domain.windows import instant_of, microseconds_of, split_by_day_and_period
from geoservice.services.day_fixes import DayWork, day_work, first_after, join_day, load_day
from geoservice.services.rules import period_starts
from geoservice.services.sighting import sight
from geoservice.store import bitmaps, device_days, gap_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.coverage import Tiles
    from geoservice.domain.tracks import Fixes, Segments
    from geoservice.store.device_days import DeviceDay

# Devices covered in one transaction: bounds the memory, and what a killed job has to do again.
DEVICES_AT_ONCE = 250
_MODES = 8  # more than there are


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


def cover_some(session: Session, settings: Settings, day: date) -> Covered | None:
    """Compute some of the devices that wait on `day`; None when none does, or others are at it.

    One call is one transaction's work: it either shows as a whole or, killed half-way, not at all and is done again.
    """
    device_days.join_covering(session)
    waiting = device_days.take(session, day, DEVICES_AT_ONCE)
    if not waiting:
        return None
    work = day_work(session, settings, day)
    devices = [one.device_id for one in waiting]
    fixes, unfit = load_day(session, work, devices)
    segments, broken = join_day(work, fixes)
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
    work: DayWork,
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


def _fill(settings: Settings, work: DayWork, segments: Segments) -> Tiles:
    ordinal, period = split_by_day_and_period(segments.start_us, settings.zone_info, period_starts(settings))
    return cover_segments(segments, bitmaps.day_slot(ordinal, period), work.reach_m, work.grid.cell_m)


def _touched(work: DayWork, segments: Segments) -> dict[int, list[int]]:
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


def _rebuild(session: Session, settings: Settings, work: DayWork, anew: Sequence[DeviceDay]) -> int:
    """Make the tiles that these devices touch or touched anew from all fixes there; return how many tiles.

    What remains of others is asked again too, since a bit does not say who set it.
    """
    devices = [one.device_id for one in anew]
    own, _ = join_day(work, load_day(session, work, devices)[0])
    where = np.unique(
        [key for keys in (*(one.tiles for one in anew), *_touched(work, own).values()) for key in keys]
    )
    where = where.astype(np.int64)
    everybody = sorted({*devices, *device_days.devices_on(session, work.day, where.tolist())})
    segments, _ = join_day(work, load_day(session, work, everybody)[0])
    tiles = _fill(settings, work, segments)
    inside = np.isin(pack_keys(0, tiles.tx, tiles.ty), where)
    _, tx, ty = unpack_keys(where)
    bitmaps.replace_days(session, work.day, np.column_stack((tx, ty)), tiles.take(inside))
    return len(where)


def _settled(
    work: DayWork, waiting: Sequence[DeviceDay], fixes: Fixes, segments: Segments
) -> list[DeviceDay]:
    """Return the device days as they stand now; covered through the last fix that a segment could reach."""
    used = fixes.take(first_after(fixes, work.end))
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

"""The cleaned tracks of patrols: what is left of their positions once jumps, silences and bad fixes are out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.crs import to_lonlat
from geoservice.domain.tracks import accept_fixes, join_fixes
from geoservice.domain.windows import instant_of, microseconds_of
from geoservice.services.day_fixes import fixes_in_metres
from geoservice.services.rules import limits_of
from geoservice.store import patrol_facts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.tracks import Segments
    from geoservice.store.patrol_facts import Asked


@dataclass(frozen=True)
class Recorded:
    """What a patrol's devices recorded: segments sorted by device and time, in metres; how many fixes came only when it
    and its day were over, and the last of them when.
    """

    segments: Segments
    late_count: int
    late_at: datetime | None


def recorded(session: Session, settings: Settings, epsg: int, asked: Sequence[Asked]) -> dict[int, Recorded]:
    """Return by patrol what its devices recorded in its time.

    The fixes of all are read at once: ask for patrols of one day.
    """
    devices = sorted({device for one in asked for device in one.device_ids})
    if not devices:
        return {}
    rows = patrol_facts.fixes(
        session, devices, min(one.since for one in asked), max(one.before for one in asked)
    )
    segments = _segments(settings, epsg, rows)
    return {one.patrol_id: Recorded(_own(segments, one), *_late(rows, one)) for one in asked}


def _late(rows: NDArray[np.void], one: Asked) -> tuple[int, datetime | None]:
    before_us = microseconds_of(one.before)
    own = (rows["recorded_us"] >= microseconds_of(one.since)) & (rows["recorded_us"] < before_us)
    came_late = rows["received_us"] > microseconds_of(one.late_after)
    late = rows["received_us"][own & came_late & _is_of(one, rows["device_id"])]
    return len(late), instant_of(int(late.max())) if len(late) else None


def by_device(segments: Segments) -> dict[int, Segments]:
    """Return the segments of each device."""
    return {int(device): segments.take(segments.device == device) for device in np.unique(segments.device)}


def as_line(epsg: int, segments: Segments) -> shapely.MultiLineString:
    """Return one device's segments as a line in lon/lat, broken where nothing is known."""
    if not len(segments.start_us):
        return shapely.MultiLineString()
    runs = np.split(np.arange(len(segments.start_us)), np.flatnonzero(breaks(segments))[1:])
    lines = [_vertices(segments, run) for run in runs]
    metric = shapely.MultiLineString([line for line in lines if len(line) > 1])
    line: shapely.MultiLineString = to_lonlat(epsg, np.array([metric], dtype=object))[0]
    return line


def breaks(segments: Segments) -> NDArray[np.bool_]:
    """Return which segments (n,) of one device do not begin where the one before ends."""
    begins = np.ones(len(segments.start_us), dtype=bool)
    begins[1:] = segments.start_us[1:] != segments.end_us[:-1]
    return begins


def _vertices(segments: Segments, run: NDArray[np.int64]) -> NDArray[np.float64]:
    first = [(segments.ax[run[0]], segments.ay[run[0]])]
    return np.concatenate((first, np.column_stack((segments.bx[run], segments.by[run]))))


def _segments(settings: Settings, epsg: int, rows: NDArray[np.void]) -> Segments:
    fixes = fixes_in_metres(epsg, rows)
    keep, _ = accept_fixes(fixes, limits_of(settings))
    return join_fixes(fixes.take(keep), limits_of(settings))[0]


def _own(segments: Segments, one: Asked) -> Segments:
    inside = (segments.start_us >= microseconds_of(one.since)) & (
        segments.end_us < microseconds_of(one.before)
    )
    return segments.take(inside & _is_of(one, segments.device))


def _is_of(one: Asked, devices: NDArray[np.signedinteger]) -> NDArray[np.bool_]:
    """Tell which rows (n,) are of a patrol's devices: they are few, and comparing with each is quicker than any set."""
    found = np.zeros(len(devices), bool)
    for device_id in one.device_ids:
        found |= devices == device_id
    return found

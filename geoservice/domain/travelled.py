"""How far a device went, and when: standing still adds nothing, however much its positions wander."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.domain.tracks import Segments

STEP_M = 20.0
"""Positions wander by a few metres where nobody moves: only what leads this far from the last place counts."""

PIECE_M = 20.0


@dataclass(frozen=True)
class Travelled:
    """Metres gone, and the moments (µs since 1970 UTC) of the first and the last move; None: it never moved."""

    metres: float = 0.0
    began_us: int | None = None
    ended_us: int | None = None


def travelled(segments: Segments, step_m: float = STEP_M) -> Travelled:
    """Return how far one device went, its segments sorted by time. Nothing is added over a break in its line."""
    metres, began_us, ended_us = 0.0, None, None
    last_end_us = None
    at_x = at_y = 0.0
    columns = (segments.start_us, segments.end_us, segments.ax, segments.ay, segments.bx, segments.by)
    for start_us, end_us, ax, ay, bx, by in zip(*(column.tolist() for column in columns), strict=True):
        if start_us != last_end_us:
            at_x, at_y = ax, ay
        last_end_us = end_us
        moved = hypot(bx - at_x, by - at_y)
        if moved >= step_m:
            metres += moved
            began_us = start_us if began_us is None else began_us
            at_x, at_y, ended_us = bx, by, end_us
    return Travelled(metres, began_us, ended_us)


def followed_m(line: BaseGeometry, segments: Segments, reach_m: float) -> float:
    """Return how many metres of a planned line (metric) some segment comes within reach of, in pieces of at most PIECE_M."""
    xy = shapely.get_coordinates(shapely.segmentize(line, PIECE_M))
    if len(xy) < 2 or not len(segments.ax):
        return 0.0
    ends = np.stack(
        (np.column_stack((segments.ax, segments.ay)), np.column_stack((segments.bx, segments.by))), axis=1
    )
    gone = shapely.multilinestrings(np.asarray(shapely.linestrings(ends), dtype=object))
    shapely.prepare(gone)
    near = shapely.dwithin(gone, shapely.points((xy[:-1] + xy[1:]) / 2), reach_m)
    return float(np.hypot(*np.diff(xy, axis=0).T)[near].sum())


def near_spans(near: NDArray[np.bool_], segments: Segments, join_s: float) -> list[tuple[int, int]]:
    """Return when one device was near something, `near` (n,) telling of each of its segments; absences up to `join_s` joined."""
    spans: list[tuple[int, int]] = []
    for index in np.flatnonzero(near).tolist():
        start_us, end_us = int(segments.start_us[index]), int(segments.end_us[index])
        if spans and start_us - spans[-1][1] <= join_s * 1e6:
            spans[-1] = (spans[-1][0], end_us)
        else:
            spans.append((start_us, end_us))
    return spans

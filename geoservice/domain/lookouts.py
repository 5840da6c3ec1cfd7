"""Where a patrol could look into the gaps from: places to stand, stretches of street, and ways across open ground.

Everything is in metres of the metric CRS.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

# A detour is at most this long one way; shorter ones are offered beside it.
DETOUR_LENGTHS_M = (400.0, 200.0, 100.0)
# Lines are looked at every so many reaches: fine enough that no gap worth a stop is stepped over.
_STEP_REACHES = 1 / 3
# From further away than this share of the reach too little of a gap is seen to go there for it.
_NEAR_REACHES = 0.8
# Side by side, ways across open ground see strips that just overlap.
_STRIP_REACHES = 1.8
NO_STREET = -1


@dataclass(frozen=True)
class Way:
    """A line (m, 2) from which gaps are seen all along; `street` numbers the street it follows, or is NO_STREET."""

    xy: NDArray[np.float64]
    street: int


def ways_along(
    streets: Sequence[NDArray[np.float64]], cells_xy: NDArray[np.float64], reach_m: float
) -> list[Way]:
    """Return the stretches of the streets, each a line (m, 2), that lie near the unseen cells (n, 2)."""
    tree = cKDTree(cells_xy)
    found: list[Way] = []
    for number, line in enumerate(streets):
        along = _distances(line)
        at = _evenly(float(along[-1]), reach_m * _STEP_REACHES)
        distance, _ = tree.query(_interpolate(line, along, at), distance_upper_bound=_NEAR_REACHES * reach_m)
        for first, last in _runs(np.isfinite(distance)):
            found.append(Way(cut_line(line, float(at[first]), float(at[last])), number))
    return found


def far_from(
    streets: Sequence[NDArray[np.float64]], xy: NDArray[np.float64], reach_m: float
) -> NDArray[np.bool_]:
    """Return which places (n, 2) no street (m, 2) comes within reach of."""
    samples = [
        _interpolate(line, along := _distances(line), _evenly(float(along[-1]), reach_m * _STEP_REACHES))
        for line in streets
    ]
    if not samples:
        return np.ones(len(xy), dtype=bool)
    distance, _ = cKDTree(np.concatenate(samples)).query(xy, distance_upper_bound=reach_m)
    is_far: NDArray[np.bool_] = np.isinf(distance)
    return is_far


def ways_across(
    column: NDArray[np.int64], row: NDArray[np.int64], cell_m: float, reach_m: float, min_area_m2: float
) -> Iterator[Way]:
    """Yield straight ways through the cells of a gap that no street comes near: along the long axis of each part.

    They lead through unseen cells only, so over no excluded ground. Parts smaller than `min_area_m2` are not worth one.
    """
    if len(column) * cell_m**2 < min_area_m2:
        return
    xy = np.column_stack((column + 0.5, row + 0.5)) * cell_m
    raster = np.zeros((int(np.ptp(row)) + 1, int(np.ptp(column)) + 1), dtype=bool)
    raster[row - row.min(), column - column.min()] = True
    part = ndimage.label(raster, structure=np.ones((3, 3)))[0][row - row.min(), column - column.min()]
    sizes = np.bincount(part)
    for label in np.flatnonzero(sizes[1:] * cell_m**2 >= min_area_m2) + 1:
        yield from _strips(xy[part == label], cell_m, reach_m)


def _strips(xy: NDArray[np.float64], cell_m: float, reach_m: float) -> Iterator[Way]:
    """Yield the ways through one part (n, 2): runs of its cells along lines parallel to its long axis."""
    centre = xy.mean(axis=0)
    axis = np.linalg.eigh(np.cov((xy - centre).T))[1][:, -1] if len(xy) > 2 else np.array([1.0, 0.0])
    normal = np.array([-axis[1], axis[0]])
    along, across = (xy - centre) @ axis, (xy - centre) @ normal
    width = float(np.ptp(across))
    strips = max(1, math.ceil(width / (_STRIP_REACHES * reach_m)))
    for strip in range(strips):
        offset = across.min() + width * (strip + 0.5) / strips
        on_line = np.sort(along[np.abs(across - offset) <= cell_m])
        if len(on_line) == 0:
            continue
        breaks = np.flatnonzero(np.diff(on_line) > 2 * cell_m) + 1
        for run in np.split(on_line, breaks):
            ends = np.array([run[0], run[-1] if run[-1] > run[0] else run[0] + cell_m])
            yield Way(centre + offset * normal + ends[:, None] * axis, NO_STREET)


def stops_on(way: Way, spacing_m: float) -> list[Way]:
    """Return places to stand on a way, each a line of one position, no further apart than `spacing_m`."""
    along = _distances(way.xy)
    places = _interpolate(way.xy, along, _evenly(float(along[-1]), spacing_m))
    return [Way(place[None, :], way.street) for place in places]


def detours_on(way: Way) -> list[Way]:
    """Return stretches of a way, in equal parts of each of the detours' lengths or less."""
    length = float(_distances(way.xy)[-1])
    counts = {max(1, math.ceil(length / longest)) for longest in DETOUR_LENGTHS_M}
    return [
        Way(cut_line(way.xy, length * part / count, length * (part + 1) / count), way.street)
        for count in sorted(counts)
        for part in range(count)
    ]


def line_length(xy: NDArray[np.float64]) -> float:
    """Return the length of a line (m, 2); 0 of a single position."""
    return float(_distances(xy)[-1])


def cut_line(xy: NDArray[np.float64], start_m: float, end_m: float) -> NDArray[np.float64]:
    """Return the part of a line between two distances along it."""
    along = _distances(xy)
    inside = (along > start_m) & (along < end_m)
    ends = _interpolate(xy, along, np.array([start_m, end_m]))
    return np.concatenate((ends[:1], xy[inside], ends[1:]))


def _distances(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    steps = np.hypot(*np.diff(xy, axis=0).T)
    return np.concatenate(([0.0], np.cumsum(steps)))


def _interpolate(
    xy: NDArray[np.float64], along: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.column_stack((np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])))


def _evenly(length_m: float, step_m: float) -> NDArray[np.float64]:
    return np.linspace(0.0, length_m, max(2, math.ceil(length_m / step_m) + 1))


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (first, last) of each run of at least two that hold."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= 2]

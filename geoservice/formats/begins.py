"""Where shapes begin, read off their WKB: a million shapes need not be made to know where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Type of shape → the bytes before its first x: after its type, counts of parts, rings or vertices, each part with a type again.
BEFORE_X = {1: 5, 2: 9, 3: 13, 4: 14, 5: 18, 6: 22}
# Where these counts stand; none is 0 where there is a first x.
COUNTS_AT: dict[int, tuple[int, ...]] = {1: (), 2: (5,), 3: (5, 9), 4: (5,), 5: (5, 14), 6: (5, 14, 18)}
PLACE_BYTES, SMALLEST_BYTES = 16, 5


def first_places(wkb: NDArray[np.uint8], lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """The first place (n, 2) of each shape that has one; `wkb` holds them all, 2D, one of each of `lengths` (below 0: none)."""
    sizes = lengths[lengths > 0]
    starts = np.cumsum(sizes) - sizes
    if (sizes < SMALLEST_BYTES).any() or int(sizes.sum()) != len(wkb):
        raise ValueError("geometry of another length")
    kinds = np.where(wkb[starts] == 1, _whole(wkb, starts + 1), 0)
    found = np.full((len(sizes), 2), np.nan)
    for kind, before in BEFORE_X.items():
        there = np.flatnonzero((kinds == kind) & (sizes >= before + PLACE_BYTES))
        for count_at in COUNTS_AT[kind]:
            there = there[_whole(wkb, starts[there] + count_at) > 0]
        found[there] = _bytes_at(wkb, starts[there] + before, PLACE_BYTES).view("<f8")
    for index in np.flatnonzero(np.isnan(found).any(axis=1) & (kinds != 1)).tolist():
        shape = shapely.from_wkb(
            wkb[starts[index] : starts[index] + sizes[index]].tobytes(), on_invalid="ignore"
        )
        found[index] = next(iter(shapely.get_coordinates(shape)), np.nan)
    return np.asarray(found[np.isfinite(found).all(axis=1)])


def _whole(wkb: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.uint32]:
    return np.asarray(_bytes_at(wkb, places, 4).view("<u4")[:, 0])


def _bytes_at(wkb: NDArray[np.uint8], places: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """So many bytes from each place on, (n, count)."""
    return np.ascontiguousarray(wkb[places[:, None] + np.arange(count)])

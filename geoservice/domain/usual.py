"""How a day's coverage grows from hour to hour, and what of it is usual at an hour of the day."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.coverage import bits_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geoservice.domain.coverage import Tiles

HOURS = 24


def cells_by_hour(seen: Tiles, ground: Tiles) -> NDArray[np.int64]:
    """Return (24,) how many cells of the ground had been seen by the end of each hour.

    `seen` has a tile for each hour (slot 0 to 23) and place in which anything was seen in that hour; `ground` slot 0.
    """
    order = np.lexsort((seen.slot, seen.ty, seen.tx))
    tiles = seen.take(order)
    bits = tiles.bits & bits_at(ground, 0, tiles.tx, tiles.ty)
    fresh = np.zeros(HOURS, np.int64)
    places = np.flatnonzero(np.diff(tiles.tx, prepend=0) | np.diff(tiles.ty, prepend=0))
    for rows in np.split(np.arange(len(tiles)), places[places > 0]):
        known = np.bitwise_or.accumulate(bits[rows], axis=0)
        counts = np.bitwise_count(known).sum(axis=1, dtype=np.int64)
        np.add.at(fresh, tiles.slot[rows], np.diff(counts, prepend=0))
    return np.cumsum(fresh)


def rate_at(curve: Sequence[float], hours: float) -> float:
    """Return the rate so many hours into the day, on the straight line between those at full hours."""
    return float(np.interp(hours, np.arange(HOURS + 1), [0.0, *curve]))


def usual_at(curves: Sequence[Sequence[float]], hours: float) -> float | None:
    """Return the median of several days so many hours into each; None of no day."""
    return median(rate_at(curve, hours) for curve in curves) if curves else None

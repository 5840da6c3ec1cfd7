"""Places on the square of web maps, by tile: which lie in one, and how to put those together that would lie upon one another.

Web Mercator as tiles have it: x from 0 in the west to 1 in the east, y from 0 in the north to 1 in the south. A tile of zoom z is
a side of 2^-z.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEEPEST = 20
STEEPEST = 85.05112878
"""The latitude at which the square ends."""


@dataclass(frozen=True)
class Groups:
    """Places put together by cells of a tile; `members` (n,) the number of each place's group, `counts` (g,) how many are in it."""

    members: NDArray[np.int64]
    counts: NDArray[np.int64]


def on_square(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (n,) x and y of places; those beyond the square lie on its edge."""
    angle = np.radians(np.clip(lat, -STEEPEST, STEEPEST))
    y = (1 - np.arcsinh(np.tan(angle)) / np.pi) / 2
    end = np.nextafter(1.0, 0.0)
    return np.clip(lon / 360 + 0.5, 0.0, end), np.clip(y, 0.0, end)


def in_tile(
    x: NDArray[np.float64], y: NDArray[np.float64], zoom: int, column: int, row: int
) -> NDArray[np.int64]:
    """Return which places lie in a tile; each lies in exactly one of a zoom."""
    return np.flatnonzero((_cell(x, zoom, 1) == column) & (_cell(y, zoom, 1) == row))


def roomy_from(x: NDArray[np.float64], y: NDArray[np.float64], most: int) -> int:
    """Return the first zoom at which no tile holds more than `most` places; the deepest where some always does."""
    for zoom in range(DEEPEST):
        tiles = _cell(x, zoom, 1) << zoom | _cell(y, zoom, 1)
        if len(tiles) <= most or np.unique(tiles, return_counts=True)[1].max() <= most:
            return zoom
    return DEEPEST


def group(x: NDArray[np.float64], y: NDArray[np.float64], zoom: int, side: int) -> Groups:
    """Put places together that lie in one of the `side` × `side` cells of their tile."""
    cells = _cell(x, zoom, side) * (side << zoom) + _cell(y, zoom, side)
    _, members, counts = np.unique(cells, return_inverse=True, return_counts=True)
    return Groups(members, counts)


def _cell(along: NDArray[np.float64], zoom: int, side: int) -> NDArray[np.int64]:
    return (along * (side << zoom)).astype(np.int64)

"""How long ago ground was last seen, in bands of days, and as an image in the projection of web maps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.coverage import pack_keys
from geoservice.domain.crs import to_metric
from geoservice.domain.kernels import SIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geoservice.domain.coverage import Tiles

# A band holds what was seen within so many days, today included, and not within fewer; the last band what never was.
BAND_DAYS = (1, 7, 30, 90, 365)
NO_BAND = 255
# Pixels are placed exactly on a grid this many apart, and between them in proportion: centimetres wrong at most.
_EXACT_EVERY = 32
# The sphere of web maps (EPSG:3857).
_SPHERE_M = 6_378_137.0


def band_days(history_days: int) -> tuple[int, ...]:
    """Return the bands' days for a history of this length, which the last of them is."""
    return (*(days for days in BAND_DAYS if days < history_days), history_days)


def median_band(areas: Sequence[float]) -> int | None:
    """Return the band up to which half of the area was seen, areas from the newest band on; None: there is no area."""
    half = sum(areas) / 2
    if half <= 0:
        return None
    return int(np.searchsorted(np.cumsum(areas), half))


@dataclass(frozen=True)
class PixelGrid:
    """An image in web Mercator metres: its west and north edges, the side of its pixels, how many there are.

    Row 0 is the northernmost.
    """

    west: float
    north: float
    pixel: float
    width: int
    height: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        corners = np.array(
            [
                (self.west, self.north - self.height * self.pixel),
                (self.west + self.width * self.pixel, self.north),
            ]
        )
        (west, south), (east, north) = mercator_to_lonlat(corners).tolist()
        return west, south, east, north


def lonlat_to_mercator(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees (n, 2) → web Mercator metres (n, 2)."""
    lon, lat = np.radians(lonlat.T)
    return np.column_stack((lon, np.arctanh(np.sin(lat)))) * _SPHERE_M


def mercator_to_lonlat(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Web Mercator metres (n, 2) → degrees (n, 2)."""
    x, y = xy.T / _SPHERE_M
    lonlat: NDArray[np.float64] = np.degrees(np.column_stack((x, np.arcsin(np.tanh(y)))))
    return lonlat


def lay_pixels(bounds: tuple[float, float, float, float], cell_m: float, max_pixels: int) -> PixelGrid:
    """Return the image over west, south, east, north in degrees: pixels as large as cells, or larger to be few enough."""
    (west, south), (east, north) = lonlat_to_mercator(np.array(bounds).reshape(2, 2)).tolist()
    pixel = cell_m / math.cos(math.radians((bounds[1] + bounds[3]) / 2))
    pixel = max(pixel, math.sqrt((east - west) * (north - south) / max_pixels))
    while True:
        width, height = (max(1, math.ceil(side / pixel)) for side in (east - west, north - south))
        if width * height <= max(max_pixels, 1):
            return PixelGrid(west, north, pixel, width, height)
        pixel *= 1.01


def cells_under(
    grid: PixelGrid, metric_epsg: int, cell_m: float
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the world row and column (height, width) of the cell under the middle of each pixel."""
    rows, columns = _exact_lines(grid.height), _exact_lines(grid.width)
    across, down = np.meshgrid(grid.west + columns * grid.pixel, grid.north - rows * grid.pixel)
    exact = to_metric(metric_epsg, mercator_to_lonlat(np.column_stack((across.ravel(), down.ravel()))))
    x, y = (_between(exact[:, axis].reshape(across.shape), grid) for axis in (0, 1))
    return np.floor(y / cell_m).astype(np.int32), np.floor(x / cell_m).astype(np.int32)


def _exact_lines(count: int) -> NDArray[np.float64]:
    """Return the middles of every so many pixels, in pixels from the edge; the last lies behind the image."""
    lines: NDArray[np.float64] = np.arange(math.ceil(count / _EXACT_EVERY) + 1, dtype=np.float64)
    return lines * _EXACT_EVERY + 0.5


def _between(exact: NDArray[np.float64], grid: PixelGrid) -> NDArray[np.float64]:
    """Fill in the pixels between those that are placed exactly."""
    row, down = np.divmod(np.arange(grid.height), _EXACT_EVERY)
    column, right = np.divmod(np.arange(grid.width), _EXACT_EVERY)
    down_share, right_share = (down / _EXACT_EVERY)[:, None], (right / _EXACT_EVERY)[None, :]
    edges = exact[row] * (1 - down_share) + exact[row + 1] * down_share
    placed: NDArray[np.float64] = edges[:, column] * (1 - right_share) + edges[:, column + 1] * right_share
    return placed


def cells_set(tiles: Tiles, row: NDArray[np.int32], column: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell of each world cell (any shape) whether it is set in `tiles`, all of one slot."""
    if len(tiles) == 0:
        return np.zeros(row.shape, dtype=bool)
    order = np.argsort(pack_keys(0, tiles.tx, tiles.ty))
    keys = pack_keys(0, tiles.tx, tiles.ty)[order]
    wanted = pack_keys(0, column // SIDE, row // SIDE)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    in_row = column % SIDE
    byte = tiles.bits[order[place], row % SIDE * (SIDE // 8) + in_row // 8]
    is_set: NDArray[np.bool_] = (keys[place] == wanted) & ((byte >> (7 - in_row % 8)) & 1).astype(bool)
    return is_set

"""Days since ground was last seen: how much of each zone in each band of days, and an image of it for the map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.ages import NO_BAND, band_days, cells_set, cells_under, lay_pixels, median_band
from geoservice.domain.crs import to_lonlat
from geoservice.domain.kernels import SIDE
from geoservice.domain.windows import Period, Window
from geoservice.services.ground import read_grid
from geoservice.services.trends import areas_by_bucket
from geoservice.store import age_rows, bitmaps
from geoservice.store import ground as ground_store

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.coverage import Tiles
    from geoservice.store.ground import Grid

MOST_PIXELS = 2_000_000
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class ZoneAges:
    """A zone's ground less what is excluded, m² by band: seen within each of `days` and not within fewer, then never.

    `median`: the band up to which half of the ground was seen; None without ground, or where nothing at all is known.
    """

    zone_id: int
    days: tuple[int, ...]
    areas_m2: tuple[float, ...]
    median: int | None


@dataclass(frozen=True)
class AgeRaster:
    """The band of each pixel (height, width) in web Mercator, row 0 in the north; NO_BAND outside the ground asked for.

    `bounds`: west, south, east, north in degrees. Band i: last seen within `days[i]` days and not within fewer; the
    one after the last: never within the history.
    """

    bands: NDArray[np.uint8]
    bounds: Bounds
    days: tuple[int, ...]


def zone_ages(
    session: Session,
    settings: Settings,
    on: date,
    *,
    zone_ids: Collection[int] | None = None,
    period: Period | None = None,
) -> list[ZoneAges]:
    """Return the bands of every zone, or of `zone_ids`, as of a day with its borders; the bands add up to the zone."""
    if ground_store.read_deployment(session) is None:
        return []
    days = band_days(settings.history_days)
    windows = [replace(Window.ending(on, count), period=period) for count in days]
    known = bitmaps.has_data(session, windows[-1])
    found = []
    for zone_id, areas in areas_by_bucket(session, settings, windows, zone_ids):
        seen = np.array([covered for _, covered in areas])
        bands = (*np.diff(seen, prepend=0.0).tolist(), areas[-1][0] - seen[-1].item())
        found.append(ZoneAges(zone_id, days, bands, median_band(bands) if known else None))
    return found


def age_raster(  # noqa: PLR0913 - which ground, when and how finely
    session: Session,
    settings: Settings,
    on: date,
    *,
    bounds: Bounds | None = None,
    zone_ids: Collection[int] | None = None,
    period: Period | None = None,
    max_pixels: int = MOST_PIXELS,
) -> AgeRaster | None:
    """Return the image of the zones (None: all), or of what of them lies in `bounds`; None where there is no ground.

    A pixel is a cell, or larger where these would be more than `max_pixels`; it shows the cell under its middle.
    """
    if ground_store.read_deployment(session) is None:
        return None
    grid = read_grid(session)
    ground = age_rows.ground_of(session, on, zone_ids)
    if len(ground) == 0 or not ground.bits.any():
        return None
    around = bounds_around(grid, ground)
    shown = around if bounds is None else _overlap(bounds, around)
    if shown is None:
        return None
    pixels = lay_pixels(shown, grid.cell_m, max_pixels)
    row, column = cells_under(pixels, grid.metric_epsg, grid.cell_m)
    days = band_days(settings.history_days)
    bands = np.where(cells_set(ground, row, column), np.uint8(len(days)), np.uint8(NO_BAND))
    where = _tiles_under(ground, row, column)
    newest = 0
    for band, oldest in enumerate(days):
        window = Window(on - timedelta(days=oldest - 1), on - timedelta(days=newest), period)
        seen = cells_set(bitmaps.seen_in(session, window, where), row, column)
        bands[seen & (bands == len(days))] = band
        newest = oldest
    return AgeRaster(bands, pixels.bounds, days)


def _tiles_under(ground: Tiles, row: NDArray[np.int32], column: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return (n, 2) tx, ty of the tiles of the ground within the rows and columns of an image."""
    across = (ground.tx >= column.min() // SIDE) & (ground.tx <= column.max() // SIDE)
    up = (ground.ty >= row.min() // SIDE) & (ground.ty <= row.max() // SIDE)
    tiles: NDArray[np.int64] = np.column_stack((ground.tx, ground.ty))[across & up].astype(np.int64)
    return tiles


def _overlap(one: Bounds, other: Bounds) -> Bounds | None:
    """Return what two boxes share; None: nothing."""
    shared = (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    return shared if shared[0] < shared[2] and shared[1] < shared[3] else None


def bounds_around(grid: Grid, ground: Tiles) -> Bounds:
    """Return west, south, east, north in degrees around the cells that are set."""
    bits = ground.bits.reshape(-1, SIDE, SIDE // 8)
    tile, row = np.nonzero(bits.any(axis=2))
    rows = ground.ty[tile].astype(np.int64) * SIDE + row
    tile, column = np.nonzero(np.unpackbits(np.bitwise_or.reduce(bits, axis=1), axis=1))
    columns = ground.tx[tile].astype(np.int64) * SIDE + column
    # A straight edge is bowed in degrees: several places along each.
    x = np.linspace(columns.min(), columns.max() + 1, 33) * grid.cell_m
    y = np.linspace(rows.min(), rows.max() + 1, 33) * grid.cell_m
    rim = [np.column_stack(np.broadcast_arrays(x, edge)) for edge in (y[0], y[-1])]
    rim += [np.column_stack(np.broadcast_arrays(edge, y)) for edge in (x[0], x[-1])]
    lonlat = to_lonlat(grid.metric_epsg, np.concatenate(rim))
    (west, south), (east, north) = lonlat.min(axis=0).tolist(), lonlat.max(axis=0).tolist()
    return west, south, east, north

"""Which polygons the deployment's raster can hold: one that spans a continent would fill the memory with tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.crs import to_metric
from geoservice.domain.kernels import SIDE
from geoservice.services import ground

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing.flow import Report
    from geoservice.services.importing.row_list import Row
    from geoservice.store.ground import Grid

# Tiles in the box around a polygon, 8 KB each while its mask is made: at 5 m a box of 490 km by 490 km.
MOST_TILES = 150_000
# A box this small is, in metres, nowhere near twice as large as its corners say, nor near so many tiles.
SMALL_DEGREES = 0.1
# Straight in degrees is bent in metres: an edge of the box around everything is looked at in so many places.
EDGE_PARTS = 32


def keep_measurable(
    session: Session, settings: Settings, polygons: list[tuple[Row, BaseGeometry]], report: Report
) -> list[int]:
    """`measurable` of rows and their polygons; at the first data this chooses the raster, by where most of them lie."""
    if not polygons:
        return []
    shapes = np.array([shape for _, shape in polygons], dtype=object)
    boxes = shapely.bounds(shapes)
    grid = grid_of_most(session, settings, (boxes[:, :2] + boxes[:, 2:]) / 2)
    assert grid is not None
    return measurable(grid, shapes, lambda index: polygons[index][0], report)


def grid_of_most(session: Session, settings: Settings, places: NDArray[np.float64]) -> Grid | None:
    """The deployment's raster; at the first data it is chosen by where most places (n, 2) lie. None where there is none."""
    if not len(places):
        return None
    lon, lat = np.median(places, axis=0)
    return ground.ensure_deployment(session, settings, float(lon), float(lat))


def measurable(
    grid: Grid, shapes: NDArray[np.object_], row_of: Callable[[int], Row], report: Report
) -> list[int]:
    """Indexes of the polygons (4326) that the raster can hold; the others are rejected."""
    if not len(shapes):
        return []
    boxes = shapely.bounds(shapes)
    if _whole_fits(boxes, grid):
        return list(range(len(boxes)))
    fits: NDArray[np.bool_] = np.asarray((boxes[:, 2:] - boxes[:, :2] < SMALL_DEGREES).all(axis=1))
    fits[fits] = _fit(_by_corners(boxes[fits], grid), grid)
    if not fits.all():
        fits[~fits] = _fit(_measured(shapes[~fits], grid), grid)
    for index in np.flatnonzero(~fits).tolist():
        size = " ".join(f"{value:.4g}" for value in shapes[index].bounds)
        report.rejected.append(row_of(index).problem("zone_too_large", "geometry", size, most=MOST_TILES))
    return [int(index) for index in np.flatnonzero(fits)]


def _whole_fits(boxes: NDArray[np.float64], grid: Grid) -> bool:
    """Whether a box around them all fits: then so does each."""
    around = shapely.box(*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
    edge = max(around.bounds[2] - around.bounds[0], around.bounds[3] - around.bounds[1]) / EDGE_PARTS
    return bool(_fit(_measured(np.array([shapely.segmentize(around, edge)], dtype=object), grid), grid)[0])


def _by_corners(boxes: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """Boxes (n, 4) in metres, from the corners of the boxes in degrees."""
    corners = to_metric(grid.metric_epsg, boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)).reshape(-1, 4, 2)
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


def _measured(shapes: NDArray[np.object_], grid: Grid) -> NDArray[np.float64]:
    """Boxes (n, 4) in metres around polygons."""
    with np.errstate(all="ignore"):
        return np.asarray(shapely.bounds(to_metric(grid.metric_epsg, shapes)))


def _fit(boxes: NDArray[np.float64], grid: Grid) -> NDArray[np.bool_]:
    """Which boxes in metres have few enough tiles."""
    with np.errstate(all="ignore"):
        tiles = np.ceil((boxes[:, 2:] - boxes[:, :2]) / (SIDE * grid.cell_m) + 1).prod(axis=1)
    return np.asarray(np.isfinite(boxes).all(axis=1) & (tiles <= MOST_TILES))

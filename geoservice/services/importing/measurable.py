"""Which polygons the deployment's raster can hold: one that spans a continent would fill the memory with tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.crs import to_metric
from geoservice.domain.kernels import SIDE
from geoservice.services import ground

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing.flow import Report
    from geoservice.services.importing.row_list import Row

# Tiles in the box around a polygon, 8 KB each while its mask is made: at 5 m a box of 490 km by 490 km.
MOST_TILES = 150_000


def keep_measurable(
    session: Session, settings: Settings, polygons: list[tuple[Row, BaseGeometry]], report: Report
) -> list[int]:
    """Indexes of the polygons (4326) that the raster can hold; the others are rejected.

    At the first data this chooses the raster, by where most of the polygons lie.
    """
    if not polygons:
        return []
    shapes = np.array([shape for _, shape in polygons], dtype=object)
    lon, lat = np.median(shapely.get_coordinates(shapely.centroid(shapes)), axis=0)
    grid = ground.ensure_deployment(session, settings, float(lon), float(lat))
    with np.errstate(all="ignore"):
        bounds = shapely.bounds(to_metric(grid.metric_epsg, shapes))
        tiles = np.ceil((bounds[:, 2:] - bounds[:, :2]) / (SIDE * grid.cell_m) + 1).prod(axis=1)
        fits = np.isfinite(bounds).all(axis=1) & (tiles <= MOST_TILES)
    for index in np.flatnonzero(~fits):
        row, shape = polygons[index]
        size = " ".join(f"{value:.4g}" for value in shape.bounds)
        report.rejected.append(row.problem("zone_too_large", "geometry", size, most=MOST_TILES))
    return [int(index) for index in np.flatnonzero(fits)]

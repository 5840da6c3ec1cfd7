"""The raster everything is measured on, and the masks of zones and exclusions upon it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.coverage import Tiles, no_tiles, rasterize
from geoservice.domain.crs import metric_epsg_for, to_metric
from geoservice.errors import Conflict
from geoservice.store import bitmaps
from geoservice.store import ground as store
from geoservice.store.ground import Grid

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

# Masks are made and written this many shapes at a time, so that a city of 9 000 cells needs little memory.
_SHAPES_AT_ONCE = 500
_TILES_AT_ONCE = 4_000


def ensure_deployment(session: Session, settings: Settings, lon: float, lat: float) -> Grid:
    """Return the deployment's raster; at the first data, choose its metric CRS from where that data lies."""
    found = store.read_deployment(session)
    if found is None:
        store.make_deployment(session, settings.metric_epsg or metric_epsg_for(lon, lat), settings.cell_m)
    return read_grid(session)


def read_grid(session: Session) -> Grid:
    """Return the deployment's raster; raises Conflict before there is any data."""
    found = store.read_deployment(session)
    if found is None:
        raise Conflict("no_data_yet")
    return Grid(found.metric_epsg, found.cell_m)


def refresh_masks(session: Session, settings: Settings) -> int:
    """Make the masks that are missing, on a new raster first if the settings ask for one; return how many were made."""
    _follow_settings(session, settings)
    if store.read_deployment(session) is None:
        return 0
    grid = read_grid(session)
    return sum(_refresh(session, grid, kind) for kind in store.MASKED)


def _follow_settings(session: Session, settings: Settings) -> None:
    found = store.read_deployment(session)
    if found is None:
        return
    wanted = Grid(settings.metric_epsg or found.metric_epsg, settings.cell_m)
    if wanted != Grid(found.metric_epsg, found.cell_m):
        store.move_raster(session, wanted.metric_epsg, wanted.cell_m)


def _refresh(session: Session, grid: Grid, kind: str) -> int:
    _, table, owner = store.MASKED[kind]
    made, after = 0, 0
    while shapes := store.without_mask(session, kind, after, _SHAPES_AT_ONCE):
        after = shapes[-1][0]
        made += len(shapes)
        metric = to_metric(grid.metric_epsg, np.array([shape for _, shape in shapes], dtype=object))
        batch: list[Tiles] = []
        for (owner_id, _), polygon in zip(shapes, metric, strict=True):
            batch.append(rasterize(polygon, owner_id, grid.cell_m))
            if sum(map(len, batch)) > _TILES_AT_ONCE:
                bitmaps.save_masks(session, table, owner, _joined(batch))
                batch = []
        bitmaps.save_masks(session, table, owner, _joined(batch))
    return made


def _joined(batch: list[Tiles]) -> Tiles:
    if not batch:
        return no_tiles()
    columns = ((tiles.slot, tiles.tx, tiles.ty, tiles.bits) for tiles in batch)
    return Tiles(*(np.concatenate(column) for column in zip(*columns, strict=True)))

"""The raster everything is measured on, and what lies on it: masks of zones and exclusions, pieces of streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.coverage import Tiles, no_tiles, rasterize
from geoservice.domain.crs import metric_epsg_for, to_metric
from geoservice.errors import Conflict
from geoservice.services.street_masks import refresh_streets
from geoservice.store import bitmaps
from geoservice.store import ground as store
from geoservice.store.ground import Grid

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.ground import Masked

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
    """Make the masks and cut the streets that are missing, on a new raster first if the settings ask for one.

    Return how many masks were made. Must run in a session that sees everything; two may run at once.
    """
    _follow_settings(session, settings)
    if store.read_deployment(session) is None:
        return 0
    grid = read_grid(session)
    made = _refresh_rasters(session, grid) if store.lacks_masks(session) else 0
    refresh_streets(session, grid.metric_epsg, settings.street_piece_m)
    return made


def _follow_settings(session: Session, settings: Settings) -> None:
    if _wanted(session, settings) is None:
        return
    store.lock_masks(session)
    if wanted := _wanted(session, settings):
        store.move_raster(session, wanted.metric_epsg, wanted.cell_m)


def _wanted(session: Session, settings: Settings) -> Grid | None:
    """Return the raster that the settings ask for; None where it is the one in use."""
    found = store.read_deployment(session)
    if found is None:
        return None
    wanted = Grid(settings.metric_epsg or found.metric_epsg, settings.cell_m)
    return None if wanted == Grid(found.metric_epsg, found.cell_m) else wanted


def _refresh_rasters(session: Session, grid: Grid) -> int:
    store.lock_masks(session)
    return sum(_refresh(session, grid, kind) for kind in store.MASKED.values())


def _refresh(session: Session, grid: Grid, kind: Masked) -> int:
    made, after = 0, 0
    while shapes := store.without_mask(session, kind, after, _SHAPES_AT_ONCE):
        after = shapes[-1][0]
        made += len(shapes)
        store.drop_masks(session, kind, [owner_id for owner_id, _ in shapes])
        metric = to_metric(grid.metric_epsg, np.array([shape for _, shape in shapes], dtype=object))
        counts: dict[int, int] = {}
        batch: list[Tiles] = []
        for (owner_id, _), polygon in zip(shapes, metric, strict=True):
            batch.append(rasterize(polygon, owner_id, grid.cell_m))
            counts[owner_id] = batch[-1].count()
            if sum(map(len, batch)) > _TILES_AT_ONCE:
                bitmaps.save_masks(session, kind.mask, kind.owner, _joined(batch))
                batch = []
        bitmaps.save_masks(session, kind.mask, kind.owner, _joined(batch))
        store.set_cell_counts(session, kind, counts)
    return made


def _joined(batch: list[Tiles]) -> Tiles:
    if not batch:
        return no_tiles()
    columns = ((tiles.slot, tiles.tx, tiles.ty, tiles.bits) for tiles in batch)
    return Tiles(*(np.concatenate(column) for column in zip(*columns, strict=True)))

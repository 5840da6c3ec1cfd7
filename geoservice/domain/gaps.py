"""Blind spots: connected unseen cells of a zone, as polygons with what a dispatcher asks about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage

from geoservice.domain.kernels import SIDE
from geoservice.domain.outlines import latest_days, trace_rings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geoservice.domain.coverage import Tiles

NEVER = -1
BLOCK_TILES = 32


@dataclass(frozen=True)
class Raster:
    """A window of cells: `origin` (row, column) is the world index of cells[0, 0]; row 0 in the south."""

    cells: NDArray[np.bool_]
    origin: tuple[int, int]


@dataclass(frozen=True)
class GapCells:
    """One gap: its polygon in metres, how many cells, when any of it was last seen (day ordinal, NEVER), its points."""

    polygon: shapely.Polygon
    cell_count: int
    last_seen: int
    point_index: NDArray[np.int64]


def blocks(tiles: Tiles) -> Iterator[Tiles]:
    """Yield the tiles in blocks of at most 32 × 32, from the west and south: what one labelling can hold in memory.

    A zone wider than 41 km has its gaps cut along these lines; every other zone is one block.
    """
    column = (tiles.tx - tiles.tx.min()) // BLOCK_TILES
    row = (tiles.ty - tiles.ty.min()) // BLOCK_TILES
    for block in np.unique(np.column_stack((column, row)), axis=0):
        yield tiles.take((column == block[0]) & (row == block[1]))


def find_gaps(
    tiles: Tiles, history: Tiles, points_xy: NDArray[np.float64], cell_m: float, min_area_m2: float
) -> Iterator[GapCells]:
    """Yield the gaps of at least `min_area_m2` among the unseen cells of a zone, joined over edges (not corners).

    `tiles` are its unseen cells; `history` has what was seen before, a tile a day (slot: the day's ordinal), in any
    place; `points_xy` (p, 2) are metres.
    """
    unseen = _trim(assemble(tiles))
    labels, count = ndimage.label(unseen.cells)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    large = np.flatnonzero(sizes[1:] * cell_m**2 >= min_area_m2) + 1
    if len(large) == 0:
        return
    # Without the small ones the tracer has less to walk; what stays keeps its label.
    keep = np.zeros(count + 1, dtype=bool)
    keep[large] = True
    labels = np.where(keep[labels], labels, 0).astype(np.int32)
    seen = np.full(count + 1, NEVER, np.int64)
    latest_days(
        labels,
        *unseen.origin,
        history.slot,
        history.tx,
        history.ty,
        history.bits.reshape(-1, SIDE, SIDE // 8),
        seen,
    )
    point_label = _labels_under(labels, unseen.origin, points_xy, cell_m)
    polygons = _polygons(labels, unseen.origin, cell_m)
    for label in large.tolist():
        yield GapCells(
            polygons[label], int(sizes[label]), int(seen[label]), np.flatnonzero(point_label == label)
        )


def assemble(tiles: Tiles) -> Raster:
    """Lay tiles out as one raster; nothing is set where there is no tile."""
    tx0, ty0 = int(tiles.tx.min()), int(tiles.ty.min())
    shape = ((int(tiles.ty.max()) - ty0 + 1) * SIDE, (int(tiles.tx.max()) - tx0 + 1) * SIDE)
    out = np.zeros(shape, dtype=bool)
    for tile in range(len(tiles)):
        row, column = (int(tiles.ty[tile]) - ty0) * SIDE, (int(tiles.tx[tile]) - tx0) * SIDE
        out[row : row + SIDE, column : column + SIDE] = np.unpackbits(tiles.bits[tile]).reshape(SIDE, SIDE)
    return Raster(out, (ty0 * SIDE, tx0 * SIDE))


def _trim(raster: Raster) -> Raster:
    """Drop the rim without a cell that is set: labelling costs by the cell."""
    rows, columns = np.flatnonzero(raster.cells.any(axis=1)), np.flatnonzero(raster.cells.any(axis=0))
    if len(rows) == 0:
        return Raster(raster.cells[:0, :0], raster.origin)
    cells = raster.cells[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Raster(cells, (raster.origin[0] + int(rows[0]), raster.origin[1] + int(columns[0])))


def _labels_under(
    labels: NDArray[np.int32], origin: tuple[int, int], points_xy: NDArray[np.float64], cell_m: float
) -> NDArray[np.int32]:
    """Return the label (p,) of the cell each point stands in; 0 outside."""
    out = np.zeros(len(points_xy), np.int32)
    column = np.floor(points_xy[:, 0] / cell_m).astype(np.int64) - origin[1]
    row = np.floor(points_xy[:, 1] / cell_m).astype(np.int64) - origin[0]
    inside = (row >= 0) & (row < labels.shape[0]) & (column >= 0) & (column < labels.shape[1])
    out[inside] = labels[row[inside], column[inside]]
    return out


def _polygons(
    labels: NDArray[np.int32], origin: tuple[int, int], cell_m: float
) -> dict[int, shapely.Polygon]:
    """Return one polygon a label, its area exactly that of its cells."""
    column, row, starts, ring_label = trace_rings(np.pad(labels, 1))
    xy = np.column_stack((column - 1 + origin[1], row - 1 + origin[0])) * cell_m
    rings: dict[int, list[NDArray[np.float64]]] = {}
    for ring, label in enumerate(ring_label):
        rings.setdefault(int(label), []).append(xy[starts[ring] : starts[ring + 1]])
    # Rings come from the south up, so a component's first is its shell and the rest are holes.
    return {label: shapely.Polygon(found[0], found[1:]) for label, found in rings.items()}

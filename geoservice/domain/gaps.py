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


@dataclass(frozen=True)
class Regions:
    """The unseen regions of a zone that are gaps, numbered from 1 on in `labels` (rows, columns), row 0 in the south.

    `origin`: the world cell (row, column) of labels[0, 0]. `packed` (rows, columns / 8) has a bit for each cell of a
    region. By number, 0 unused: `sizes` in cells, `last_seen` days (NEVER
    until `look` finds one), `tiles` (first tx, first ty, last tx, last ty) around the region.
    """

    labels: NDArray[np.int32]
    packed: NDArray[np.uint8]
    origin: tuple[int, int]
    sizes: NDArray[np.int64]
    last_seen: NDArray[np.int64]
    tiles: NDArray[np.int64]

    def look(self, seen: Tiles, latest: NDArray[np.int64]) -> None:
        """Raise `latest` (as long as `sizes`) to the last slot under which any cell of a region is set in `seen`."""
        first, last = self.tiles[1:, :2].min(axis=0), self.tiles[1:, 2:].max(axis=0)
        here = (seen.tx >= first[0]) & (seen.tx <= last[0]) & (seen.ty >= first[1]) & (seen.ty <= last[1])
        which = np.flatnonzero(here)
        # The newest first: what is found needs no second look.
        which = which[np.argsort(-seen.slot[which], kind="stable")]
        bits = seen.bits.reshape(-1, SIDE, SIDE // 8)
        latest_days(self.labels, self.packed, *self.origin, which, seen.slot, seen.tx, seen.ty, bits, latest)

    def places(self, which: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return (n, 2) tx, ty of the tiles around the regions that are set in `which` (as long as `sizes`)."""
        first, last = self.tiles[which, :2], self.tiles[which, 2:]
        if len(first) == 0:
            return first
        width, height = (last - first).max(axis=0).tolist()
        steps = [(across, up) for across in range(width + 1) for up in range(height + 1)]
        return np.concatenate([(first + step)[(first + step <= last).all(axis=1)] for step in steps])


def find_regions(tiles: Tiles, cell_m: float, min_area_m2: float) -> Regions | None:
    """Return the regions of at least `min_area_m2` among the unseen cells of a zone, joined over edges (not corners)."""
    unseen = _trim(assemble(tiles))
    labels, count = ndimage.label(unseen.cells)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    large = np.flatnonzero(sizes[1:] * cell_m**2 >= min_area_m2) + 1
    if len(large) == 0:
        return None
    # Without the small ones the tracer has less to walk.
    number = np.zeros(count + 1, np.int32)
    number[large] = np.arange(1, len(large) + 1)
    labels = number[labels]
    row0, column0 = unseen.origin
    around = np.array(
        [
            (column.start + column0, row.start + row0, column.stop - 1 + column0, row.stop - 1 + row0)
            for row, column in ndimage.find_objects(labels)
        ]
    )
    return Regions(
        labels,
        np.packbits(labels > 0, axis=1),
        unseen.origin,
        np.concatenate(([0], sizes[large])),
        np.full(len(large) + 1, NEVER, np.int64),
        np.concatenate((np.zeros((1, 4), np.int64), around // SIDE)),
    )


def describe(regions: Regions, points_xy: NDArray[np.float64], cell_m: float) -> Iterator[GapCells]:
    """Yield the regions as gaps; `points_xy` (p, 2) are metres."""
    point_label = _labels_under(regions.labels, regions.origin, points_xy, cell_m)
    polygons = _polygons(regions.labels, regions.origin, cell_m)
    for number in range(1, len(regions.sizes)):
        yield GapCells(
            polygons[number],
            int(regions.sizes[number]),
            int(regions.last_seen[number]),
            np.flatnonzero(point_label == number),
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
    """Drop the rim without a cell that is set, on the left whole bytes of it: labelling costs by the cell."""
    rows, columns = np.flatnonzero(raster.cells.any(axis=1)), np.flatnonzero(raster.cells.any(axis=0))
    if len(rows) == 0:
        return Raster(raster.cells[:0, :0], raster.origin)
    left = int(columns[0]) // 8 * 8
    cells = raster.cells[rows[0] : rows[-1] + 1, left : columns[-1] + 1]
    return Raster(cells, (raster.origin[0] + int(rows[0]), raster.origin[1] + left))


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
    padded = np.pad(labels, 1)
    below, here = padded[:-1], padded[1:]
    edge_row, edge_column = np.nonzero((here != 0) & (here != below))
    column, row, starts, ring_label = trace_rings(padded, edge_row + 1, edge_column)
    xy = np.column_stack((column - 1 + origin[1], row - 1 + origin[0])) * cell_m
    rings: dict[int, list[NDArray[np.float64]]] = {}
    for ring, label in enumerate(ring_label):
        rings.setdefault(int(label), []).append(xy[starts[ring] : starts[ring + 1]])
    # Rings come from the south up, so a component's first is its shell and the rest are holes.
    return {label: shapely.Polygon(found[0], found[1:]) for label, found in rings.items()}

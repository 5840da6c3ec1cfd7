"""Blind spots: connected unseen cells of a zone, as polygons with what a dispatcher asks about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numba import njit
from scipy import ndimage

from geoservice.domain.kernels import SIDE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geoservice.domain.coverage import Tiles

NEVER = -1


@dataclass(frozen=True)
class Raster:
    """A window of cells: `origin` (row, column) is the world index of values[0, 0]; row 0 in the south."""

    values: NDArray[Any]
    origin: tuple[int, int]


@dataclass(frozen=True)
class GapCells:
    """One gap: its polygon in metres, how many cells, when any of it was last seen (day ordinal, NEVER), its points."""

    polygon: shapely.Polygon
    cell_count: int
    last_seen: int
    point_index: NDArray[np.int64]


def assemble(tiles: Tiles, values: NDArray[Any], fill: object) -> Raster:
    """Lay `values` (n, 256, 256) of the tiles out as one raster; `fill` stands where there is no tile."""
    tx0, ty0 = int(tiles.tx.min()), int(tiles.ty.min())
    shape = ((int(tiles.ty.max()) - ty0 + 1) * SIDE, (int(tiles.tx.max()) - tx0 + 1) * SIDE)
    out = np.full(shape, fill, dtype=values.dtype)
    for tile in range(len(tiles)):
        row, column = (int(tiles.ty[tile]) - ty0) * SIDE, (int(tiles.tx[tile]) - tx0) * SIDE
        out[row : row + SIDE, column : column + SIDE] = values[tile]
    return Raster(out, (ty0 * SIDE, tx0 * SIDE))


def find_gaps(
    unseen: Raster, last_seen: Raster, points_xy: NDArray[np.float64], cell_m: float, min_area_m2: float
) -> Iterator[GapCells]:
    """Yield the gaps of at least `min_area_m2` among the unseen cells of a zone, joined over edges (not corners).

    `last_seen` covers the same ground and holds day ordinals or NEVER; `points_xy` (p, 2) are metres.
    """
    unseen, last_seen = _trim(unseen, last_seen)
    labels, count = ndimage.label(unseen.values)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    large = np.flatnonzero(sizes[1:] * cell_m**2 >= min_area_m2) + 1
    if len(large) == 0:
        return
    # Without the small ones the tracer has less to walk; what stays keeps its label.
    keep = np.zeros(count + 1, dtype=bool)
    keep[large] = True
    labels = np.where(keep[labels], labels, 0).astype(np.int32)
    seen = ndimage.maximum(last_seen.values, labels, large).astype(np.int64)
    point_label = _labels_under(labels, unseen.origin, points_xy, cell_m)
    polygons = _polygons(labels, unseen.origin, cell_m)
    for label, day in zip(large, seen, strict=True):
        yield GapCells(polygons[int(label)], int(sizes[label]), int(day), np.flatnonzero(point_label == label))


def _trim(unseen: Raster, last_seen: Raster) -> tuple[Raster, Raster]:
    """Drop the rim without an unseen cell: labelling costs by the cell."""
    rows, columns = np.flatnonzero(unseen.values.any(axis=1)), np.flatnonzero(unseen.values.any(axis=0))
    if len(rows) == 0:
        return Raster(unseen.values[:0, :0], unseen.origin), Raster(last_seen.values[:0, :0], unseen.origin)
    part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    origin = (unseen.origin[0] + int(rows[0]), unseen.origin[1] + int(columns[0]))
    return Raster(unseen.values[part], origin), Raster(last_seen.values[part], origin)


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


def _polygons(labels: NDArray[np.int32], origin: tuple[int, int], cell_m: float) -> dict[int, shapely.Polygon]:
    """Return one polygon a label, its area exactly that of its cells."""
    column, row, starts, ring_label = trace_rings(np.pad(labels, 1))
    xy = np.column_stack((column - 1 + origin[1], row - 1 + origin[0])) * cell_m
    rings: dict[int, list[NDArray[np.float64]]] = {}
    for ring, label in enumerate(ring_label):
        rings.setdefault(int(label), []).append(xy[starts[ring] : starts[ring + 1]])
    # Rings come from the south up, so a component's first is its shell and the rest are holes.
    return {label: shapely.Polygon(found[0], found[1:]) for label, found in rings.items()}


@njit(cache=True, nogil=True, error_model="numpy")
def _grown(array, count):
    if count < array.size:
        return array
    bigger = np.empty(2 * array.size, array.dtype)
    bigger[: array.size] = array
    return bigger


@njit(cache=True, nogil=True, error_model="numpy")
def trace_rings(labels):
    """Walk the borders of the labelled regions of a raster padded by one row and column of 0.

    Returns column and row of every corner, closed rings one after another, where each ring starts (rings + 1,), and its
    label. A region is on the left of its rings. Where two of its cells meet in a corner only, the walk turns right, over to
    the other cell: what the two pinch off becomes a hole that touches the shell in one point, which is a valid polygon.
    """
    height, width = labels.shape
    walked = np.zeros((height, width), np.uint8)
    column = np.empty(4096, np.int64)
    row = np.empty(4096, np.int64)
    starts = np.zeros(256, np.int64)
    ring_label = np.empty(256, np.int64)
    corners = 0
    rings = 0
    step_r = np.array([0, 1, 0, -1])
    step_c = np.array([1, 0, -1, 0])
    # The corner at the end of a cell's right-hand side when walking in each direction with the cell on the left.
    end_r = np.array([0, 1, 1, 0])
    end_c = np.array([1, 1, 0, 0])
    for r0 in range(1, height - 1):
        for c0 in range(1, width - 1):
            label = labels[r0, c0]
            if label == 0 or labels[r0 - 1, c0] == label or walked[r0, c0] & 1:
                continue
            first = corners
            r, c, way = r0, c0, 0
            while not walked[r, c] & (1 << way):
                walked[r, c] |= 1 << way
                right = (way + 3) & 3
                ahead_r, ahead_c = r + step_r[way], c + step_c[way]
                cross_r, cross_c = ahead_r + step_r[right], ahead_c + step_c[right]
                turn = 0
                if labels[cross_r, cross_c] == label:
                    turn = 3
                elif labels[ahead_r, ahead_c] != label:
                    turn = 1
                if turn:
                    column = _grown(column, corners + 1)
                    row = _grown(row, corners + 1)
                    column[corners] = c + end_c[way]
                    row[corners] = r + end_r[way]
                    corners += 1
                if turn == 3:
                    r, c = cross_r, cross_c
                elif turn == 0:
                    r, c = ahead_r, ahead_c
                way = (way + turn) & 3
            column = _grown(column, corners + 1)
            row = _grown(row, corners + 1)
            column[corners] = column[first]
            row[corners] = row[first]
            corners += 1
            starts = _grown(starts, rings + 2)
            ring_label = _grown(ring_label, rings + 1)
            ring_label[rings] = label
            rings += 1
            starts[rings] = corners
    return column[:corners], row[:corners], starts[: rings + 1], ring_label[:rings]


def last_seen_days(
    history: Tiles, tx: NDArray[np.int32], ty: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return (n, 256, 256) day ordinals on which each cell of the asked tiles was last seen; NEVER where it was not.

    The slot of `history` is the day's ordinal.
    """
    out = np.full((len(tx), SIDE, SIDE), NEVER, np.int32)
    place = {(int(x), int(y)): index for index, (x, y) in enumerate(zip(tx, ty, strict=True))}
    for tile in np.argsort(history.slot, kind="stable"):
        index = place.get((int(history.tx[tile]), int(history.ty[tile])))
        if index is not None:
            seen = np.unpackbits(history.bits[tile]).reshape(SIDE, SIDE).astype(bool)
            out[index][seen] = history.slot[tile]
    return out

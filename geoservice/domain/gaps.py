"""Blind spots: connected unseen cells of a zone, as polygons with what a dispatcher asks about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy import ndimage

from geoservice.domain.kernels import SIDE
from geoservice.domain.outlines import trace_rings

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
        yield GapCells(
            polygons[int(label)], int(sizes[label]), int(day), np.flatnonzero(point_label == label)
        )


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


def last_seen_days(history: Tiles, tx: NDArray[np.int32], ty: NDArray[np.int32]) -> NDArray[np.int32]:
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

"""A zone cut into square cells that lie on one grid for the whole deployment, and the codes of the cells."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from geoservice.errors import InvalidGeometry

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CELLS = 200_000
NEIGHBOURS = ((0, 1), (0, -1), (1, 0), (-1, 0))
LEAST_DIGITS = 2

Place = tuple[int, int]
Ground = Polygon | MultiPolygon


@dataclass(frozen=True)
class Cell:
    """A piece of a zone. Its square reaches from (col, row) · size to (col + 1, row + 1) · size in the metric CRS.

    `polygon` is the zone within that square, with the slivers of neighbouring squares that were merged into it.
    """

    row: int
    col: int
    polygon: Ground


def cut_cells(polygon_metric: Ground, size_m: float, minimum_share: float = 0.2) -> list[Cell]:
    """Cut a zone into cells of `size_m`, north to south and in a row west to east.

    Cells are disjoint and their union is the zone. A piece smaller than `minimum_share` of a square joins the
    neighbour with which it shares the longest border; one that has no neighbour stays alone. Raises
    InvalidGeometry: `geometry_empty`, `too_many_cells`.
    """
    if not (math.isfinite(size_m) and size_m > 0 and 0 <= minimum_share < 1):
        raise ValueError(f"cells of {size_m} m with a least share of {minimum_share} make no grid")
    if polygon_metric.is_empty:
        raise InvalidGeometry("geometry_empty")
    pieces = _clipped(polygon_metric, size_m)
    _merge_slivers(pieces, minimum_share * size_m * size_m)
    return [
        Cell(row, col, pieces[row, col])
        for row, col in sorted(pieces, key=lambda place: (-place[0], place[1]))
    ]


def cell_code(parent_code: str, number: int, count: int = 999) -> str:
    """The code of the cell with this number (from 1) of a parent that is cut into `count`: all are equally long."""
    if not 1 <= number <= max(count, 1):
        raise ValueError(f"no cell {number} among {count}")
    return f"{parent_code}{number:0{max(LEAST_DIGITS, len(str(count)))}d}"


def _clipped(zone: Ground, size_m: float) -> dict[Place, Ground]:
    """The zone within each square that it reaches."""
    west, south, east, north = (float(bound) for bound in zone.bounds)
    cols = np.arange(math.floor(west / size_m), math.ceil(east / size_m) + 1)
    rows = np.arange(math.floor(south / size_m), math.ceil(north / size_m) + 1)
    if len(cols) * len(rows) > MOST_CELLS:
        raise InvalidGeometry("too_many_cells", size=size_m, most=MOST_CELLS)
    places = [(int(row), int(col)) for row in rows for col in cols]
    row, col = np.array(places).T
    squares = shapely.box(col * size_m, row * size_m, (col + 1) * size_m, (row + 1) * size_m)
    shapely.prepare(zone)
    inside = shapely.contains_properly(zone, squares)
    reached = ~inside & shapely.intersects(zone, squares)
    squares[reached] = shapely.intersection(squares[reached], zone)
    pieces = {}
    for index in np.flatnonzero(inside | reached):
        ground = _areas(squares[index])
        if ground is not None:
            pieces[places[index]] = ground
    return pieces


def _merge_slivers(pieces: dict[Place, Ground], least_m2: float) -> None:
    """Join every piece that is too small to a neighbour, the smallest first, until none can be joined."""
    waiting = [(ground.area, place) for place, ground in pieces.items() if ground.area < least_m2]
    heapq.heapify(waiting)
    holder = {place: place for place in pieces}
    held = {place: [place] for place in pieces}
    while waiting:
        area, place = heapq.heappop(waiting)
        if place not in pieces or pieces[place].area != area:
            continue
        beside = {holder[square] for square in _squares_beside(held[place]) if square in holder} - {place}
        target = _best_neighbour(pieces[place], {other: pieces[other] for other in beside})
        merged = None if target is None else _areas(shapely.union(pieces[place], pieces[target]))
        if target is None or merged is None:
            continue
        del pieces[place]
        pieces[target] = merged
        for square in held.pop(place):
            holder[square] = target
            held[target].append(square)
        if merged.area < least_m2:
            heapq.heappush(waiting, (merged.area, target))


def _best_neighbour(sliver: Ground, others: dict[Place, Ground]) -> Place | None:
    """The piece that shares the longest border with a sliver; None when none shares any."""
    shared = {place: _shared_m(sliver, other) for place, other in others.items()}
    best = max(shared, key=lambda place: (shared[place], place), default=None)
    return best if best is not None and shared[best] > 0 else None


def _shared_m(one: Ground, other: Ground) -> float:
    return float(shapely.length(shapely.intersection(one.boundary, other.boundary)))


def _squares_beside(squares: list[Place]) -> Iterator[Place]:
    for row, col in squares:
        yield from ((row + down, col + right) for down, right in NEIGHBOURS)


def _areas(shape: object) -> Ground | None:
    """The areas of a cut, without the lines and points that touching leaves."""
    if isinstance(shape, Polygon) and not shape.is_empty:
        return shape
    parts = [part for part in getattr(shape, "geoms", ()) if isinstance(part, Polygon) and part.area > 0]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)

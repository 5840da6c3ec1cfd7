"""Fills for paper: a colour with lines over it, cut out of a sheet of lines so that any program can draw them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.drawing import Areas, Lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.domain.drawing import Item

    Path = NDArray[np.float64]


@dataclass(frozen=True)
class Fill:
    """A ground colour, and lines over it: their angles in degrees, and how far apart, long and wide they are."""

    ground: str
    line: str
    angles: tuple[int, ...]
    apart_mm: float = 1.6
    dash_mm: float = 0.0
    """0: unbroken."""
    width_mm: float = 0.16


FILLS = {
    "coverage-0": Fill("#f8ecd3", "#c9a768", (45, 135)),
    "coverage-1": Fill("#bfd3ad", "#8aaa70", (45,)),
    "coverage-2": Fill("#80b6a4", "#5a9583", (0,)),
    "coverage-3": Fill("#3f8793", "#286873", (0,), dash_mm=0.4, width_mm=0.3),
    "coverage-4": Fill("#185672", "#185672", ()),
    "coverage-none": Fill("#e4e6ea", "#a3abb0", (0,), dash_mm=0.5, apart_mm=2.2),
    "exclusion": Fill("#dfe3e6", "#8d999f", (135,), apart_mm=1.2),
    "gap": Fill("#f7c9bb", "#c2331c", (45,), apart_mm=1.1),
}
"""The patterns of maps/patterns.py in the colours of app.css. The less is seen, the denser the lines."""


def hatched(shapes: Sequence[BaseGeometry], name: str) -> Iterator[Item]:
    """Shapes in one fill."""
    fill = FILLS[name]
    polygons = polygons_of(shapes)
    if not polygons:
        return
    # A hair of edge in its own colour closes the seams that smoothing would leave between neighbours.
    yield Areas(polygons, fill.ground, fill.ground, 0.05)
    if fill.angles:
        grounds = np.array([shape for shape in shapes if not shape.is_empty], dtype=object)
        tree, box = shapely.STRtree(grounds), tuple(map(float, shapely.total_bounds(grounds)))
        for angle in fill.angles:
            sheet = shapely.get_parts(_sheet(angle, fill.apart_mm, fill.dash_mm, _snapped(box)))
            line, ground = tree.query(sheet, predicate="intersects")
            yield Lines(
                paths_of(shapely.intersection(sheet[line], grounds[ground])), fill.line, fill.width_mm
            )


def polygons_of(shapes: Sequence[BaseGeometry] | NDArray[np.object_]) -> tuple[tuple[Path, ...], ...]:
    """Every polygon among shapes as its rings, the outer one first."""
    parts = shapely.get_parts(shapely.get_parts(np.array(list(shapes), dtype=object)))
    found = []
    for part in parts:
        if part.geom_type == "Polygon" and not part.is_empty:
            rings = (part.exterior, *part.interiors)
            found.append(tuple(shapely.get_coordinates(ring)[:-1] for ring in rings))
    return tuple(found)


def paths_of(shapes: Sequence[BaseGeometry] | NDArray[np.object_]) -> tuple[Path, ...]:
    """Every line among shapes as its corners."""
    parts = shapely.get_parts(shapely.get_parts(np.array(list(shapes), dtype=object)))
    return tuple(
        shapely.get_coordinates(part)
        for part in parts
        if part.geom_type == "LineString" and not part.is_empty
    )


def _snapped(box: tuple[float, ...]) -> tuple[float, ...]:
    """A box a little larger, so that one sheet serves many shapes."""
    low, high = np.floor(np.array(box[:2]) / 20) * 20, np.ceil(np.array(box[2:]) / 20) * 20
    return (*map(float, low), *map(float, high))


@lru_cache(maxsize=64)
def _sheet(angle: int, apart: float, dash: float, box: tuple[float, ...]) -> BaseGeometry:
    """Parallel lines over a box, at places that belong to the paper: neighbours' lines meet."""
    turn = np.radians(angle)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    west, south, east, north = box
    corners = np.array([[west, south], [east, south], [east, north], [west, north]])
    low, high = (corners @ across).min(), (corners @ across).max()
    begin, end = (corners @ along).min(), (corners @ along).max()
    steps = np.arange(np.floor(low / apart), np.ceil(high / apart) + 1) * apart
    if not dash:
        starts, ends = np.full(len(steps), begin), np.full(len(steps), end)
        rows = steps
    else:
        places = np.arange(np.floor(begin / apart), np.ceil(end / apart) + 1) * apart
        rows = np.repeat(steps, len(places))
        # Every other row is moved by half, as bricks are.
        moved = np.repeat(np.arange(len(steps)) % 2 * apart / 2, len(places))
        starts = np.tile(places, len(steps)) + moved
        ends = starts + dash
    first = starts[:, None] * along + rows[:, None] * across
    last = ends[:, None] * along + rows[:, None] * across
    return shapely.MultiLineString(list(np.stack([first, last], axis=1)))

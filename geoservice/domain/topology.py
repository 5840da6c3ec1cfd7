"""Zones that should share their borders: where they overlap, and where they leave gaps.

Everything is cut in longitude and latitude, as it is stored: a vertex of one zone on a straight edge of its neighbour lies
on it there, and beside it once both are projected. Areas are measured on a plane in metres that is only stretched, so that
straight stays straight; it is true near the middle of the zones, within some parts in a thousand over a city.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Shapes = NDArray[np.object_]

SEMI_MAJOR_M, ECCENTRICITY_SQUARED = 6_378_137.0, 0.006_694_380_022_9  # of CGCS2000
LEAST_AREA_M2, LEAST_WIDTH_M = 0.1, 0.02
"""What is smaller or thinner is rounding: a straight border projected with other vertices bends by millimetres."""

POLYGON = 3


@dataclass(frozen=True)
class Plane:
    """Degrees stretched to metres, true at one latitude."""

    latitude: float

    @property
    def scale(self) -> NDArray[np.float64]:
        """Metres a degree of longitude and of latitude, on the ellipsoid."""
        sine = np.sin(np.radians(self.latitude))
        narrowing = 1 - ECCENTRICITY_SQUARED * sine * sine
        parallel_m = SEMI_MAJOR_M / np.sqrt(narrowing) * np.sqrt(1 - sine * sine)
        meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / narrowing**1.5
        metres: NDArray[np.float64] = np.radians(np.array([parallel_m, meridian_m]))
        return metres

    def metres(self, shapes: Shapes) -> Shapes:
        """Lon/lat → metres."""
        moved: Shapes = shapely.transform(shapes, lambda places: places * self.scale)
        return moved

    def degrees(self, shapes: Shapes) -> Shapes:
        """Metres → lon/lat."""
        moved: Shapes = shapely.transform(shapes, lambda places: places / self.scale)
        return moved

    def area_m2(self, shape: BaseGeometry) -> float:
        """The area of a shape in lon/lat."""
        return float(shape.area * self.scale.prod())


@dataclass(frozen=True)
class Fault:
    """Ground in lon/lat that belongs to two zones, or to none though it should; `zones` are indexes of those beside it."""

    geometry: BaseGeometry
    area_m2: float
    zones: tuple[int, ...]


def array_of(shapes: Sequence[BaseGeometry] | Shapes) -> Shapes:
    """Shapes as numpy holds them, a list of its own."""
    array: Shapes = np.empty(len(shapes), dtype=np.object_)
    array[:] = shapes
    return array


def plane_of(shapes: Sequence[BaseGeometry] | Shapes) -> Plane:
    """The plane for shapes in lon/lat."""
    if not len(shapes):
        return Plane(0.0)
    _, south, _, north = shapely.total_bounds(array_of(shapes))
    return Plane(float(south + north) / 2)


def unmatched(shapes: Sequence[BaseGeometry] | Shapes) -> NDArray[np.bool_]:
    """Which zones have a border that does not fit their neighbours' exactly: what takes longest, for those who ask twice."""
    odd: NDArray[np.bool_] = ~shapely.is_empty(shapely.coverage_invalid_edges(array_of(shapes)))
    return odd


def find_overlaps(
    shapes: Sequence[BaseGeometry] | Shapes, plane: Plane, odd: NDArray[np.bool_] | None = None
) -> list[Fault]:
    """Ground that two zones share, each pair by itself, the largest first; `odd`: the `unmatched`, where they are known."""
    zones = array_of(shapes)
    if len(zones) < 2:
        return []
    one, other = _touching_pairs(zones, unmatched(zones) if odd is None else odd)
    shared = shapely.intersection(zones[one], zones[other])
    faults = [
        Fault(part, plane.area_m2(part), (int(a), int(b)))
        for a, b, common in zip(one, other, shared, strict=True)
        if plane.area_m2(common) >= LEAST_AREA_M2
        for part in _polygons(common, plane)
    ]
    return sorted(faults, key=lambda fault: -fault.area_m2)


def find_gaps(
    shapes: Sequence[BaseGeometry] | Shapes,
    plane: Plane,
    whole: BaseGeometry | None = None,
    odd: NDArray[np.bool_] | None = None,
) -> list[Fault]:
    """Ground between zones that is nobody's, the largest first: what lacks of `whole`, else the holes they enclose.

    `odd`: the `unmatched`, where they are known.
    """
    zones = array_of(shapes)
    if not len(zones):
        return []
    union = _union(zones, unmatched(zones) if odd is None else odd)
    if whole is None:
        rings = shapely.get_parts(union)
        hulls = shapely.polygons(shapely.get_exterior_ring(rings))
        whole = shapely.union_all(hulls)
    lacking = _polygons(shapely.difference(whole, union), plane)
    tree = shapely.STRtree(zones)
    faults = [
        Fault(
            part,
            plane.area_m2(part),
            tuple(sorted(int(index) for index in tree.query(part, predicate="intersects"))),
        )
        for part in lacking
    ]
    return sorted(faults, key=lambda fault: -fault.area_m2)


def outside_parts(
    child: BaseGeometry, parent: BaseGeometry, plane: Plane
) -> tuple[BaseGeometry, float] | None:
    """The ground of a child that its parent lacks, and its area; None where there is none."""
    parts = _polygons(shapely.difference(child, parent), plane)
    if not parts:
        return None
    whole = shapely.union_all(array_of(parts))
    return whole, plane.area_m2(whole)


def is_narrow(fault: BaseGeometry, plane: Plane, tolerance_m: float) -> bool:
    """Whether no circle wider than the tolerance fits into a fault."""
    metric = plane.metres(array_of([fault]))[0]
    # Twice the area over the circumference is the mean width of what is long; the widest place is no narrower.
    if 2 * metric.area / metric.length > tolerance_m:
        return False
    return bool(shapely.buffer(metric, -tolerance_m / 2, quad_segs=4).is_empty)


def _touching_pairs(zones: Shapes, odd: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of zones that meet and may overlap; where all borders match exactly there are none."""
    suspects = np.flatnonzero(odd)
    # The edges of a zone that only a neighbour's corner reaches into may count as valid: one of the two is enough.
    one, other = shapely.STRtree(zones).query(zones[suspects], predicate="intersects")
    # The edges of a zone that lies inside another without touching its border count as valid.
    inner, outer = shapely.STRtree(zones).query(shapely.point_on_surface(zones), predicate="within")
    pairs = np.concatenate([np.column_stack([suspects[one], other]), np.column_stack([inner, outer])])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    return pairs[:, 0], pairs[:, 1]


def _union(zones: Shapes, odd: NDArray[np.bool_]) -> BaseGeometry:
    """The union; the quick way where all borders match."""
    fitting = shapely.coverage_union_all(zones[~odd])
    return shapely.union_all([fitting, *zones[odd]]) if odd.any() else fitting


def _polygons(shape: BaseGeometry, plane: Plane) -> list[BaseGeometry]:
    """The polygons of a shape that are more than rounding."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_type_id(parts) == POLYGON]
    metric = plane.metres(parts)
    areas = shapely.area(metric)
    real = (areas >= LEAST_AREA_M2) & (2 * areas >= LEAST_WIDTH_M * shapely.length(metric))
    return list(parts[real])

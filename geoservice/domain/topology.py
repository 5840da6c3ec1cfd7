"""Zones that should share their borders: where they overlap, where they leave gaps, and how to close what is narrow.

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
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Shapes = NDArray[np.object_]

SEMI_MAJOR_M, ECCENTRICITY_SQUARED = 6_378_137.0, 0.006_694_380_022_9  # of CGCS2000
LEAST_AREA_M2, LEAST_WIDTH_M = 0.1, 0.02
"""What is smaller or thinner is rounding: a straight border projected with other vertices bends by millimetres."""

POLYGON = 3
ROUNDS = 3
MOVED_AT_ALL_M = 1e-6


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


@dataclass(frozen=True)
class Moved:
    """A zone whose border would move: its index, the new border in lon/lat, and the change of its area."""

    zone: int
    geometry: BaseGeometry
    change_m2: float
    farthest_m: float


def plane_of(shapes: Sequence[BaseGeometry] | Shapes) -> Plane:
    """The plane for shapes in lon/lat."""
    if not len(shapes):
        return Plane(0.0)
    _, south, _, north = shapely.total_bounds(_array(shapes))
    return Plane(float(south + north) / 2)


def unmatched(shapes: Sequence[BaseGeometry] | Shapes) -> NDArray[np.bool_]:
    """Which zones have a border that does not fit their neighbours' exactly: what takes longest, for those who ask twice."""
    odd: NDArray[np.bool_] = ~shapely.is_empty(shapely.coverage_invalid_edges(_array(shapes)))
    return odd


def find_overlaps(
    shapes: Sequence[BaseGeometry], plane: Plane, odd: NDArray[np.bool_] | None = None
) -> list[Fault]:
    """Ground that two zones share, each pair by itself, the largest first; `odd`: the `unmatched`, where they are known."""
    zones = _array(shapes)
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
    shapes: Sequence[BaseGeometry],
    plane: Plane,
    whole: BaseGeometry | None = None,
    odd: NDArray[np.bool_] | None = None,
) -> list[Fault]:
    """Ground between zones that is nobody's, the largest first: what lacks of `whole`, else the holes they enclose.

    `odd`: the `unmatched`, where they are known.
    """
    zones = _array(shapes)
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
    whole = shapely.union_all(_array(parts))
    return whole, plane.area_m2(whole)


def is_narrow(fault: BaseGeometry, plane: Plane, tolerance_m: float) -> bool:
    """Whether no circle wider than the tolerance fits into a fault."""
    metric = plane.metres(_array([fault]))[0]
    # Twice the area over the circumference is the mean width of what is long; the widest place is no narrower.
    if 2 * metric.area / metric.length > tolerance_m:
        return False
    return bool(shapely.buffer(metric, -tolerance_m / 2, quad_segs=4).is_empty)


def close_narrow(
    shapes: Sequence[BaseGeometry], plane: Plane, tolerance_m: float, whole: BaseGeometry | None = None
) -> list[Moved]:
    """New borders for the zones beside gaps and overlaps nowhere wider than the tolerance; what is wider stays.

    An overlap goes to the smaller of its two zones, a gap piece by piece to the zones beside it, so that no border moves
    further than the tolerance.
    """
    zones = _array(shapes)
    for _ in range(ROUNDS):
        changed = _settle_overlaps(zones, plane, tolerance_m) | _fill_gaps(zones, plane, tolerance_m, whole)
        if not changed:
            break
    before = _array(shapes)
    return [
        moved
        for index in range(len(zones))
        if zones[index] is not before[index]
        and (moved := _moved(index, before[index], zones[index], plane)) is not None
    ]


def _moved(index: int, before: BaseGeometry, after: BaseGeometry, plane: Plane) -> Moved | None:
    old, new = plane.metres(_array([before, after]))
    farthest = float(shapely.hausdorff_distance(old.boundary, new.boundary))
    if farthest < MOVED_AT_ALL_M:
        return None
    return Moved(index, after, plane.area_m2(after) - plane.area_m2(before), farthest)


def _settle_overlaps(zones: Shapes, plane: Plane, tolerance_m: float) -> bool:
    """Take every narrow overlap from the larger of its two zones; always the larger, so that no ground is lost by all."""
    pairs: dict[tuple[int, int], list[Fault]] = {}
    for fault in find_overlaps(list(zones), plane):
        pairs.setdefault((fault.zones[0], fault.zones[1]), []).append(fault)
    changed = False
    areas = shapely.area(zones)
    for (one, other), faults in pairs.items():
        narrow = [fault.geometry for fault in faults if is_narrow(fault.geometry, plane, tolerance_m)]
        if not narrow:
            continue
        larger = one if (areas[one], one) > (areas[other], other) else other
        # Where nothing wide remains between the two, cutting along the winner's own border leaves no rounding behind.
        taken = zones[one + other - larger] if len(narrow) == len(faults) else shapely.union_all(narrow)
        kept = _only_polygons(shapely.difference(zones[larger], taken))
        if not kept.is_empty:
            zones[larger] = kept
            changed = True
    return changed


def _fill_gaps(zones: Shapes, plane: Plane, tolerance_m: float, whole: BaseGeometry | None) -> bool:
    """Give every narrow gap to the zones beside it, each what lies within the tolerance of its border."""
    changed = False
    for fault in find_gaps(list(zones), plane, whole):
        if not fault.zones or not is_narrow(fault.geometry, plane, tolerance_m):
            continue
        for index, piece in _shares(zones, fault, plane, tolerance_m):
            zones[index] = _only_polygons(shapely.union(zones[index], piece))
            changed = True
    return changed


def _shares(
    zones: Shapes, fault: Fault, plane: Plane, tolerance_m: float
) -> Iterable[tuple[int, BaseGeometry]]:
    """A gap cut into pieces, each with the zone it goes to: first to the zone with the longest border on it."""
    metric = plane.metres(zones[list(fault.zones)])
    left = plane.metres(_array([fault.geometry]))[0]
    ring = shapely.buffer(left, tolerance_m * 0.01)
    along = shapely.length(shapely.intersection(shapely.boundary(metric), ring))
    for place in np.argsort(-along, kind="stable"):
        if left.is_empty or along[place] == 0:
            return
        # Only the border near the gap is widened: a zone may have a hundred thousand vertices elsewhere.
        near = shapely.intersection(metric[place], shapely.envelope(shapely.buffer(left, 3 * tolerance_m)))
        reach = shapely.buffer(near, tolerance_m, quad_segs=4)
        piece = _only_polygons(shapely.intersection(left, reach))
        if piece.is_empty:
            continue
        left = _only_polygons(shapely.difference(left, reach))
        yield (
            fault.zones[int(place)],
            _as_first_drawn(plane.degrees(_array([piece]))[0], fault.geometry, plane),
        )


def _as_first_drawn(piece: BaseGeometry, gap: BaseGeometry, plane: Plane) -> BaseGeometry:
    """The piece with the very vertices of the gap where it has them, not what stretching there and back made of them."""
    exact = shapely.get_coordinates(gap)
    stretched = {place.tobytes(): index for index, place in enumerate(exact * plane.scale / plane.scale)}

    def restore(places: NDArray[np.float64]) -> NDArray[np.float64]:
        kept = places.copy()
        for row, place in enumerate(places):
            if (index := stretched.get(place.tobytes())) is not None:
                kept[row] = exact[index]
        return kept

    restored: BaseGeometry = shapely.transform(piece, restore)
    return restored if restored.is_valid else piece


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


def _only_polygons(shape: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == POLYGON]))


def _array(shapes: Sequence[BaseGeometry] | Shapes) -> Shapes:
    array: Shapes = np.empty(len(shapes), dtype=np.object_)
    array[:] = shapes
    return array

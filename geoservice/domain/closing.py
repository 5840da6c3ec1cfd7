"""Closing what is narrow between zones that should share their borders, without moving any border far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.topology import POLYGON, array_of, find_gaps, find_overlaps, is_narrow, unmatched

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.domain.topology import Fault, Plane, Shapes

ROUNDS = 3
MOVED_AT_ALL_M = 1e-6


@dataclass(frozen=True)
class Moved:
    """A zone whose border would move: its index, the new border in lon/lat, and the change of its area."""

    zone: int
    geometry: BaseGeometry
    change_m2: float
    farthest_m: float


def close_narrow(
    shapes: Sequence[BaseGeometry], plane: Plane, tolerance_m: float, whole: BaseGeometry | None = None
) -> list[Moved]:
    """New borders for the zones beside gaps and overlaps nowhere wider than the tolerance; what is wider stays.

    An overlap goes to the smaller of its two zones, a gap piece by piece to the zones beside it, so that no border moves
    further than the tolerance.
    """
    zones = array_of(shapes)
    for _ in range(ROUNDS):
        odd = unmatched(zones)
        settled = _settle_overlaps(zones, plane, tolerance_m, odd)
        filled = _fill_gaps((zones, whole), plane, tolerance_m, unmatched(zones) if settled else odd)
        if not settled and not filled:
            break
    before = array_of(shapes)
    return [
        moved
        for index in range(len(zones))
        if zones[index] is not before[index]
        and (moved := _moved(index, before[index], zones[index], plane)) is not None
    ]


def _moved(index: int, before: BaseGeometry, after: BaseGeometry, plane: Plane) -> Moved | None:
    old, new = plane.metres(array_of([before, after]))
    farthest = float(shapely.hausdorff_distance(old.boundary, new.boundary))
    if farthest < MOVED_AT_ALL_M:
        return None
    return Moved(index, after, plane.area_m2(after) - plane.area_m2(before), farthest)


def _settle_overlaps(zones: Shapes, plane: Plane, tolerance_m: float, odd: NDArray[np.bool_]) -> bool:
    """Take every narrow overlap from the larger of its two zones; always the larger, so that no ground is lost by all."""
    pairs: dict[tuple[int, int], list[Fault]] = {}
    for fault in find_overlaps(zones, plane, odd):
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


def _fill_gaps(
    ground: tuple[Shapes, BaseGeometry | None], plane: Plane, tolerance_m: float, odd: NDArray[np.bool_]
) -> bool:
    """Give every narrow gap to the zones beside it, each what lies within the tolerance of its border."""
    zones, whole = ground
    changed = False
    for fault in find_gaps(zones, plane, whole, odd):
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
    left = plane.metres(array_of([fault.geometry]))[0]
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
            _as_first_drawn(plane.degrees(array_of([piece]))[0], fault.geometry, plane),
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


def _only_polygons(shape: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == POLYGON]))

"""Geometry as users send it → geometry as we keep it: valid, flat, of one kind; what was repaired is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon

from geoservice.errors import InvalidGeometry

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry as Geometry

    Coordinates = NDArray[np.float64]  # (n, 2)

MOST_VERTICES = 1_000_000
MOST_CROSSINGS = 1_000
MOST_NEAR_PAIRS = 10_000_000
PAIRS_AT_ONCE = 500_000
LARGEST_COORDINATE = 1e9
SMALLEST_AREA = 1e-14  # square degrees: a tenth of a square millimetre; metric input is far above
AREA_CHANGE_TOLD = 0.001

RINGS_REPAIRED = "rings_repaired"
PARTS_DROPPED = "parts_dropped"
AREA_CHANGED = "area_changed"


def clean_polygon(geom: Geometry | None) -> tuple[MultiPolygon, tuple[str, ...]]:
    """A valid MultiPolygon of two dimensions, and the codes of what was done to it.

    Codes: `rings_repaired`, `parts_dropped` (lines and points beside the polygons), `area_changed` (by more than
    a thousandth; `area_change` tells how much). Raises InvalidGeometry: `geometry_empty`, `not_a_polygon`,
    `zero_area`, `coordinates_not_finite`, `coordinates_out_of_range`, `too_many_vertices`, `too_tangled`.
    """
    flat = _flat(geom)
    parts = _parts(flat)
    polygons = [part for part in parts if isinstance(part, Polygon)]
    if not polygons:
        raise InvalidGeometry("not_a_polygon", kind=flat.geom_type)
    codes = [PARTS_DROPPED] if len(polygons) < len(parts) else []
    whole = MultiPolygon(polygons)
    if not whole.is_valid:
        codes.append(RINGS_REPAIRED)
        repaired = _repaired(whole)
        if area_change(whole, repaired) > AREA_CHANGE_TOLD:
            codes.append(AREA_CHANGED)
        whole = repaired
    if whole.is_empty or not whole.area > SMALLEST_AREA:
        raise InvalidGeometry("zero_area")
    return whole, tuple(codes)


def clean_line(geom: Geometry | None) -> list[LineString]:
    """The lines of a geometry, flat, without repeated points; InvalidGeometry when there are none with a length."""
    flat = _flat(geom)
    lines = [part for part in _parts(flat) if isinstance(part, LineString)]
    if not lines:
        raise InvalidGeometry("not_a_line", kind=flat.geom_type)
    cleaned = [LineString(shapely.remove_repeated_points(line).coords) for line in lines if line.length > 0]
    if not cleaned:
        raise InvalidGeometry("zero_length")
    return cleaned


def clean_point(geom: Geometry | None) -> Point:
    """The one point of a geometry, flat; InvalidGeometry when there is none, or several."""
    flat = _flat(geom)
    points = [part for part in _parts(flat) if isinstance(part, Point)]
    if len(points) != 1:
        raise InvalidGeometry("not_a_point", kind=flat.geom_type)
    return points[0]


def area_change(before: Geometry, after: Geometry) -> float:
    """By what share of the area that its rings enclosed a repair changed a polygon; 1.0 when that was nothing."""
    enclosed = float(before.area)
    return abs(float(after.area) - enclosed) / enclosed if enclosed > 0 else 1.0


def _flat(geom: Geometry | None) -> Geometry:
    """The geometry in two dimensions, once its size and its coordinates are sound."""
    if geom is None or geom.is_empty:
        raise InvalidGeometry("geometry_empty")
    flat = shapely.force_2d(geom)
    count = int(shapely.get_num_coordinates(flat))
    if count > MOST_VERTICES:
        raise InvalidGeometry("too_many_vertices", count=count, most=MOST_VERTICES)
    coordinates = shapely.get_coordinates(flat)
    if not np.isfinite(coordinates).all():
        raise InvalidGeometry("coordinates_not_finite")
    if np.abs(coordinates).max() > LARGEST_COORDINATE:
        raise InvalidGeometry("coordinates_out_of_range")
    return flat


def _parts(geom: Geometry) -> list[Geometry]:
    """Single geometries, out of multis and of collections within collections; empty ones are gone."""
    parts = [geom]
    while any(hasattr(part, "geoms") for part in parts):
        parts = [piece for part in parts for piece in (part.geoms if hasattr(part, "geoms") else [part])]
    return [part for part in parts if not part.is_empty]


def _repaired(whole: MultiPolygon) -> MultiPolygon:
    """What `make_valid` makes of it, once its rings are known to cross seldom enough for that to be quick."""
    _refuse_tangle(whole)
    valid = shapely.make_valid(whole, method="structure", keep_collapsed=False)
    return MultiPolygon([part for part in _parts(valid) if isinstance(part, Polygon)])


def _refuse_tangle(whole: MultiPolygon) -> None:
    """Count where segments cross, a few at a time, and stop at the cap: a random ring of n points crosses n²/6 times."""
    starts, ends = _segments(whole)
    boxes = np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)), dtype=object)
    tree = shapely.STRtree(boxes)
    at_once = max(1, PAIRS_AT_ONCE // max(len(starts), 1))
    crossings = near = 0
    for first in range(0, len(starts), at_once):
        ours, theirs = tree.query(boxes[first : first + at_once])
        ours = ours + first
        once = ours < theirs
        ours, theirs = ours[once], theirs[once]
        near += len(ours)
        crossings += int(_cross(starts[ours], ends[ours], starts[theirs], ends[theirs]).sum())
        if crossings > MOST_CROSSINGS or near > MOST_NEAR_PAIRS:
            raise InvalidGeometry("too_tangled", most=MOST_CROSSINGS)


def _segments(whole: MultiPolygon) -> tuple[Coordinates, Coordinates]:
    """The starts and the ends of all segments of all rings, each (n, 2)."""
    rings = shapely.get_rings(shapely.get_parts(whole))
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return coordinates[:-1][same], coordinates[1:][same]


def _cross(a: Coordinates, b: Coordinates, c: Coordinates, d: Coordinates) -> NDArray[np.bool_]:
    """Whether segment ab and segment cd cross inside both, pair by pair."""
    return (_side(a, b, c) * _side(a, b, d) < 0) & (_side(c, d, a) * _side(c, d, b) < 0)


def _side(a: Coordinates, b: Coordinates, place: Coordinates) -> NDArray[np.float64]:
    """+1 where a place lies left of the line ab, -1 right, 0 on it."""
    return np.sign(
        (b[:, 0] - a[:, 0]) * (place[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (place[:, 0] - a[:, 0])
    )

"""Whatever comes in, what is kept is valid, flat and of one kind, in a bounded time; and repairs are told."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from geoservice.domain import geometry
from geoservice.domain.geometry import area_change, clean_line, clean_point, clean_polygon
from geoservice.errors import InvalidGeometry

LONGEST_SECONDS = 10


def odd(wkt: str) -> Any:
    """A geometry that numpy warns of."""
    with np.errstate(invalid="ignore"):
        return shapely.from_wkt(wkt)


coordinates = st.tuples(
    st.floats(-100, 100).map(lambda v: round(v, 3)), st.floats(-100, 100).map(lambda v: round(v, 3))
)


@given(st.lists(coordinates, min_size=3, max_size=30))
@settings(deadline=None)
def test_any_ring_becomes_a_valid_multipolygon_or_is_refused(ring: list[tuple[float, float]]) -> None:
    try:
        whole, codes = clean_polygon(Polygon(ring))
    except InvalidGeometry as refused:
        assert refused.code in {"zero_area", "geometry_empty"}
        return
    assert isinstance(whole, MultiPolygon)
    assert whole.is_valid
    assert whole.area > 0
    assert not whole.has_z
    assert bool(codes) == (not Polygon(ring).is_valid)
    assert clean_polygon(whole) == (whole, ()), "cleaning twice changes nothing"


def test_a_sound_polygon_is_kept_as_it_is() -> None:
    ring = box(0, 0, 10, 10).difference(box(3, 3, 5, 5))
    assert clean_polygon(ring) == (MultiPolygon([ring]), ())


def test_a_bow_tie_keeps_both_its_wings() -> None:
    whole, codes = clean_polygon(Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))
    assert whole.area == pytest.approx(2.0)
    assert geometry.RINGS_REPAIRED in codes
    assert geometry.AREA_CHANGED in codes


def test_overlapping_parts_become_one_and_a_hole_outside_is_no_hole() -> None:
    whole, codes = clean_polygon(MultiPolygon([box(0, 0, 2, 2), box(1, 0, 3, 2)]))
    assert (whole.area, codes[0]) == (6.0, geometry.RINGS_REPAIRED)
    outside = Polygon(box(0, 0, 1, 1).exterior, [box(5, 5, 6, 6).exterior])
    assert clean_polygon(outside)[0].is_valid


def test_height_is_dropped_and_areas_are_kept_out_of_a_collection() -> None:
    solid = shapely.force_3d(box(0, 0, 1, 1), 7)
    nested = shapely.GeometryCollection(
        [Point(1, 1), shapely.GeometryCollection([solid, LineString([(0, 0), (1, 1)])])]
    )
    whole, codes = clean_polygon(nested)
    assert (whole.has_z, whole.area, codes) == (False, 1.0, (geometry.PARTS_DROPPED,))


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (None, "geometry_empty"),
        (Polygon(), "geometry_empty"),
        (shapely.GeometryCollection(), "geometry_empty"),
        (Point(1, 1), "not_a_polygon"),
        (LineString([(0, 0), (1, 0), (1, 1), (0, 0)]), "not_a_polygon"),
        (Polygon([(0, 0), (1, 1), (2, 2)]), "zero_area"),
        (Polygon([(0, 0), (0, 0), (0, 0)]), "zero_area"),
        (odd("POLYGON ((0 0, 1 nan, 1 1, 0 0))"), "coordinates_not_finite"),
        (odd("POLYGON ((0 0, 1 inf, 1 1, 0 0))"), "coordinates_not_finite"),
        (Polygon([(0, 0), (1e300, 0), (1, 1)]), "coordinates_out_of_range"),
    ],
)
def test_what_is_no_area_is_refused(shape: Any, code: str) -> None:
    with pytest.raises(InvalidGeometry) as caught:
        clean_polygon(shape)
    assert caught.value.code == code


def test_too_many_vertices_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geometry, "MOST_VERTICES", 4)
    with pytest.raises(InvalidGeometry, match="too_many_vertices"):
        clean_polygon(box(0, 0, 1, 1))


@pytest.mark.parametrize("count", [400, 2_000, 20_000])
def test_a_random_ring_is_refused_soon(count: int) -> None:
    ring = Polygon(np.random.default_rng(7).random((count, 2)))
    began = time.monotonic()
    with pytest.raises(InvalidGeometry, match="too_tangled"):
        clean_polygon(ring)
    assert time.monotonic() - began < LONGEST_SECONDS


def test_a_large_clean_ring_is_kept_and_a_large_one_with_a_knot_repaired_soon() -> None:
    angle = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    began = time.monotonic()
    assert clean_polygon(Polygon(circle))[1] == ()
    circle[[10, 12]] = circle[[12, 10]]
    assert geometry.RINGS_REPAIRED in clean_polygon(Polygon(circle))[1]
    assert time.monotonic() - began < LONGEST_SECONDS


def test_crossings_are_counted_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five crossings in a pentagram: a cap of four refuses it, a cap of five does not."""
    angle = np.arange(5) * 4 * np.pi / 5
    star = Polygon(np.column_stack([np.cos(angle), np.sin(angle)]))
    monkeypatch.setattr(geometry, "MOST_CROSSINGS", 5)
    assert clean_polygon(star)[0].is_valid
    monkeypatch.setattr(geometry, "MOST_CROSSINGS", 4)
    with pytest.raises(InvalidGeometry, match="too_tangled"):
        clean_polygon(star)


def test_lines_come_out_single_flat_and_without_repeats() -> None:
    many = shapely.MultiLineString([[(0, 0, 1), (0, 0, 1), (1, 0, 1)], [(5, 5, 1), (6, 6, 1)]])
    assert [line.wkt for line in clean_line(many)] == ["LINESTRING (0 0, 1 0)", "LINESTRING (5 5, 6 6)"]
    ring = shapely.LinearRing([(0, 0), (1, 0), (1, 1)])
    assert clean_line(ring)[0].geom_type == "LineString"
    for shape, code in (
        (Point(0, 0), "not_a_line"),
        (LineString([(1, 1), (1, 1)]), "zero_length"),
        (LineString(), "geometry_empty"),
    ):
        with pytest.raises(InvalidGeometry, match=code):
            clean_line(shape)


def test_a_point_is_one_point() -> None:
    assert clean_point(Point(1, 2, 3)).wkt == "POINT (1 2)"
    assert clean_point(shapely.MultiPoint([(1, 2)])).wkt == "POINT (1 2)"
    for shape, code in (
        (shapely.MultiPoint([(1, 2), (3, 4)]), "not_a_point"),
        (box(0, 0, 1, 1), "not_a_point"),
        (Point(math.nan, 1), "geometry_empty|coordinates_not_finite"),
        (Point(math.inf, 1), "coordinates_not_finite"),
        (None, "geometry_empty"),
    ):
        with pytest.raises(InvalidGeometry, match=code):
            clean_point(shape)


def test_the_change_of_area_is_a_share_of_what_the_rings_enclosed() -> None:
    assert area_change(box(0, 0, 2, 1), box(0, 0, 1, 1)) == 0.5
    assert area_change(Polygon(), box(0, 0, 1, 1)) == 1.0

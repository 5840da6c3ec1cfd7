"""Gaps and overlaps between zones: those that were put in are found, no others, and narrow ones close without moving much."""

from __future__ import annotations

import itertools

import numpy as np
import pyproj
import pytest
import shapely
import shapely.ops
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from geoservice.domain.closing import close_narrow
from geoservice.domain.topology import find_gaps, find_overlaps, is_narrow, outside_parts, plane_of

WEST, SOUTH = 114.05, 22.53
CELL_M = 100.0
GEOD = pyproj.Geod(ellps="GRS80")
SCALE = np.array(
    [
        GEOD.inv(WEST, SOUTH, WEST + 1e-3, SOUTH)[2] * 1e3,
        GEOD.inv(WEST, SOUTH - 5e-4, WEST, SOUTH + 5e-4)[2] * 1e3,
    ]
)


def lonlat(shapes: list) -> list:
    return list(shapely.transform(np.array(shapes, dtype=object), lambda xy: xy / SCALE + [WEST, SOUTH]))


@st.composite
def partitions(draw, side: int = 4) -> list[Polygon]:
    """A square cut into crooked cells that fit exactly; some are cut in two by a diagonal, some borders have more vertices."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    nodes = (
        np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="ij"), axis=-1) * CELL_M
    )
    nodes[1:-1, 1:-1] += rng.uniform(-25, 25, (side - 1, side - 1, 2))
    cells = []
    for i, j in itertools.product(range(side), repeat=2):
        corners = [nodes[i, j], nodes[i + 1, j], nodes[i + 1, j + 1], nodes[i, j + 1]]
        if rng.random() < 0.3:
            cells += [
                Polygon([corners[0], corners[1], corners[2]]),
                Polygon([corners[0], corners[2], corners[3]]),
            ]
        else:
            cells.append(Polygon(corners))
    return cells


def whole_of(cells: list) -> Polygon:
    return shapely.union_all(cells)


def a_shared_border(cells: list[Polygon], rng: np.random.Generator) -> tuple[int, int, shapely.LineString]:
    pairs = [
        (a, b, shared)
        for a, b in itertools.combinations(range(len(cells)), 2)
        if (shared := cells[a].intersection(cells[b])).length > 20
    ]
    return pairs[rng.integers(len(pairs))]


def strip_beside(line: shapely.LineString, width: float) -> Polygon:
    """A strip along the middle of a border, as wide as told, half on each side."""
    middle = (
        shapely.ops.substring(line, 0.25, 0.75, normalized=True) if line.geom_type == "LineString" else line
    )
    return middle.buffer(width / 2, cap_style="flat")


@given(partitions())
@settings(max_examples=9, deadline=None)
def test_an_exact_partition_has_neither_gaps_nor_overlaps(cells: list[Polygon]) -> None:
    shapes = lonlat(cells)
    plane = plane_of(shapes)
    assert find_overlaps(shapes, plane) == []
    assert find_gaps(shapes, plane) == []
    assert find_gaps(shapes, plane, shapely.union_all(shapes)) == []
    assert close_narrow(shapes, plane, 1.0) == []


@given(partitions(), st.floats(0.5, 30), st.integers(0, 2**32 - 1))
@settings(max_examples=9, deadline=None)
def test_what_was_put_in_is_found_with_its_area_and_nothing_else(cells, width, seed) -> None:
    first, second, line = a_shared_border(cells, np.random.default_rng(seed))
    strip = strip_beside(line, width)
    holed = [cell.difference(strip) if index in {first, second} else cell for index, cell in enumerate(cells)]
    lost = whole_of(cells).area - whole_of(holed).area
    gaps = find_gaps(lonlat(holed), plane_of(lonlat(cells)))
    assert sum(gap.area_m2 for gap in gaps) == pytest.approx(lost, rel=1e-3, abs=0.2)
    assert {first, second} <= {zone for gap in gaps for zone in gap.zones}
    doubled = [cell.union(strip) if index in {first, second} else cell for index, cell in enumerate(cells)]
    brute = {
        (a, b): area
        for a, b in itertools.combinations(range(len(doubled)), 2)
        if (area := doubled[a].intersection(doubled[b]).area) > 0.2
    }
    overlaps = find_overlaps(lonlat(doubled), plane_of(lonlat(cells)))
    found: dict[tuple[int, ...], float] = {}
    for overlap in overlaps:
        found[overlap.zones] = found.get(overlap.zones, 0) + overlap.area_m2
    assert set(brute) <= set(found)
    for pair, area in brute.items():
        assert found[pair] == pytest.approx(area, rel=1e-3, abs=0.3)
    assert [fault.area_m2 for fault in overlaps] == sorted((f.area_m2 for f in overlaps), reverse=True)


@given(
    partitions(),
    st.lists(st.tuples(st.floats(0.1, 4), st.booleans()), min_size=1, max_size=4),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=12, deadline=None)
def test_narrow_faults_close_wide_ones_stay_and_no_border_moves_further_than_the_tolerance(
    cells, faults, seed
) -> None:
    rng, tolerance = np.random.default_rng(seed), 1.0
    broken = list(cells)
    for width, is_gap in faults:
        first, second, line = a_shared_border(cells, rng)
        strip = strip_beside(line, width)
        for index in (first, second):
            changed = broken[index].difference(strip) if is_gap else broken[index].union(strip)
            broken[index] = (
                changed if changed.geom_type == "Polygon" else max(changed.geoms, key=lambda part: part.area)
            )
    shapes = lonlat(broken)
    plane = plane_of(shapes)
    whole = shapely.union_all(lonlat(cells))
    wide = [
        f
        for f in (*find_overlaps(shapes, plane), *find_gaps(shapes, plane, whole))
        if not is_narrow(f.geometry, plane, tolerance)
    ]
    moved = close_narrow(shapes, plane, tolerance, whole)
    after = list(shapes)
    for each in moved:
        after[each.zone] = each.geometry
        assert each.farthest_m <= tolerance * 1.001
        assert each.geometry.is_valid
        assert isinstance(each.geometry, MultiPolygon)
        real = plane.area_m2(each.geometry) - plane.area_m2(shapes[each.zone])
        assert each.change_m2 == pytest.approx(real, abs=1e-6)
    left = [*find_overlaps(after, plane), *find_gaps(after, plane, whole)]
    assert not [f for f in left if is_narrow(f.geometry, plane, tolerance)]
    assert sum(f.area_m2 for f in left) <= sum(f.area_m2 for f in wide) + 0.5


@st.composite
def anything(draw) -> list[MultiPolygon]:
    """Zones that lie anyhow: boxes and triangles on the corners of a grid, some of them two of these apart."""
    corner = st.tuples(st.integers(0, 6), st.integers(0, 6))
    piece = st.one_of(
        st.tuples(corner, corner).map(lambda ends: shapely.MultiPoint(ends).envelope),
        st.tuples(corner, corner, corner).map(Polygon),
    ).filter(lambda drawn: drawn.geom_type == "Polygon" and drawn.area > 0)
    zone = st.lists(piece, min_size=1, max_size=2).map(shapely.union_all)
    return [
        shapely.transform(each, lambda xy: xy * 10) for each in draw(st.lists(zone, min_size=2, max_size=6))
    ]


@given(anything())
@example([box(0, 0, 30, 30), Polygon([(30, 10), (10, 20), (30, 30)])])
@example([box(0, 0, 60, 60), MultiPolygon([box(20, 20, 30, 30), box(80, 0, 120, 60)])])
@settings(max_examples=30, deadline=None)
def test_no_overlap_of_any_two_zones_is_missed(zones) -> None:
    shapes = lonlat(zones)
    found: dict[tuple[int, ...], float] = {}
    for overlap in find_overlaps(shapes, plane_of(shapes)):
        found[overlap.zones] = found.get(overlap.zones, 0) + overlap.area_m2
    exact = {
        (one, other): zones[one].intersection(zones[other]).area
        for one, other in itertools.combinations(range(len(zones)), 2)
    }
    assert {pair for pair, area in exact.items() if area > 1} <= found.keys()
    assert all(found[pair] == pytest.approx(exact[pair], rel=0.01, abs=0.5) for pair in found)


def test_a_strip_between_two_rows_goes_to_the_zones_beside_it_piece_by_piece() -> None:
    row = [box(100 * n, 0, 100 * n + 100, 100) for n in range(5)]
    far = [box(100 * n, 100.6, 100 * n + 100, 200) for n in range(5)]
    shapes = lonlat([*row, *far])
    plane = plane_of(shapes)
    moved = close_narrow(shapes, plane, 1.0, shapely.union_all(lonlat([box(0, 0, 500, 200)])))
    assert sum(each.change_m2 for each in moved) == pytest.approx(300, rel=0.01)
    assert all(each.change_m2 < 62 for each in moved), "one zone took another's stretch"


@pytest.mark.parametrize("inner", [box(10, 10, 20, 20), box(0, 0, 100, 100), box(50, 50, 150, 150)])
def test_a_zone_within_another_or_drawn_twice_overlaps_it(inner: Polygon) -> None:
    shapes = lonlat([box(0, 0, 100, 100), inner])
    (found,) = find_overlaps(shapes, plane_of(shapes))
    assert found.area_m2 == pytest.approx(box(0, 0, 100, 100).intersection(inner).area, rel=1e-3)


def test_vertices_on_a_long_straight_border_of_the_neighbour_are_no_fault() -> None:
    parent = box(0, 0, 5000, 1000)
    children = [box(500 * n, 0, 500 * n + 500, 500) for n in range(10)] + [box(0, 500, 5000, 1000)]
    shapes = lonlat(children)
    plane = plane_of(shapes)
    assert find_gaps(shapes, plane, lonlat([parent])[0]) == []
    assert find_overlaps(shapes, plane) == []


def test_what_of_a_child_lies_outside_its_parent() -> None:
    parent, child = lonlat([box(0, 0, 100, 100), box(50, 0, 150, 100)])
    outside = outside_parts(child, parent, plane_of([parent]))
    assert outside is not None
    assert outside[1] == pytest.approx(5000, rel=1e-3)
    assert outside_parts(parent, parent, plane_of([parent])) is None


def test_nothing_is_wrong_with_nothing() -> None:
    plane = plane_of([])
    assert find_gaps([], plane) == [] == find_overlaps([], plane) == close_narrow([], plane, 1.0)

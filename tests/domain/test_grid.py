"""Cells cover their zone, all of it and nothing twice, on one grid for all zones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from geoservice.domain.grid import cell_code, cut_cells
from geoservice.errors import InvalidGeometry

SIZE = 100.0
corners = st.lists(
    st.tuples(st.integers(-450, 450), st.integers(-450, 450)), min_size=3, max_size=12, unique=True
)


def zone_of(points: list[tuple[int, int]]) -> Polygon | MultiPolygon | None:
    """A star around the middle of some points, on awkward coordinates: any shape but a self-crossing one."""
    array = np.add(np.array(points, dtype=np.float64), (500_000.123, 2_500_000.456))
    middle = array.mean(axis=0)
    order = np.argsort(np.arctan2(*(array - middle).T[::-1]))
    zone = shapely.make_valid(Polygon(array[order]), method="structure", keep_collapsed=False)
    return zone if isinstance(zone, (Polygon, MultiPolygon)) and zone.area > 1 else None


@given(corners, st.sampled_from([0.0, 0.2, 0.5, 0.99]))
@settings(deadline=None, max_examples=15)
def test_cells_are_disjoint_and_their_union_is_the_zone(points: list[tuple[int, int]], share: float) -> None:
    zone = zone_of(points)
    if zone is None:
        return
    cells = cut_cells(zone, SIZE, share)
    grounds = [cell.polygon for cell in cells]
    assert all(ground.is_valid and ground.area > 0 for ground in grounds)
    assert sum(ground.area for ground in grounds) == pytest.approx(zone.area, rel=1e-9)
    assert shapely.union_all(grounds).symmetric_difference(zone).area < 1e-6 * zone.area + 1e-4
    for one, other in itertools.combinations(grounds, 2):
        assert one.intersection(other).area < 1e-4


@given(corners)
@settings(deadline=None, max_examples=12)
def test_only_a_piece_without_neighbours_stays_a_sliver(points: list[tuple[int, int]]) -> None:
    zone = zone_of(points)
    if zone is None:
        return
    cells = cut_cells(zone, SIZE, 0.3)
    for cell in cells:
        if cell.polygon.area < 0.3 * SIZE * SIZE * 0.999:
            others = [other.polygon for other in cells if other is not cell]
            assert all(
                shapely.length(cell.polygon.boundary.intersection(other.boundary)) < 1e-6 for other in others
            )


@given(corners)
@settings(deadline=None, max_examples=12)
def test_a_cell_holds_the_ground_of_its_own_square(points: list[tuple[int, int]]) -> None:
    zone = zone_of(points)
    if zone is None:
        return
    places = set()
    for cell in cut_cells(zone, SIZE):
        square = box(cell.col * SIZE, cell.row * SIZE, (cell.col + 1) * SIZE, (cell.row + 1) * SIZE)
        assert cell.polygon.intersection(square).area == pytest.approx(
            zone.intersection(square).area, abs=1e-4
        )
        places.add((cell.row, cell.col))
    assert len(places) == len(cut_cells(zone, SIZE))


def test_cells_run_from_north_to_south_and_west_to_east() -> None:
    cells = cut_cells(box(0, 0, 300, 200), SIZE)
    assert [(cell.row, cell.col) for cell in cells] == [(1, 0), (1, 1), (1, 2), (0, 0), (0, 1), (0, 2)]
    assert all(cell.polygon.area == SIZE * SIZE for cell in cells)


def test_neighbouring_zones_share_one_grid() -> None:
    west, east = cut_cells(box(0, 0, 250, 100), SIZE, 0.0), cut_cells(box(250, 0, 400, 100), SIZE, 0.0)
    assert {cell.col for cell in west} & {cell.col for cell in east} == {2}


def test_slivers_join_the_neighbour_with_the_longest_border() -> None:
    zone = box(0, 0, 210, 100).union(box(200, 0, 400, 5))
    cells = cut_cells(zone, SIZE)
    assert len(cells) == 2
    assert cells[-1].polygon.area == pytest.approx(SIZE * SIZE + 1000 + 95 * 0 + 190 * 5)


def test_a_zone_smaller_than_a_cell_is_one_cell_and_islands_stay_alone() -> None:
    assert len(cut_cells(box(10, 10, 20, 20), SIZE)) == 1
    assert len(cut_cells(MultiPolygon([box(10, 10, 20, 20), box(510, 510, 520, 520)]), SIZE)) == 2


def test_a_grid_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(InvalidGeometry, match="too_many_cells"):
        cut_cells(box(0, 0, 1_000_000, 1_000_000), 1)
    with pytest.raises(InvalidGeometry, match="geometry_empty"):
        cut_cells(Polygon(), SIZE)
    for size, share in ((0, 0.2), (-1, 0.2), (float("nan"), 0.2), (100, 1.0), (100, -0.1)):
        with pytest.raises(ValueError, match="make no grid"):
            cut_cells(box(0, 0, 1, 1), size, share)


@given(st.integers(1, 100_000))
def test_codes_of_one_parent_are_unique_and_equally_long(count: int) -> None:
    numbers = {1, count, (count + 1) // 2}
    codes = {cell_code("440304001002", number, count) for number in numbers}
    assert len(codes) == len(numbers)
    assert len({len(code) for code in codes}) == 1
    assert sorted(codes) == [cell_code("440304001002", number, count) for number in sorted(numbers)]


def test_codes_have_two_digits_at_least() -> None:
    assert cell_code("P", 7, 9) == "P07"
    assert cell_code("P", 7) == "P007"
    for number in (0, 10):
        with pytest.raises(ValueError, match="no cell"):
            cell_code("P", number, 9)

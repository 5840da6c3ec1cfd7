"""Lines cut and joined: nothing is lost, nothing moves, and what was cut becomes the line again."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shapely import LineString

from geoservice.domain.line_cutting import MEETING_DEGREES, cut_line, join_lines

heights = st.lists(st.integers(-50, 50), min_size=2, max_size=12)


def street_of(heights: list[int]) -> LineString:
    """A street that goes east, so that it never crosses itself."""
    return LineString([(114 + 0.001 * column, 22.5 + 1e-4 * row) for column, row in enumerate(heights)])


def line_across(height: int, slope: int) -> LineString:
    return LineString([(113.99, 22.5 + 1e-4 * height), (114.02, 22.5 + 1e-4 * (height + slope))])


def corners(line: LineString) -> list[tuple[float, ...]]:
    return list(line.coords)


@given(heights, st.integers(-50, 50), st.integers(-40, 40))
@hypothesis_settings(max_examples=100, deadline=None)
def test_parts_follow_one_another_and_are_the_line(heights, height, slope):
    street, across = street_of(heights), line_across(height, slope)
    parts = cut_line(street, across)
    assert corners(parts[0])[0] == corners(street)[0] and corners(parts[-1])[-1] == corners(street)[-1]
    for before, after in pairwise(parts):
        assert corners(before)[-1] == corners(after)[0]
        assert across.distance(shapely.Point(corners(after)[0])) < 1e-7
    assert set(corners(street)) <= {corner for part in parts for corner in corners(part)}
    assert sum(part.length for part in parts) == pytest.approx(street.length, rel=1e-9)
    assert street.hausdorff_distance(shapely.MultiLineString(parts)) < 1e-9


@given(heights, st.integers(-50, 50), st.integers(-40, 40))
@hypothesis_settings(max_examples=100, deadline=None)
def test_there_is_one_part_more_than_geos_finds_crossings(heights, height, slope):
    street, across = street_of(heights), line_across(height, slope)
    met = shapely.get_parts(shapely.intersection(street, across))
    assume(all(each.geom_type == "Point" for each in met))
    inside = [each for each in met if each.distance(street.boundary) > 1e-6]
    assume(len(inside) == len([each for each in met if each.distance(street.boundary) > 0]))
    assert len(cut_line(street, across)) == len(inside) + 1


@given(heights, st.integers(-50, 50), st.integers(-40, 40), st.randoms(use_true_random=False))
@hypothesis_settings(max_examples=100, deadline=None)
def test_what_was_cut_is_joined_again_in_whichever_order_it_is_told(heights, height, slope, random):
    parts = cut_line(street_of(heights), line_across(height, slope))
    assume(all(part.length > 3 * MEETING_DEGREES for part in parts))  # shorter ones meet themselves
    told = [(part, random.random() < 0.5) for part in parts]
    random.shuffle(told)
    joined = join_lines([part.reverse() if turned else part for part, turned in told])
    assert joined is not None
    first_turned = told[0][1]
    whole = [corner for part in parts for corner in corners(part)]
    whole = [whole[0], *(b for a, b in pairwise(whole) if a != b)]
    assert corners(joined.line) == (whole[::-1] if first_turned else whole)
    assert joined.turned == tuple(turned != first_turned for _, turned in told)


def test_a_street_that_crosses_itself_is_cut_only_where_the_line_is():
    loop = LineString([(0, 0), (2, 0), (2, 1), (1, 1), (1, -1)])
    parts = cut_line(loop, LineString([(1.5, -0.5), (1.5, 0.5)]))
    assert [corners(part) for part in parts] == [
        [(0, 0), (1.5, 0)],
        [(1.5, 0), (2, 0), (2, 1), (1, 1), (1, -1)],
    ]


def test_a_line_along_a_street_cuts_it_where_it_joins_and_leaves():
    street = LineString([(0, 0), (1, 0), (2, 0), (3, 0)])
    parts = cut_line(street, LineString([(0.5, 1), (1, 0), (2, 0), (2.5, 1)]))
    assert [corners(part) for part in parts] == [[(0, 0), (1, 0)], [(1, 0), (2, 0)], [(2, 0), (3, 0)]]


def test_ends_a_little_apart_meet_and_far_ones_do_not():
    def right(gap):
        return LineString([(1 + gap, 0), (2, 0)])

    left = LineString([(0, 0), (1, 0)])
    near = join_lines([left, right(MEETING_DEGREES / 2)])
    assert near is not None and len(near.line.coords) == 4
    assert join_lines([left, right(2 * MEETING_DEGREES)]) is None


def test_three_that_meet_are_no_line_and_a_ring_is_one():
    arms = [LineString([(0, 0), (np.cos(turn), np.sin(turn))]) for turn in (0, 2, 4)]
    assert join_lines(arms) is None
    halves = [LineString([(0, 0), (1, 0), (1, 1)]), LineString([(0, 0), (0, 1), (1, 1)])]
    ring = join_lines(halves)
    assert ring is not None and ring.line.is_ring and ring.turned == (False, True)
    lasso = [LineString([(0, 0), (1, 0)]), LineString([(1, 0), (2, 0), (2, 1), (1, 0)])]
    assert join_lines(lasso) is None

"""Networks of streets and the ways over them, against an independent reckoning of the same graph."""

from __future__ import annotations

import heapq
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.roads import Roads, components, find_weaknesses, is_near_miss, make_network
from geoservice.domain.streets import StreetLines
from geoservice.domain.ways import NOWHERE, StopGraph, put_stops


def roads_of(lines, *, one_way=(), level=None, speed=1.0) -> Roads:
    count = len(lines)
    xy, index = shapely.get_coordinates(np.array(lines, dtype=object), return_index=True)
    return Roads(
        StreetLines(
            np.arange(count), np.array(level or [0] * count, np.int16), np.zeros(count, bool), np.ones(count, np.int32),
            xy, np.searchsorted(index, np.arange(count + 1)).astype(np.int64),
        ),
        np.full(count, float(speed)) if np.isscalar(speed) else np.array(speed, float),
        np.isin(np.arange(count), one_way),
    )  # fmt: skip


def line(*places) -> shapely.LineString:
    return shapely.LineString(places)


def test_streets_are_noded_where_they_cross_on_one_level_and_nowhere_else():
    cross = [line((0, 0), (100, 0)), line((50, -50), (50, 50))]
    assert len(make_network(roads_of(cross)).tail) == 4
    bridge = make_network(roads_of(cross, level=[0, 1]))
    assert len(bridge.tail) == 2
    assert components(bridge)[1].tolist() == [100.0, 100.0]


def test_a_closed_street_is_no_part_of_the_network():
    network = make_network(roads_of([line((0, 0), (100, 0)), line((50, -50), (50, 50))], speed=[1.0, 0.0]))
    assert len(network.tail) == 1
    assert network.length_m.sum() == 100


def test_ends_that_stop_short_are_told_from_dead_ends():
    network = make_network(
        roads_of([line((0, 0), (100, 0)), line((50, 4), (50, 60)), line((100, 0), (160, 0))])
    )
    found = find_weaknesses(network, 10.0)
    short = [weakness for weakness in found if is_near_miss(weakness)]
    assert [(weakness.xy, weakness.gap_m, weakness.other) for weakness in short] == [((50.0, 4.0), 4.0, 0)]
    assert sorted(weakness.xy for weakness in found) == [(0.0, 0.0), (50.0, 4.0), (50.0, 60.0), (160.0, 0.0)]


def test_one_way_holds_and_the_way_back_goes_round():
    square = [line((0, 0), (100, 0)), line((100, 0), (100, 100), (0, 100), (0, 0))]
    network = make_network(roads_of(square, one_way=[0]))
    graph = StopGraph(network, put_stops(network, np.array([[20.0, 1.0], [80.0, -1.0]]), 20.0))
    costs = graph.costs()
    assert costs.metres.tolist() == [[0.0, 60.0], [340.0, 0.0]]
    assert graph.way(0, 1).equals(line((20, 0), (80, 0)))
    assert graph.way(1, 0).length == pytest.approx(340)


def test_a_stop_that_is_nowhere_reaches_nothing():
    network = make_network(roads_of([line((0, 0), (100, 0))]))
    stops = put_stops(network, np.array([[0.0, 0.0], [50.0, 500.0]]), 20.0)
    assert stops.edge.tolist() == [0, NOWHERE]
    graph = StopGraph(network, stops)
    assert np.isinf(graph.costs().seconds[1]).all()
    assert graph.way(0, 1) is None


def _key(place) -> tuple[float, float]:
    return (round(place[0], 6), round(place[1], 6))


def _cut_everywhere(lines, speed, one_way, nodes) -> dict:
    """Arcs between all places where shapely says that lines meet or a stop lies, with their cost."""
    arcs: dict = {}
    for number, shape in enumerate(lines):
        cuts = {0.0, shape.length}
        for other in lines[:number] + lines[number + 1 :]:
            met = shapely.get_coordinates(shapely.intersection(shape, other))
            cuts |= {shape.project(shapely.Point(*place)) for place in met}
        cuts |= {shape.project(node) for node in nodes if shape.distance(node) < 1e-6}
        for start, end in pairwise(sorted(cuts)):
            a, b = (_key(shape.interpolate(offset).coords[0]) for offset in (start, end))
            arcs.setdefault(a, []).append((b, (end - start) / speed[number]))
            if number not in one_way:
                arcs.setdefault(b, []).append((a, (end - start) / speed[number]))
    return arcs


def _quickest_from(start, arcs) -> dict:
    best, heap = {start: 0.0}, [(0.0, start)]
    while heap:
        cost, at = heapq.heappop(heap)
        for after, more in arcs.get(at, ()) if cost <= best[at] else ():
            if cost + more < best.get(after, np.inf):
                best[after] = cost + more
                heapq.heappush(heap, (cost + more, after))
    return best


def quickest_by_hand(lines, speed, one_way, places) -> np.ndarray:
    nodes = [shapely.Point(*place) for place in places]
    arcs = _cut_everywhere(lines, speed, one_way, nodes)
    trees = [_quickest_from(_key(place), arcs) for place in places]
    return np.array([[tree.get(_key(place), np.inf) for place in places] for tree in trees])


@st.composite
def towns(draw):
    """Streets of a town of blocks, some missing, of different speeds, some one-way, and stops on them."""
    side = draw(st.integers(2, 4))
    lines = []
    for row in range(side):
        for column in range(side):
            if column + 1 < side and draw(st.booleans()):
                lines.append(line((100 * column, 100 * row), (100 * column + 100, 100 * row)))
            if row + 1 < side and draw(st.booleans()):
                lines.append(line((100 * column, 100 * row), (100 * column, 100 * row + 100)))
    lines.append(line((-10, -40), (330, 290)))  # passes no corner within a metre
    speed = [draw(st.sampled_from([1.0, 2.0, 5.0])) for _ in lines]
    one_way = {number for number in range(len(lines)) if draw(st.integers(0, 3)) == 0}
    places = []
    for _ in range(draw(st.integers(1, 4))):
        shape = lines[draw(st.integers(0, len(lines) - 1))]
        places.append(shape.interpolate(draw(st.integers(3, 97)) / 100, normalized=True).coords[0])
    return lines, speed, one_way, places


@settings(max_examples=15, deadline=None)
@given(towns())
def test_costs_are_those_of_an_independent_reckoning(town):
    lines, speed, one_way, places = town
    network = make_network(roads_of(lines, one_way=list(one_way), speed=speed))
    graph = StopGraph(network, put_stops(network, np.array(places), 1.0))
    costs = graph.costs()
    np.testing.assert_allclose(
        costs.seconds, quickest_by_hand(lines, speed, one_way, places), rtol=1e-9, atol=1e-6
    )
    for one in range(len(places)):
        for other in range(len(places)):
            way = graph.way(one, other)
            assert (way is None) == np.isinf(costs.seconds[one, other])
            if way is not None:
                assert way.length == pytest.approx(costs.metres[one, other], abs=1e-6)


def test_a_stop_a_hair_past_a_crossing_is_at_the_crossing():
    ring = [line((0, 0), (100, 0), (200, 0)), line((100, 0), (100, 100))]
    network = make_network(roads_of(ring, one_way=[0]))
    stops = put_stops(network, np.array([(100.004, 0.0), (100.0, 60.0), (0.0, 0.0)]), 5.0)
    costs = StopGraph(network, stops).costs()
    assert costs.metres[1, 0] == pytest.approx(60.0)
    assert costs.metres[0, 1] == pytest.approx(60.0)
    assert costs.metres[2, 0] == pytest.approx(100.0)

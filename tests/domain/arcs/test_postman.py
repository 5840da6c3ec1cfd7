"""One patrol over all required streets: held against every walk there is, and against another library's matching."""

from __future__ import annotations

from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from geoservice.domain.arcs.matching import Ways, join_odd_nodes, match_pairs
from geoservice.domain.arcs.postman import solve_postman
from geoservice.domain.arcs.task import Arcs
from geoservice.domain.arcs.tours import short_rounds, walk
from tests.domain.arcs.graphs import small_graphs, town


def least_by_hand(arcs: Arcs) -> float:
    """Try every number of times, 0 to 2, that each edge can be walked besides."""
    best = np.inf
    for extra in product((0, 1, 2), repeat=len(arcs.tail)):
        times = arcs.required + np.array(extra)
        length = float(arcs.metres @ times)
        if length < best:
            graph = nx.MultiGraph(
                [
                    (int(arcs.tail[edge]), int(arcs.head[edge]))
                    for edge in range(len(times))
                    for _ in range(int(times[edge]))
                ]
            )
            if nx.is_eulerian(graph):
                best = length
    return best


@settings(max_examples=7)
@given(arcs=small_graphs(most_nodes=5))
def test_no_walk_is_shorter(arcs: Arcs) -> None:
    if len(arcs.tail) > 8:
        arcs = Arcs(arcs.node_count, arcs.tail[:8], arcs.head[:8], arcs.metres[:8], arcs.required[:8])
        if not arcs.required.any():
            return
    found = solve_postman(arcs)
    least = least_by_hand(arcs)
    assert found.length_m == pytest.approx(least)
    assert found.bound_m <= least + 1e-6
    assert found.is_optimal


@settings(max_examples=18)
@given(arcs=small_graphs(most_nodes=9))
def test_a_tour_is_closed_and_walks_every_required_street_once(arcs: Arcs) -> None:
    found = solve_postman(arcs)
    steps = walk(arcs, found.extra)
    ends = [(arcs.tail[step.edge], arcs.head[step.edge])[:: 1 if step.forward else -1] for step in steps]
    for (_, to), (start, _) in zip(ends, ends[1:] + ends[:1], strict=True):
        assert to == start
    served = [step.edge for step in steps if step.serves]
    assert sorted(served) == np.flatnonzero(arcs.required).tolist()
    assert sum(arcs.metres[step.edge] for step in steps) == pytest.approx(found.length_m)
    assert arcs.required_m <= found.bound_m + 1e-6 <= found.length_m + 2e-6


@settings(max_examples=18)
@given(arcs=small_graphs(most_nodes=9))
def test_short_rounds_are_the_walk_taken_apart(arcs: Arcs) -> None:
    found = solve_postman(arcs)
    rounds = short_rounds(arcs, found.extra)
    times = np.bincount([edge for one in rounds for edge in one], minlength=len(arcs.tail))
    assert times.tolist() == (arcs.required + found.extra).tolist()
    for one in rounds:
        alone = np.bincount(one, minlength=len(arcs.tail))
        assert not arcs.odd_nodes(alone).any()


@pytest.mark.parametrize("seed", range(3))
def test_odd_nodes_are_joined_as_another_library_pairs_them(seed: int) -> None:
    arcs = town(9, seed)
    odd = arcs.odd_nodes(arcs.required.astype(np.int64))
    found = join_odd_nodes(arcs, odd)
    metres = Ways(arcs).metres(np.flatnonzero(odd))
    peer = sum(metres[pair] for pair in nx.min_weight_matching(nx.from_numpy_array(metres)))
    assert found.length_m == pytest.approx(peer)
    assert found.bound_m == pytest.approx(peer)
    assert arcs.odd_nodes(found.edges.astype(np.int64)).tolist() == odd.tolist()


def test_near_nodes_of_an_odd_number_are_joined_with_far_ones() -> None:
    # Two crowds of 11, each of which has more near nodes than are looked at first.
    rng = np.random.default_rng(3)
    xy = np.concatenate((rng.uniform(0, 10, (11, 2)), rng.uniform(10_000, 10_010, (11, 2))))
    metres = np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1))
    pairs, bound = match_pairs(metres)
    peer = sum(metres[pair] for pair in nx.min_weight_matching(nx.from_numpy_array(metres)))
    assert sum(metres[pair] for pair in pairs) == pytest.approx(peer)
    assert bound == pytest.approx(peer)


def test_streets_apart_are_joined_at_least_cost() -> None:
    arcs = town(7, 5, required=0.4)
    assert len(arcs.required_parts(np.zeros(len(arcs.tail), np.bool_))[1]) > 3
    found = solve_postman(arcs, 20.0)
    assert found.is_optimal
    at_once = solve_postman(arcs, 0.0)
    assert at_once.bound_m <= found.length_m <= at_once.length_m + 1e-6
    assert len(walk(arcs, at_once.extra)) == int((arcs.required + at_once.extra).sum())


def test_nothing_to_walk_is_no_walk() -> None:
    arcs = town(3, 1, required=0.0)
    assert solve_postman(arcs).length_m == 0
    assert walk(arcs, solve_postman(arcs).extra) == []

"""Several patrols: every street once between them, each a closed walk, much the same length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.arcs.patrols import share_out
from geoservice.domain.arcs.task import Arcs
from tests.domain.arcs.graphs import small_graphs, town


@settings(max_examples=15)
@given(arcs=small_graphs(most_nodes=9), count=st.integers(1, 4))
def test_patrols_cover_everything_once(arcs: Arcs, count: int) -> None:
    found = share_out(arcs, count)
    assert 1 <= len(found.shares) <= count
    served = sorted(edge for share in found.shares for edge in share.edges.tolist())
    assert served == np.flatnonzero(arcs.required).tolist()
    for share in found.shares:
        steps = share.steps(arcs)
        assert sorted(step.edge for step in steps if step.serves) == share.edges.tolist()
        assert sum(arcs.metres[step.edge] for step in steps) == pytest.approx(share.length_m)
    assert found.length_m >= arcs.required_m - 1e-6


@pytest.mark.parametrize("count", [2, 3, 5])
def test_patrols_of_a_town_are_even_and_short(count: int) -> None:
    found = share_out(town(12, 2), count)
    assert len(found.shares) == count
    assert found.longest_over_mean <= 1.15
    assert found.length_m <= 1.10 * found.alone.length_m


def test_a_ring_is_not_walked_twice_for_two_patrols() -> None:
    # Whoever walks half of it and goes back is as long on the way as one who walks it all.
    nodes = np.arange(12)
    arcs = Arcs(12, nodes, (nodes + 1) % 12, np.full(12, 100.0), np.ones(12, np.bool_))
    assert [share.length_m for share in share_out(arcs, 2).shares] == [1200.0]


def test_long_rounds_are_cut_and_each_piece_has_a_way_back() -> None:
    # Two rings of four long streets, each crossed by a short cut: two rounds for three patrols.
    ring = np.arange(8)
    tail, head = np.append(ring, [0, 2]), np.append((ring + 1) % 8, [4, 6])
    arcs = Arcs(8, tail, head, np.append(np.full(8, 500.0), [50.0, 50.0]), np.ones(10, np.bool_))
    found = share_out(arcs, 3)
    assert len(found.shares) == 3
    assert max(share.length_m for share in found.shares) < found.alone.length_m


def test_a_patrol_begins_where_it_is_told_to() -> None:
    arcs = town(8, 4)
    share = share_out(arcs, 2).shares[0]
    node = int(arcs.head[share.edges[3]])
    first = share.steps(arcs, node)[0]
    assert node == (arcs.tail if first.forward else arcs.head)[first.edge]

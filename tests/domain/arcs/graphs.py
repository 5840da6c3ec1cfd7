"""Small graphs to be covered, drawn at random."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from geoservice.domain.arcs.task import Arcs


@st.composite
def small_graphs(draw: st.DrawFn, *, most_nodes: int = 7, all_required: bool = False) -> Arcs:
    """A connected graph with parallel edges, some of it required."""
    nodes = draw(st.integers(2, most_nodes))
    tree = [(draw(st.integers(0, node - 1)), node) for node in range(1, nodes)]
    node = st.integers(0, nodes - 1)
    more = draw(st.lists(st.tuples(node, node).filter(lambda pair: pair[0] != pair[1]), max_size=6))
    ends = np.array(tree + more, np.int64)
    metres = np.array(draw(st.lists(st.integers(1, 50), min_size=len(ends), max_size=len(ends))), float)
    must = [True] * len(ends) if all_required else draw(
        st.lists(st.booleans(), min_size=len(ends), max_size=len(ends)).filter(any)
    )  # fmt: skip
    return Arcs(nodes, ends[:, 0], ends[:, 1], metres, np.array(must))


def town(size: int, seed: int, required: float = 1.0) -> Arcs:
    """A grid of streets, a fifth of them missing, what hangs together of it."""
    rng = np.random.default_rng(seed)
    graph = nx.grid_2d_graph(size, size)
    graph.remove_edges_from([edge for edge in list(graph.edges) if rng.random() < 0.2])
    graph = nx.convert_node_labels_to_integers(
        graph.subgraph(max(nx.connected_components(graph), key=len)), ordering="sorted"
    )
    ends = np.array(sorted(graph.edges), np.int64)
    return Arcs(
        len(graph), ends[:, 0], ends[:, 1], rng.uniform(40, 160, len(ends)), rng.random(len(ends)) < required
    )

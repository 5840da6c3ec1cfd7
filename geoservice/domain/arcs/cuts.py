"""Sets of nodes that a tour must leave more often than a solution does: what cuts fractional solutions off.

A set that an odd number of required edges leaves is left once more at least; one that holds some required edges, has others
outside and none across its border is left twice at least. Separation of the odd ones is exact (Padberg and Rao, 1982).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from geoservice.domain.arcs.task import Arcs

# What counts as short of a whole crossing.
SHORT = 1e-6
_THRESHOLDS = (1e-9, 0.26, 0.51, 0.76)


class Cuts:
    """The sets found so far, as rows: their nodes, over which edges each is left, and how often that must be."""

    def __init__(self, arcs: Arcs, odd: NDArray[np.bool_]) -> None:
        self._arcs = arcs
        self._odd = odd
        self._known: set[bytes] = set()
        self.nodes: list[NDArray[np.bool_]] = []
        self.crossing: list[NDArray[np.int64]] = []
        self.least: list[float] = []
        for node in np.flatnonzero(odd):
            self.add(np.arange(arcs.node_count) == node)
        label, parts = arcs.required_parts(np.zeros(len(arcs.tail), np.bool_))
        if len(parts) > 1:
            for part in parts:
                self.add(label == part)

    def rows(self) -> csr_array:
        """Return which edges (cuts, e) each set is left by."""
        first = np.concatenate(([0], np.cumsum([len(each) for each in self.crossing])))
        columns = np.concatenate(self.crossing)
        return csr_array(
            (np.ones(len(columns)), columns, first), shape=(len(self.least), len(self._arcs.tail))
        )

    def add_violated(self, extra: NDArray[np.float64]) -> int:
        """Add sets that `extra` crossings (e,) of each edge leave too seldom; return how many. 0: there are none."""
        before = len(self.least)
        for nodes in self._by_threshold(extra):
            self._check(nodes, extra)
        for nodes in self._unjoined(extra):
            self._check(nodes, extra)
        if len(self.least) == before:
            for nodes in self._least_odd(extra):
                self._check(nodes, extra)
        return len(self.least) - before

    def _check(self, nodes: NDArray[np.bool_], extra: NDArray[np.float64]) -> None:
        crossing = self._crossing(nodes)
        if extra[crossing].sum() < self._least(nodes, crossing) - SHORT:
            self.add(nodes)

    def add(self, nodes: NDArray[np.bool_]) -> None:
        """Add a set of nodes (n,), unless it is known or needn't be left."""
        crossing = self._crossing(nodes)
        least = self._least(nodes, crossing)
        name = crossing.tobytes()
        if least and name not in self._known:
            self._known.add(name)
            self.nodes.append(nodes)
            self.crossing.append(crossing)
            self.least.append(least)

    def _crossing(self, nodes: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.flatnonzero(nodes[self._arcs.tail] != nodes[self._arcs.head])

    def _least(self, nodes: NDArray[np.bool_], crossing: NDArray[np.int64]) -> float:
        if self._odd[nodes].sum() % 2:
            return 1.0
        required = self._arcs.required
        inside = nodes[self._arcs.tail[required]]
        apart = inside.any() and not inside.all() and not required[crossing].any()
        return 2.0 if apart else 0.0

    def _by_threshold(self, extra: NDArray[np.float64]) -> Iterator[NDArray[np.bool_]]:
        """Yield the components of what is crossed often enough that hold an odd number of odd nodes."""
        for threshold in _THRESHOLDS:
            label = self._arcs.parts(extra > threshold)
            for part in np.flatnonzero(np.bincount(label, self._odd).astype(np.int64) % 2):
                yield label == part

    def _unjoined(self, extra: NDArray[np.float64]) -> Iterator[NDArray[np.bool_]]:
        """Yield a least cut between the first required component and each other."""
        label, parts = self._arcs.required_parts(extra >= 1)
        if len(parts) < 2:
            return
        graph = _crossed(extra, label[self._arcs.tail], label[self._arcs.head])
        graph.add_nodes_from(parts.tolist())
        for part in parts[1:].tolist():
            value, (side, _) = nx.minimum_cut(graph, int(parts[0]), part, capacity="weight")
            if value < 2 - SHORT:
                yield np.isin(label, list(side))

    def _least_odd(self, extra: NDArray[np.float64]) -> Iterator[NDArray[np.bool_]]:
        """Yield the odd sets of cut trees that are left less than once; edges crossed once are in no such border."""
        label = self._arcs.parts(extra >= 1)
        odd = np.bincount(label, self._odd).astype(np.int64) % 2 == 1
        graph = _crossed(extra, label[self._arcs.tail], label[self._arcs.head])
        for part in nx.connected_components(graph):
            tree = nx.gomory_hu_tree(graph.subgraph(part), capacity="weight")
            for one, other, value in list(tree.edges(data="weight")):
                if value < 1 - SHORT:
                    tree.remove_edge(one, other)
                    side = list(nx.node_connected_component(tree, one))
                    tree.add_edge(one, other, weight=value)
                    if odd[side].sum() % 2:
                        yield np.isin(label, side)


def _crossed(extra: NDArray[np.float64], tail: Iterable[int], head: Iterable[int]) -> nx.Graph:
    """Return the graph of what is crossed at all, parallel edges summed, loops left out."""
    graph = nx.Graph()
    for one, other, weight in zip(tail, head, extra, strict=True):
        if weight > 0 and one != other:
            known = graph.get_edge_data(one, other, {"weight": 0.0})["weight"]
            graph.add_edge(int(one), int(other), weight=known + float(weight))
    return graph

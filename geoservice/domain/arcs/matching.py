"""Odd nodes joined in pairs by ways of least total length, and the proof: a linear programme over a few near pairs.

Its duals price all other pairs, so the proof holds for every pair there is (as Cook and Rohe, 1999, do for points in a plane).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

from geoservice.domain.arcs.cuts import Cuts
from geoservice.domain.arcs.task import Arcs

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Each odd node is first offered so many others; pricing adds those that are missed.
_NEAR = 8
_MOST_ROUNDS = 300
_SOURCES_AT_ONCE = 64
_CLOSE_M = 1e-6


@dataclass(frozen=True)
class Joined:
    """The edges (e,) of ways that make every node even, each at most once; their length, and what none can go below."""

    edges: NDArray[np.bool_]
    length_m: float
    bound_m: float


class Ways:
    """Shortest ways over the edges of a graph."""

    def __init__(self, arcs: Arcs) -> None:
        self._count = arcs.node_count
        low, high = np.minimum(arcs.tail, arcs.head), np.maximum(arcs.tail, arcs.head)
        order = np.lexsort((arcs.metres, high, low))
        keys, first = np.unique(low[order] * self._count + high[order], return_index=True)
        self._keys, self._edges = keys, order[first]
        # What is no length at all would count as no edge.
        metres = np.maximum(arcs.metres[self._edges], 1e-9)
        self._graph = csr_array((metres, np.divmod(keys, self._count)), shape=(self._count,) * 2)

    def metres(self, nodes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how far it is from each of the nodes (k,) to each other, (k, k)."""
        rows = [
            dijkstra(self._graph, directed=False, indices=nodes[start : start + _SOURCES_AT_ONCE])[:, nodes]
            for start in range(0, len(nodes), _SOURCES_AT_ONCE)
        ]
        return np.concatenate(rows) if rows else np.empty((0, 0))

    def way(self, source: int, target: int) -> list[int]:
        """Return the edges of the shortest way from one node to another, in order; raises ValueError where there is none."""
        return self.ways([(source, target)])[0]

    def ways(self, pairs: list[tuple[int, int]]) -> list[list[int]]:
        """Return the edges of the shortest way of each pair (source, target)."""
        found: list[list[int]] = []
        for start in range(0, len(pairs), _SOURCES_AT_ONCE):
            some = pairs[start : start + _SOURCES_AT_ONCE]
            _, before = dijkstra(
                self._graph, directed=False, indices=[source for source, _ in some], return_predecessors=True
            )
            found += [
                self._edges_of(row, source, target)
                for row, (source, target) in zip(before, some, strict=True)
            ]
        return found

    def nearest(self, sources: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return how far each node (n,) is from the nearest source, and which that is."""
        metres, _, source = dijkstra(
            self._graph, directed=False, indices=sources, min_only=True, return_predecessors=True
        )
        return metres, source.astype(np.int64)

    def _edges_of(self, before: NDArray[np.int32], source: int, target: int) -> list[int]:
        edges = []
        while target != source:
            node = int(before[target])
            if node < 0:
                raise ValueError("no way leads there")
            key = min(node, target) * self._count + max(node, target)
            edges.append(int(self._edges[np.searchsorted(self._keys, key)]))
            target = node
        return edges[::-1]


def join_odd_nodes(arcs: Arcs, odd: NDArray[np.bool_]) -> Joined:
    """Return the edges of least length that meet every odd node (n,) an odd number of times and all others an even one."""
    once, odd = _peel(arcs, odd)
    forced_m = float(arcs.metres[once].sum())
    nodes = np.flatnonzero(odd)
    if len(nodes) == 0:
        return Joined(once, forced_m, forced_m)
    ways = Ways(arcs)
    pairs, bound = match_pairs(ways.metres(nodes))
    times = once.astype(np.int64)
    for way in ways.ways([(int(nodes[one]), int(nodes[other])) for one, other in pairs]):
        times[way] += 1
    once = times % 2 == 1
    length = float(arcs.metres[once].sum())
    return Joined(once, length, min(forced_m + bound, length))


def _peel(arcs: Arcs, odd: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the edges of dead ends that must be crossed (e,) whatever else is, and the nodes (n,) that are odd without them."""
    forced, odd, is_left = np.zeros(len(arcs.tail), np.bool_), odd.copy(), np.ones(len(arcs.tail), np.bool_)
    meets: list[list[int]] = [[] for _ in range(arcs.node_count)]
    for edge, (one, other) in enumerate(zip(arcs.tail.tolist(), arcs.head.tolist(), strict=True)):
        meets[one].append(edge)
        meets[other].append(edge)
    degree = [len(edges) for edges in meets]
    ends = [node for node in range(arcs.node_count) if degree[node] == 1]
    while ends:
        node = ends.pop()
        last = [each for each in meets[node] if is_left[each]]
        if not last:
            continue
        edge = last[0]
        is_left[edge] = False
        other = int(arcs.tail[edge] + arcs.head[edge]) - node
        degree[other] -= 1
        if odd[node]:
            forced[edge] = True
            odd[node], odd[other] = False, not odd[other]
        if degree[other] == 1:
            ends.append(other)
    return forced, odd


def match_pairs(metres: NDArray[np.float64]) -> tuple[list[tuple[int, int]], float]:
    """Return pairs of least total that meet each node an odd number of times, and the total none can go below.

    `metres` (k, k): finite distances, k even. Where the shortest way of a pair leads over other nodes these may stand for it.
    """
    count = len(metres)
    near = np.argsort(metres + np.diag(np.full(count, np.inf)), axis=1)[:, : min(_NEAR, count - 1)]
    # A tree over all keeps an odd number of near nodes from being shut off.
    tree = minimum_spanning_tree(np.maximum(metres, 1e-9)).tocoo()
    pairs = np.concatenate(
        (
            np.column_stack((np.repeat(np.arange(count), near.shape[1]), near.ravel())),
            np.column_stack((tree.row, tree.col)).astype(np.int64),
        )
    )
    known: list[NDArray[np.bool_]] = []
    while True:
        pairs = np.unique(np.sort(pairs, axis=1), axis=0)
        arcs = Arcs(count, pairs[:, 0], pairs[:, 1], metres[tuple(pairs.T)], np.zeros(len(pairs), np.bool_))
        chosen, cuts, worth = _match(arcs, known, metres)
        covered = _covered(cuts, worth, count)
        upper = np.triu(np.ones((count, count), np.bool_), 1)
        missed = np.argwhere((covered > metres + _CLOSE_M) & upper)
        if len(missed) == 0:
            return chosen, float(worth @ cuts.least)
        most = np.argsort((metres - covered)[tuple(missed.T)])[:count]
        pairs = np.concatenate((pairs, missed[most]))
        known = [nodes for nodes, value in zip(cuts.nodes, worth, strict=True) if value > 0]


def _match(
    arcs: Arcs, known: list[NDArray[np.bool_]], metres: NDArray[np.float64]
) -> tuple[list[tuple[int, int]], Cuts, NDArray[np.float64]]:
    """Return the least matching over the edges of a graph all of whose nodes are odd, and cuts with what each is worth.

    `known`: sets of nodes that are worth starting with.
    """
    cuts = Cuts(arcs, np.ones(arcs.node_count, np.bool_))
    for nodes in known:
        cuts.add(nodes)
    for _ in range(_MOST_ROUNDS):
        rows, least = cuts.rows(), np.array(cuts.least)
        found = linprog(arcs.metres, A_ub=-rows, b_ub=-least, bounds=(0, None))
        crossed = np.where(found.x < 1e-9, 0.0, found.x)
        if not cuts.add_violated(crossed):
            break
    worth = np.zeros(len(cuts.least))
    worth[: len(least)] = np.maximum(-found.ineqlin.marginals, 0.0)
    return _whole(arcs, crossed, metres), cuts, worth


def _whole(arcs: Arcs, crossed: NDArray[np.float64], metres: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the pairs of a solution that is whole; one that is not (rounds have run out) is matched another, slower way."""
    whole = np.rint(crossed).astype(np.int64)
    if np.abs(crossed - whole).max() < _CLOSE_M and arcs.odd_nodes(whole).all():
        kept = np.flatnonzero(whole % 2)
        return list(zip(arcs.tail[kept].tolist(), arcs.head[kept].tolist(), strict=True))
    return sorted(nx.min_weight_matching(nx.from_numpy_array(metres)))


def _covered(cuts: Cuts, worth: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return how much of the way between each two nodes (k, k) the sets that part them are worth together."""
    used = np.flatnonzero(worth > 0)
    member = np.array([cuts.nodes[cut] for cut in used]).reshape(-1, count).astype(float)
    alone = worth[used] @ member
    both = (member * worth[used, None]).T @ member
    return np.asarray(alone[:, None] + alone[None, :] - 2 * both)

"""Lines woven into a network: nodes where they meet, edges between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from shapely import LineString

from geoservice.services.demo.plane import GRID_M

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geoservice.services.demo.plane import Floats

    Ints = NDArray[np.int64]

_STUB_M = 12.0
_CRUMB_M = 4.0


@dataclass(frozen=True)
class Network:
    """Edges with both their nodes; `source` is the line each edge was part of."""

    nodes: Floats  # (n, 2) metres
    ends: Ints  # (m, 2) node numbers
    source: Ints  # (m,)
    lines: list[Floats]  # the edge's vertices, from its first node to its second
    length_m: Floats

    @property
    def node_count(self) -> int:
        """How many nodes there are."""
        return len(self.nodes)

    @cached_property
    def leaving(self) -> list[list[tuple[int, int]]]:
        """Per node, the edges that leave it, each with the node it leads to."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(self.node_count)]
        for edge, (start, end) in enumerate(self._ends):
            found[start].append((edge, end))
            found[end].append((edge, start))
        return found

    @cached_property
    def lengths(self) -> list[float]:
        """The length of every edge, for who asks for one at a time."""
        lengths: list[float] = self.length_m.tolist()
        return lengths

    @cached_property
    def _ends(self) -> list[list[int]]:
        ends: list[list[int]] = self.ends.tolist()
        return ends

    @cached_property
    def middles(self) -> Floats:
        """The middle of every edge."""
        return np.array([(line[0] + line[-1]) / 2 for line in self.lines])

    def shared_node(self, edge: int, other: int) -> int:
        """Return the node where two edges meet."""
        return min(set(self._ends[edge]).intersection(self._ends[other]))

    def walked(self, edge: int, start: int) -> Floats:
        """Return the edge's vertices in the order of a walk that begins at node `start`."""
        return self.lines[edge] if self._ends[edge][0] == start else self.lines[edge][::-1]

    def line_of(self, edges: list[int]) -> LineString:
        """Return one line along consecutive edges."""
        if len(edges) == 1:
            return LineString(self.lines[edges[0]])
        start, end = self.ends[edges[0]].tolist()
        first = start if self.shared_node(edges[0], edges[1]) == end else end
        return LineString(self.along(edges, first)[0])

    def chains(self) -> Iterator[tuple[int, list[int]]]:
        """Yield every source line with its edges in their order along it, cut where the line has gaps."""
        order = np.lexsort((self._along, self.source))
        chain: list[int] = []
        for edge in order.tolist():
            if chain and not self._follows(chain, edge):
                yield int(self.source[chain[0]]), chain
                chain = []
            chain.append(edge)
        yield int(self.source[chain[0]]), chain

    def _follows(self, chain: list[int], edge: int) -> bool:
        last = chain[-1]
        if self.source[last] != self.source[edge]:
            return False
        shared = set(self._ends[last]).intersection(self._ends[edge])
        if len(shared) != 1:
            return False
        # The chain must leave by the other end than the one it came in by.
        return len(chain) == 1 or not shared.intersection(self._ends[chain[-2]])

    @cached_property
    def _along(self) -> Ints:
        return np.arange(len(self.source))  # weave() numbers the edges along their sources

    def along(self, edges: list[int], start: int) -> tuple[Floats, list[float]]:
        """Return the line of a walk from node `start`, and how far along each edge begins (and the last ends)."""
        parts = [self.nodes[[start]]]
        starts_m = [0.0]
        node = start
        for edge in edges:
            parts.append(self.walked(edge, node)[1:])
            node = sum(self._ends[edge]) - node
            starts_m.append(starts_m[-1] + self.lengths[edge])
        return np.vstack(parts), starts_m

    def graph(self, cost: Floats) -> csr_array:
        """Return what it costs to walk from node to node, by what each edge does."""
        ends, both = self.ends, np.concatenate([cost, cost])
        rows, columns = np.concatenate([ends[:, 0], ends[:, 1]]), np.concatenate([ends[:, 1], ends[:, 0]])
        return coo_array((both[self._single], (rows[self._single], columns[self._single]))).tocsr()

    @cached_property
    def _single(self) -> Ints:
        """Which of all edges, there and back, to route over: of two between the same nodes only the shorter."""
        ends, both = self.ends, np.tile(self.length_m, 2)
        rows, columns = np.concatenate([ends[:, 0], ends[:, 1]]), np.concatenate([ends[:, 1], ends[:, 0]])
        order = np.lexsort((both, columns, rows))
        first = np.r_[True, (np.diff(rows[order]) != 0) | (np.diff(columns[order]) != 0)]
        return np.asarray(order[first & (rows[order] != columns[order])], dtype=np.int64)

    @cached_property
    def _edge_between(self) -> dict[tuple[int, int], int]:
        shortest: dict[tuple[int, int], int] = {}
        for edge in np.argsort(-self.length_m).tolist():
            start, end = self.ends[edge].tolist()
            shortest[start, end] = shortest[end, start] = edge
        return shortest

    def edges_of(self, nodes: list[int]) -> list[int]:
        """Return the edges along a sequence of neighbouring nodes."""
        return [self._edge_between[pair] for pair in pairwise(nodes)]


def paths(graph: csr_array, start: int) -> tuple[Floats, Ints]:
    """Return cost to and predecessor of every node, walking from `start`."""
    distance, before = dijkstra(graph, indices=start, return_predecessors=True)
    return distance, np.asarray(before, dtype=np.int64)


def weave(lines: list[LineString]) -> Network:
    """Node lines where they meet; keep the largest connected part."""
    noded = shapely.get_parts(shapely.union_all(lines, grid_size=GRID_M))
    noded = noded[shapely.length(noded) > GRID_M]
    tree = shapely.STRtree(lines)
    middles = shapely.line_interpolate_point(noded, 0.5, normalized=True)
    source = np.asarray(tree.nearest(middles), dtype=np.int64)
    order = np.lexsort((shapely.line_locate_point(np.array(lines, dtype=object)[source], middles), source))
    noded, source = noded[order], source[order]
    nodes, ends = _nodes_of(noded)
    lines_xy = [shapely.get_coordinates(line) for line in noded]
    length = shapely.length(noded)
    nodes, ends = _drawn_together(nodes, ends, length)
    kept = (length >= _CRUMB_M) & ((ends[:, 0] != ends[:, 1]) | (length > 4 * _STUB_M))
    kept[kept] = _largest_part(ends[kept], len(nodes), length[kept])
    kept[kept] = ~_stubs(ends[kept], length[kept])
    used, ends = np.unique(ends[kept], return_inverse=True)
    ends = ends.reshape(-1, 2)
    vertices = [lines_xy[edge] for edge in np.flatnonzero(kept)]
    for xy, (start, end) in zip(vertices, ends, strict=True):
        xy[0], xy[-1] = nodes[used[start]], nodes[used[end]]
    length = np.array([np.hypot(*np.diff(xy, axis=0).T).sum() for xy in vertices])
    return Network(nodes[used], ends, source[kept], vertices, length)


def _drawn_together(nodes: Floats, ends: Ints, length: Floats) -> tuple[Floats, Ints]:
    """Make one node of nodes that only a crumb of an edge keeps apart: two roads that meant to meet."""
    crumbs = ends[length < _CRUMB_M]
    graph = coo_array((np.ones(len(crumbs)), (crumbs[:, 0], crumbs[:, 1])), shape=(len(nodes),) * 2)
    count, label = connected_components(graph, directed=False)
    first = np.zeros(count, dtype=np.int64)
    first[label[::-1]] = np.arange(len(nodes))[::-1]
    return nodes[first], label[ends].astype(np.int64)


def _nodes_of(edges: np.ndarray) -> tuple[Floats, Ints]:
    tips = shapely.get_coordinates(np.stack([shapely.get_point(edges, end) for end in (0, -1)], axis=1))
    _, first, number = np.unique(
        np.round(tips / GRID_M).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    return tips[first], number.reshape(-1, 2)


def _largest_part(ends: Ints, node_count: int, length: Floats) -> NDArray[np.bool_]:
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(node_count, node_count))
    _, part = connected_components(graph, directed=False)
    largest = np.argmax(np.bincount(part[ends[:, 0]], weights=length))
    kept: NDArray[np.bool_] = part[ends[:, 0]] == largest
    return kept


def _stubs(ends: Ints, length: Floats) -> NDArray[np.bool_]:
    """Tell which edges are a few metres that lead nowhere: what two almost equal lines leave over."""
    stub = np.zeros(len(ends), dtype=bool)
    while True:
        degree = np.bincount(ends[~stub].ravel(), minlength=int(ends.max()) + 1)
        more = ~stub & (length < _STUB_M) & (degree[ends].min(axis=1) == 1)
        if not more.any():
            return stub
        stub |= more

"""What it costs to go from stop to stop over a network of streets, and by which way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely.ops import substring

from geoservice.domain.roads import shapes_of
from geoservice.domain.way_kernels import metres_along

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geoservice.domain.roads import Network

# So many rows of distances to every node are held at a time.
SOURCES_AT_ONCE = 64
NOWHERE = -1
AT_CROSSING_M = 0.01  # no stop is placed as exactly as that


@dataclass(frozen=True)
class Stops:
    """Places put onto a network (k,): the edge each is nearest to (NOWHERE: none in reach), how far along its street, how far off."""

    edge: NDArray[np.int64]
    along_m: NDArray[np.float64]
    off_m: NDArray[np.float64]


@dataclass(frozen=True)
class Costs:
    """Seconds (k, k) from stop to stop by the quickest way, and the metres of that way; inf where there is none."""

    seconds: NDArray[np.float64]
    metres: NDArray[np.float64]


class _Arcs(NamedTuple):
    """One-way links between nodes, by tail and head, no pair twice: the edge each runs on, from where to where along its street."""

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    seconds: NDArray[np.float64]
    edge: NDArray[np.int64]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]

    def take(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> _Arcs:
        return _Arcs(
            self.tail[keep],
            self.head[keep],
            self.seconds[keep],
            self.edge[keep],
            self.from_m[keep],
            self.to_m[keep],
        )

    @property
    def metres(self) -> NDArray[np.float64]:
        return np.abs(self.to_m - self.from_m)


class StopGraph:
    """A network with stops on it, each a node of its own between the nodes of its edge: the ways are exact, not by nearest node."""

    def __init__(self, network: Network, stops: Stops) -> None:
        self._network = network
        count = len(network.node_xy)
        self._node = np.where(stops.edge == NOWHERE, NOWHERE, count + np.arange(len(stops.edge)))
        self._size = count + len(stops.edge)
        self._arcs = _quickest(_arcs(network, stops, count))
        first = np.searchsorted(self._arcs.tail, np.arange(self._size + 1))
        self._first = first
        self._graph = csr_array(
            (self._arcs.seconds, self._arcs.head.astype(np.int32), first.astype(np.int32)),
            shape=(self._size, self._size),
        )

    def costs(self) -> Costs:
        """Return the costs between all stops; a stop that is nowhere reaches nothing, not even itself."""
        count = len(self._node)
        seconds = np.full((count, count), np.inf)
        metres = np.full((count, count), np.inf)
        placed = np.flatnonzero(self._node != NOWHERE)
        for start in range(0, len(placed), SOURCES_AT_ONCE):
            rows = placed[start : start + SOURCES_AT_ONCE]
            time_s, before = dijkstra(self._graph, indices=self._node[rows], return_predecessors=True)
            seconds[np.ix_(rows, placed)] = time_s[:, self._node[placed]]
            for row, predecessors in zip(rows, before, strict=True):
                metres[row, placed] = metres_along(
                    self._first,
                    self._arcs.head,
                    self._arcs.metres,
                    predecessors,
                    self._node[row],
                    self._node[placed],
                )
        return Costs(seconds, metres)

    def way(self, from_stop: int, to_stop: int) -> shapely.LineString | None:
        """Return the quickest way between two stops as a line in metres; None where there is none."""
        return self.ways([(from_stop, to_stop)])[0]

    def ways(
        self, pairs: Sequence[tuple[int, int]], within_s: Sequence[float] | None = None
    ) -> list[shapely.LineString | None]:
        """Return the quickest way of each pair of stops (from, to) as a line in metres; None where there is none.

        `within_s`: how long each takes at most, as `costs` tells; the search then looks no further.
        """
        found: list[shapely.LineString | None] = []
        for place, (one, other) in enumerate(pairs):
            if NOWHERE in (self._node[one], self._node[other]):
                found.append(None)
                continue
            limit = np.inf if within_s is None else within_s[place] + 1e-6
            _, before = dijkstra(
                self._graph, indices=int(self._node[one]), return_predecessors=True, limit=limit
            )
            found.append(self._line(self._chain(before, int(self._node[one]), int(self._node[other]))))
        return found

    def _arc(self, tail: int, head: int) -> int:
        low, high = self._first[tail], self._first[tail + 1]
        return int(low + np.searchsorted(self._arcs.head[low:high], head))

    def _chain(self, before: NDArray[np.int32], source: int, node: int) -> list[int] | None:
        """Return the arcs from the source to a node, in order; None where it can't be reached."""
        chain = []
        while node != source:
            previous = int(before[node])
            if previous < 0:
                return None
            chain.append(self._arc(previous, node))
            node = previous
        return chain[::-1]

    def _line(self, chain: list[int] | None) -> shapely.LineString | None:
        if chain is None:
            return None
        parts = []
        for arc in chain:
            street = int(self._network.street[self._arcs.edge[arc]])
            part = _between(self._network.line_of(street), self._arcs.from_m[arc], self._arcs.to_m[arc])
            parts.append(shapely.get_coordinates(part))
        places = np.concatenate(parts) if parts else np.empty((0, 2))
        keep = np.concatenate(([True], (np.diff(places, axis=0) != 0).any(axis=1)))[: len(places)]
        places = places[keep]
        return shapely.LineString(places) if len(places) > 1 else shapely.LineString()


def put_stops(network: Network, xy: NDArray[np.float64], most_m: float) -> Stops:
    """Put places (k, 2) in metres onto the nearest edge within `most_m`."""
    lines = shapes_of(network.roads.lines)
    count = len(xy)
    edge = np.full(count, NOWHERE, np.int64)
    along, off = np.zeros(count), np.full(count, np.inf)
    if count == 0 or len(lines) == 0:
        return Stops(edge, along, off)
    points: NDArray[np.object_] = np.asarray(shapely.points(xy), dtype=object)
    (which, street), distance = shapely.STRtree(lines).query_nearest(
        points, max_distance=most_m, return_distance=True, all_matches=False
    )
    along[which] = shapely.line_locate_point(lines[street], points[which])
    off[which] = distance
    # Edges are sorted by street and start: the last that starts before the stop holds it.
    first = np.searchsorted(network.street, np.arange(len(lines) + 1))
    for stop, line in zip(which.tolist(), street.tolist(), strict=True):
        starts = network.start_m[first[line] : first[line + 1]]
        edge[stop] = first[line] + max(int(np.searchsorted(starts, along[stop], side="right")) - 1, 0)
    start_m, end_m = network.start_m[edge[which]], network.end_m[edge[which]]
    at_m = np.clip(along[which], start_m, end_m)
    # A hair past a crossing would be past it for good where the street is one-way.
    at_m = np.where(at_m - start_m < AT_CROSSING_M, start_m, at_m)
    along[which] = np.where(end_m - at_m < AT_CROSSING_M, end_m, at_m)
    return Stops(edge, along, off)


def _arcs(network: Network, stops: Stops, count: int) -> _Arcs:
    """Return the arcs of every edge, cut at the stops on it; against one-way streets there are none."""
    placed = np.flatnonzero(stops.edge != NOWHERE)
    edges = np.arange(len(network.tail))
    edge = np.concatenate((edges, edges, stops.edge[placed]))
    at_m = np.concatenate((network.start_m, network.end_m, stops.along_m[placed]))
    node = np.concatenate((network.tail, network.head, count + placed))
    # Of what lies at one place of an edge its tail comes first and its head last.
    rank = np.concatenate((np.zeros(len(edges)), np.full(len(edges), 2), np.ones(len(placed))))
    order = np.lexsort((node, rank, at_m, edge))
    edge, at_m, node = edge[order], at_m[order], node[order]
    link = np.flatnonzero(np.diff(edge) == 0)
    street = network.street[edge[link]]
    metres = at_m[link + 1] - at_m[link]
    there = _Arcs(
        node[link],
        node[link + 1],
        metres / network.roads.speed_mps[street],
        edge[link],
        at_m[link],
        at_m[link + 1],
    )
    # Two stops at one place reach each other whichever way the street goes.
    back = there.take(~network.roads.one_way[street] | (metres == 0))
    return _Arcs(
        np.concatenate((there.tail, back.head)), np.concatenate((there.head, back.tail)),
        np.concatenate((there.seconds, back.seconds)), np.concatenate((there.edge, back.edge)),
        np.concatenate((there.from_m, back.to_m)), np.concatenate((there.to_m, back.from_m)),
    )  # fmt: skip


def _quickest(arcs: _Arcs) -> _Arcs:
    """Return the quickest arc of every pair of nodes, by tail and head."""
    arcs = arcs.take(np.lexsort((arcs.seconds, arcs.head, arcs.tail)))
    new = np.concatenate(([True], (np.diff(arcs.tail) != 0) | (np.diff(arcs.head) != 0)))[: len(arcs.tail)]
    return arcs.take(new & (arcs.tail != arcs.head))


def _between(line: shapely.LineString, from_m: float, to_m: float) -> shapely.LineString:
    """Return the part of a line between two distances along it, in the direction from the one to the other."""
    part = substring(line, from_m, to_m)
    return part if isinstance(part, shapely.LineString) else shapely.LineString([part, part])

"""Streets as a network that patrols walk and drive: noded where streets meet, with stops put onto it.

Bridges and tunnels meet what they cross only where they share a vertex. A one-way street holds for vehicles, not on foot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoservice.domain.street_graph import SNAP_M, find_meetings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.domain.streets import StreetLines


@dataclass(frozen=True)
class Roads:
    """Streets and how one mode may use them: `speed_mps` (s,), 0 where it may not; `one_way` (s,): only along the line."""

    lines: StreetLines
    speed_mps: NDArray[np.float64]
    one_way: NDArray[np.bool_]


@dataclass(frozen=True)
class Network:
    """Nodes at `node_xy` (n, 2) in metres, and edges (e,): parts of a street between two successive nodes on it.

    Edge i runs on street `street[i]` (an index into `roads`) from node `tail[i]`, `start_m[i]` along it, to `head[i]`.
    """

    roads: Roads
    node_xy: NDArray[np.float64]
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    street: NDArray[np.int64]
    start_m: NDArray[np.float64]
    end_m: NDArray[np.float64]

    @property
    def length_m(self) -> NDArray[np.float64]:
        """The length of each edge (e,)."""
        return self.end_m - self.start_m

    def line_of(self, street: int) -> shapely.LineString:
        """Return a street's line in metres."""
        starts = self.roads.lines.starts
        return shapely.LineString(self.roads.lines.xy[starts[street] : starts[street + 1]])


@dataclass(frozen=True)
class Weakness:
    """Where a network is not joined up: an end at `xy` that meets nothing, `gap_m` from the street it may belong to.

    `gap_m` None: nothing is near, it is simply a dead end.
    """

    xy: tuple[float, float]
    street: int
    gap_m: float | None
    other: int | None


def make_network(roads: Roads) -> Network:
    """Node the streets that the mode may use where they meet."""
    roads = _usable(roads)
    meetings, length = find_meetings(roads.lines)
    count = len(length)
    street = np.concatenate((meetings.street, np.arange(count), np.arange(count)))
    offset = np.concatenate((meetings.offset, np.zeros(count), length))
    # An end that nobody else comes to is a place of its own.
    own = (meetings.place.max() + 1 if len(meetings.place) else 0) + np.arange(2 * count)
    place = np.concatenate((meetings.place, own))
    order = np.lexsort((np.arange(len(street)), offset, street))
    street, offset, place = street[order], offset[order], place[order]
    again = (np.diff(street) == 0) & (np.diff(offset) == 0)
    place = _same_place(place, again)
    keep = np.concatenate(([True], ~again))[: len(street)]
    street, offset, place = street[keep], offset[keep], place[keep]
    places, node = np.unique(place, return_inverse=True)
    first = np.unique(node, return_index=True)[1]
    lines = shapes_of(roads.lines)
    node_xy = shapely.get_coordinates(shapely.line_interpolate_point(lines[street[first]], offset[first]))
    edge = np.flatnonzero(np.diff(street) == 0)
    return Network(
        roads,
        node_xy.reshape(len(places), 2),
        node[edge],
        node[edge + 1],
        street[edge],
        offset[edge],
        offset[edge + 1],
    )


def components(network: Network) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the component of each node (n,), the longest being 0, and the length of each in metres."""
    count = len(network.node_xy)
    ones = np.ones(len(network.tail))
    graph = coo_array((ones, (network.tail, network.head)), shape=(count, count)).tocsr()
    _, label = connected_components(graph, directed=False)
    length = np.bincount(label[network.tail], network.length_m, minlength=label.max(initial=-1) + 1)
    rank = np.empty(len(length), np.int64)
    rank[np.argsort(-length, kind="stable")] = np.arange(len(length))
    return rank[label].astype(np.int64), np.sort(length)[::-1].astype(np.float64)


def find_weaknesses(network: Network, near_m: float) -> list[Weakness]:
    """Return the ends that meet nothing, with the nearest other street within `near_m` that each may belong to.

    A street counts as near whatever its level: that an end stops short of a bridge is for people to judge.
    """
    degree = np.bincount(np.concatenate((network.tail, network.head)), minlength=len(network.node_xy))
    loose = np.flatnonzero(degree == 1)
    if len(loose) == 0:
        return []
    lines = shapes_of(network.roads.lines)
    tree = shapely.STRtree(lines)
    of_end = np.empty(len(network.node_xy), np.int64)
    of_end[network.tail], of_end[network.head] = network.street, network.street
    points: NDArray[np.object_] = np.asarray(shapely.points(network.node_xy[loose]), dtype=object)
    end, other = tree.query(points, predicate="dwithin", distance=near_m)
    keep = of_end[loose[end]] != other
    end, other = end[keep], other[keep]
    gap = np.asarray(shapely.distance(points[end], lines[other]))
    order = np.lexsort((other, gap, end))
    first = order[np.unique(end[order], return_index=True)[1]]
    nearest = {int(end[row]): (float(gap[row]), int(other[row])) for row in first}
    return [
        Weakness((x, y), int(of_end[node]), *nearest.get(place, (None, None)))
        for place, (node, (x, y)) in enumerate(zip(loose, network.node_xy[loose].tolist(), strict=True))
    ]


def is_near_miss(weakness: Weakness) -> bool:
    """Tell whether an end stops just short of a street: it was meant to meet it, and does not."""
    return weakness.gap_m is not None and weakness.gap_m > SNAP_M


def _usable(roads: Roads) -> Roads:
    """Return the roads without the streets that are closed to the mode, or have no length."""
    keep = np.flatnonzero((roads.speed_mps > 0) & (shapely.length(shapes_of(roads.lines)) > 0))
    return Roads(roads.lines.take(keep), roads.speed_mps[keep], roads.one_way[keep])


def shapes_of(lines: StreetLines) -> NDArray[np.object_]:
    """Return the streets as an array (s,) of lines."""
    index = np.repeat(np.arange(len(lines.street_id)), np.diff(lines.starts))
    made: NDArray[np.object_] = np.atleast_1d(
        np.asarray(shapely.linestrings(lines.xy, indices=index), dtype=object)
    )
    return made


def _same_place(place: NDArray[np.int64], again: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the places with those joined that lie at one offset of one street: `again` (n - 1,) marks equal neighbours."""
    if not again.any():
        return place
    names, index = np.unique(place, return_inverse=True)
    a, b = index[:-1][again], index[1:][again]
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(len(names), len(names)))
    _, label = connected_components(graph, directed=False)
    joined: NDArray[np.int64] = label[index].astype(np.int64)
    return joined

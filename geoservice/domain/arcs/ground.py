"""The streets of some ground: which stretches of a network lie in it, and the streets around it that ways may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.arcs.matching import Ways
from geoservice.domain.arcs.task import Arcs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.domain.roads import Network

# As long as the pieces by which streets are credited: a border street is to be walked where they lie inside.
PIECE_M = 15.0
# Ways between streets to cover don't lead farther from them.
AROUND_M = 1500.0


@dataclass(frozen=True)
class Ground:
    """A graph of stretches (e,), each from `start_m` to `end_m` along street `street`; tail lies at its start.

    `apart`: required stretches (street, start_m, end_m) that no way joins to the others.
    """

    arcs: Arcs
    node_xy: NDArray[np.float64]
    street: NDArray[np.int64]
    start_m: NDArray[np.float64]
    end_m: NDArray[np.float64]
    apart: list[tuple[int, float, float]]


@dataclass(frozen=True)
class _Stretches:
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    street: NDArray[np.int64]
    start_m: NDArray[np.float64]
    end_m: NDArray[np.float64]
    required: NDArray[np.bool_]

    def take(self, keep: NDArray[np.bool_]) -> _Stretches:
        return _Stretches(
            self.tail[keep], self.head[keep], self.street[keep],
            self.start_m[keep], self.end_m[keep], self.required[keep],
        )  # fmt: skip


def lay_out(network: Network, area: shapely.Geometry) -> Ground:
    """Return the stretches in an area (metres) as required, cut at its border, in the part of the network that holds most of them.

    Tunnels are passed but never required: nothing is seen of them.
    """
    stretches, node_xy = _cut(network, area)
    stretches, node_xy, apart = _joined(stretches, node_xy)
    metres = stretches.end_m - stretches.start_m
    arcs = Arcs(len(node_xy), stretches.tail, stretches.head, metres, stretches.required)
    if stretches.required.any():
        ends = np.unique(np.concatenate((arcs.tail[arcs.required], arcs.head[arcs.required])))
        away_m, _ = Ways(arcs).nearest(ends)
        near = (away_m[arcs.tail] <= AROUND_M) & (away_m[arcs.head] <= AROUND_M)
        stretches, node_xy = _compact(stretches.take(near | stretches.required), node_xy)
    arcs = Arcs(
        len(node_xy), stretches.tail, stretches.head, stretches.end_m - stretches.start_m, stretches.required
    )
    return Ground(arcs, node_xy, stretches.street, stretches.start_m, stretches.end_m, apart)


def _cut(network: Network, area: shapely.Geometry) -> tuple[_Stretches, NDArray[np.float64]]:
    """Return the network's edges, those that pieces inside and outside share cut between these."""
    lines = np.array([network.line_of(street) for street in range(len(network.roads.lines.street_id))])
    count = np.maximum(1, np.rint(network.length_m / PIECE_M)).astype(np.int64)
    # Edges whose street is nowhere near stay whole.
    count[~_near(lines, area)[network.street]] = 1
    edge = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    step = network.length_m[edge] / count[edge]
    middle = shapely.line_interpolate_point(
        lines[network.street[edge]], network.start_m[edge] + (number + 0.5) * step
    )
    shapely.prepare(area)
    inside = shapely.intersects(area, middle) & ~network.roads.lines.tunnel[network.street[edge]]
    # A run of like pieces on one edge is one stretch.
    first = np.flatnonzero((number == 0) | (np.append(False, inside[1:] != inside[:-1])))
    last = np.append(first[1:], len(edge)) - 1
    of_edge, begins, ends = edge[first], number[first] == 0, number[last] == count[edge[last]] - 1
    start_m = np.where(
        begins, network.start_m[of_edge], network.start_m[of_edge] + number[first] * step[first]
    )
    end_m = np.where(ends, network.end_m[of_edge], network.start_m[of_edge] + (number[last] + 1) * step[last])
    inner = np.flatnonzero(~begins)
    new = len(network.node_xy) + np.arange(len(inner))
    tail, head = network.tail[of_edge].copy(), network.head[of_edge].copy()
    tail[inner], head[inner - 1] = new, new
    places = shapely.line_interpolate_point(lines[network.street[of_edge[inner]]], start_m[inner])
    node_xy = np.concatenate((network.node_xy, shapely.get_coordinates(places).reshape(-1, 2)))
    return _Stretches(tail, head, network.street[of_edge], start_m, end_m, inside[first]), node_xy


def _near(lines: NDArray[np.object_], area: shapely.Geometry) -> NDArray[np.bool_]:
    near = np.zeros(len(lines), np.bool_)
    near[shapely.STRtree(lines).query(area)] = True
    return near


def _joined(
    stretches: _Stretches, node_xy: NDArray[np.float64]
) -> tuple[_Stretches, NDArray[np.float64], list[tuple[int, float, float]]]:
    """Return the component that holds most required metres, and the required stretches of the others."""
    metres = stretches.end_m - stretches.start_m
    arcs = Arcs(len(node_xy), stretches.tail, stretches.head, metres, stretches.required)
    label = arcs.parts(np.ones(len(metres), np.bool_))[stretches.tail]
    if not stretches.required.any():
        return stretches, node_xy, []
    most = int(np.argmax(np.bincount(label[stretches.required], metres[stretches.required])))
    left = np.flatnonzero(stretches.required & (label != most))
    apart = list(
        zip(
            stretches.street[left].tolist(),
            stretches.start_m[left].tolist(),
            stretches.end_m[left].tolist(),
            strict=True,
        )
    )
    kept, node_xy = _compact(stretches.take(label == most), node_xy)
    return kept, node_xy, apart


def _compact(stretches: _Stretches, node_xy: NDArray[np.float64]) -> tuple[_Stretches, NDArray[np.float64]]:
    """Number the nodes that are left from 0."""
    used, number = np.unique(np.concatenate((stretches.tail, stretches.head)), return_inverse=True)
    tail, head = number[: len(stretches.tail)], number[len(stretches.tail) :]
    return _Stretches(
        tail.astype(np.int64), head.astype(np.int64), stretches.street,
        stretches.start_m, stretches.end_m, stretches.required,
    ), node_xy[used]  # fmt: skip

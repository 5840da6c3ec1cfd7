"""Streets to drive along: one-way streets one way only, vehicles that take only so much, all from one depot and back.

Capacitated arc routing is given to PyVRP as visits: a required edge is two visits of which one is made, a direction each, and
what it costs from one to the other holds the way between and the second's own length (after Foulds, Longo and Martins, 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, VehicleType, solve
from pyvrp.stop import MaxRuntime
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geoservice.domain.arcs.tours import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.domain.arcs.task import Arcs

# PyVRP counts in whole numbers: decimetres.
_PER_M = 10
_SOURCES_AT_ONCE = 64


@dataclass(frozen=True)
class Drives:
    """Edges (e,) between nodes, and which way each may be gone; what must be covered, and the load (e,) that takes.

    No vehicle takes more than `capacity`. All start from the node `depot` and come back.
    """

    node_count: int
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    metres: NDArray[np.float64]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    required: NDArray[np.bool_]
    load: NDArray[np.int64]
    depot: int
    capacity: int
    vehicles: int


@dataclass(frozen=True)
class Driven:
    """The way of each vehicle that goes out, its length, and whether all keep to their capacity."""

    routes: tuple[tuple[Step, ...], ...]
    lengths_m: tuple[float, ...]
    is_feasible: bool

    @property
    def length_m(self) -> float:
        """All vehicles' way together."""
        return sum(self.lengths_m)


class Lanes:
    """The shortest edge each way between any two nodes, as a graph with directions; edges of `Arcs` go both ways."""

    def __init__(self, arcs: Arcs | Drives) -> None:
        there = np.flatnonzero(arcs.forward) if isinstance(arcs, Drives) else np.arange(len(arcs.tail))
        back = np.flatnonzero(arcs.backward) if isinstance(arcs, Drives) else there
        source = np.concatenate((arcs.tail[there], arcs.head[back]))
        target = np.concatenate((arcs.head[there], arcs.tail[back]))
        edge = np.concatenate((there, back))
        is_forward = np.concatenate((np.ones(len(there), np.bool_), np.zeros(len(back), np.bool_)))
        order = np.lexsort((arcs.metres[edge], target, source))
        self._count = arcs.node_count
        self._keys, first = np.unique(source[order] * self._count + target[order], return_index=True)
        chosen = order[first]
        self._edge, self._forward = edge[chosen], is_forward[chosen]
        metres = np.maximum(arcs.metres[self._edge], 1e-9)
        self.graph = csr_array((metres, np.divmod(self._keys, self._count)), shape=(self._count,) * 2)

    def metres(self, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how far it is from each source to each target."""
        nodes, row = np.unique(sources, return_inverse=True)
        rows = [
            dijkstra(self.graph, indices=nodes[start : start + _SOURCES_AT_ONCE])[:, targets]
            for start in range(0, len(nodes), _SOURCES_AT_ONCE)
        ]
        return np.concatenate(rows)[row]

    def way(self, source: int, target: int) -> list[Step]:
        """Return the shortest way between two nodes."""
        if source == target:
            return []
        _, before = dijkstra(self.graph, indices=source, return_predecessors=True)
        steps = []
        while target != source:
            node = int(before[target])
            lane = int(np.searchsorted(self._keys, node * self._count + target))
            steps.append(Step(int(self._edge[lane]), bool(self._forward[lane]), False))
            target = node
        return steps[::-1]


def reachable(drives: Drives) -> NDArray[np.bool_]:
    """Tell which edges (e,) can be gone along, in a direction that is allowed, on a way from the depot and back to it."""
    graph = Lanes(drives).graph
    there = np.isfinite(dijkstra(graph, indices=drives.depot))
    back = np.isfinite(dijkstra(graph.T.tocsr(), indices=drives.depot))
    along = drives.forward & there[drives.tail] & back[drives.head]
    against = drives.backward & there[drives.head] & back[drives.tail]
    return np.asarray(along | against)


def drive(drives: Drives, seconds: float, seed: int = 1) -> Driven:
    """Return short routes over all required edges, each of which must be `reachable`; the best found in so many seconds."""
    edge, forward = _visits(drives)
    if len(edge) == 0:
        return Driven((), (), True)
    lanes = Lanes(drives)
    start = np.where(forward, drives.tail[edge], drives.head[edge])
    end = np.where(forward, drives.head[edge], drives.tail[edge])
    # Place 0 is the depot.
    start, end = np.append(drives.depot, start), np.append(drives.depot, end)
    own = np.append(0.0, drives.metres[edge])
    between = lanes.metres(end, start) + own[None, :]
    most = between[np.isfinite(between)].max()
    # What can't be reached that way costs more than any plan.
    metres = np.where(np.isfinite(between), between, most * (len(edge) + 1))
    matrix = np.rint(metres * _PER_M).astype(np.int64)
    np.fill_diagonal(matrix, 0)
    result = solve(_problem(drives, edge, matrix), MaxRuntime(seconds), seed=seed, display=False)
    routes = [[visit.idx for visit in route if visit.is_client()] for route in result.best.routes()]
    driven = [
        _steps(drives, lanes, [(int(edge[one]), bool(forward[one])) for one in visits]) for visits in routes
    ]
    lengths = tuple(float(sum(drives.metres[step.edge] for step in steps)) for steps in driven)
    return Driven(tuple(driven), lengths, bool(result.is_feasible()))


def least_drive_m(drives: Drives) -> float:
    """Return what no routes can go below: as many ways into each node as out of it, every required edge gone along."""
    there, back = np.flatnonzero(drives.forward), np.flatnonzero(drives.backward)
    edge = np.concatenate((there, back))
    source = np.concatenate((drives.tail[there], drives.head[back]))
    target = np.concatenate((drives.head[there], drives.tail[back]))
    lanes, ones = np.arange(len(edge)), np.ones(len(edge))
    shape = (drives.node_count, len(edge))
    flow = csr_array((ones, (source, lanes)), shape=shape) - csr_array((ones, (target, lanes)), shape=shape)
    must = np.flatnonzero(drives.required)
    covers = csr_array((ones, (edge, lanes)), shape=(len(drives.tail), len(edge)))[must]
    found = linprog(
        drives.metres[edge], A_ub=-covers, b_ub=-np.ones(len(must)), A_eq=flow, b_eq=np.zeros(drives.node_count),
        bounds=(0, None),
    )  # fmt: skip
    return float(found.fun) if found.success else float(drives.metres[must].sum())


def _visits(drives: Drives) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the ways each required edge may be covered: which edge, and whether along it; those of one edge together."""
    must = np.flatnonzero(drives.required)
    edge = np.repeat(must, 2)
    forward = np.tile([True, False], len(must))
    allowed = np.where(forward, drives.forward[edge], drives.backward[edge])
    return edge[allowed], forward[allowed]


def _problem(drives: Drives, edge: NDArray[np.int64], matrix: NDArray[np.int64]) -> ProblemData:
    groups: list[ClientGroup] = []
    clients = []
    members = np.split(np.arange(len(edge)), np.flatnonzero(np.diff(edge)) + 1)
    for visits in members:
        alone = len(visits) == 1
        for visit in visits.tolist():
            load = [int(drives.load[edge[visit]])]
            group = None if alone else len(groups)
            clients.append(Client(visit + 1, delivery=load, required=alone, group=group))
        if not alone:
            groups.append(ClientGroup(visits.tolist(), required=True))
    vehicle = VehicleType(drives.vehicles, capacity=[drives.capacity])
    # PyVRP's stubs name a shape that numpy's own types can't express.
    metres: Any = matrix
    return ProblemData(
        [Location(0, 0)] * len(matrix), clients, [Depot(0)], [vehicle], [metres], [metres * 0], groups
    )


def _steps(drives: Drives, lanes: Lanes, visits: list[tuple[int, bool]]) -> tuple[Step, ...]:
    at, steps = drives.depot, []
    for edge, forward in visits:
        first, last = int(drives.tail[edge]), int(drives.head[edge])
        if not forward:
            first, last = last, first
        steps += [*lanes.way(at, first), Step(edge, forward, True)]
        at = last
    return (*steps, *lanes.way(at, drives.depot))

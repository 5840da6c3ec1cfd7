"""The shortest closed walk over every required street, and the proof that none is shorter.

What is walked besides makes every node even at least length: a matching of the odd ones (Edmonds and Johnson, 1973). Where the
required streets don't hang together (the rural postman, NP-hard) cuts for that are added to the linear programme (Corberán and
Sanchis, 1994), and HiGHS branches for as long as it may: then there is a walk and a bound.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack
from scipy.sparse.csgraph import minimum_spanning_tree

from geoservice.domain.arcs.cuts import Cuts
from geoservice.domain.arcs.matching import Ways, join_odd_nodes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.domain.arcs.task import Arcs

# Lengths are compared to a part in a million: what floats of metres can hold.
CLOSE = 1e-6


@dataclass(frozen=True)
class Postman:
    """How often each edge (e,) is walked besides once if it is required; the tour's length and what none can go below."""

    extra: NDArray[np.int64]
    length_m: float
    bound_m: float

    @property
    def is_optimal(self) -> bool:
        """Whether the length is proved to be the least."""
        return self.length_m <= self.bound_m * (1 + CLOSE) + CLOSE


def solve_postman(arcs: Arcs, seconds: float = 20.0) -> Postman:
    """Return the least closed walk over all required edges, which must lie in one component of the graph.

    `seconds` limit the search where the required edges are apart; the walk is then the best found, with a true bound.
    """
    nothing = np.zeros(len(arcs.tail), np.int64)
    if not arcs.required.any():
        return Postman(nothing, 0.0, 0.0)
    odd = arcs.odd_nodes(arcs.required.astype(np.int64))
    least = join_odd_nodes(arcs, odd)
    bound = arcs.required_m + least.bound_m
    if is_walk(arcs, least.edges.astype(np.int64)):
        return _postman(arcs, least.edges.astype(np.int64), bound)
    best = _postman(arcs, _join_then_match(arcs), bound)
    return best if best.is_optimal or seconds <= 0 else _improve(arcs, best, time.monotonic() + seconds)


def is_walk(arcs: Arcs, extra: NDArray[np.int64]) -> bool:
    """Tell whether what is required and `extra` (e,) together make one closed walk."""
    if arcs.odd_nodes(arcs.required + extra).any():
        return False
    label, parts = arcs.required_parts(extra > 0)
    used = np.unique(label[arcs.tail[extra > 0]])
    return len(parts) == 1 and bool(np.isin(used, parts).all())


def _postman(arcs: Arcs, extra: NDArray[np.int64], bound_m: float) -> Postman:
    length = arcs.required_m + float(arcs.metres @ extra)
    return Postman(extra, length, min(bound_m, length))


def _join_then_match(arcs: Arcs) -> NDArray[np.int64]:
    """Join the required components by a least spanning tree of ways, then pair the odd nodes at least cost."""
    joined = np.zeros(len(arcs.tail), np.bool_)
    joined[_spanning(arcs)] = True
    joined &= ~arcs.required
    larger = replace(arcs, required=arcs.required | joined)
    odd = larger.odd_nodes(larger.required.astype(np.int64))
    return joined.astype(np.int64) + join_odd_nodes(larger, odd).edges


def _spanning(arcs: Arcs) -> list[int]:
    """Return the edges of a least spanning tree of the shortest ways between required components.

    The shortest way between two components leads over a border of their Voronoi regions: only such ways are looked at.
    """
    label, parts = arcs.required_parts(np.zeros(len(arcs.tail), np.bool_))
    ways = Ways(arcs)
    ends = np.unique(np.concatenate((arcs.tail[arcs.required], arcs.head[arcs.required])))
    metres, source = ways.nearest(ends)
    reached = np.isfinite(metres[arcs.tail]) & np.isfinite(metres[arcs.head])
    one = np.where(reached, np.searchsorted(parts, label[source[arcs.tail]]), 0)
    other = np.where(reached, np.searchsorted(parts, label[source[arcs.head]]), 0)
    border = np.flatnonzero(one != other)
    length = metres[arcs.tail[border]] + arcs.metres[border] + metres[arcs.head[border]]
    low, high = np.minimum(one, other)[border], np.maximum(one, other)[border]
    order = np.lexsort((length, high, low))
    _, first = np.unique(low[order] * len(parts) + high[order], return_index=True)
    best = order[first]
    between = csr_array(
        (np.maximum(length[best], 1e-9), (low[best], high[best])), shape=(len(parts), len(parts))
    )
    tree = minimum_spanning_tree(between).tocoo()
    chosen = best[
        np.isin(low[best] * len(parts) + high[best], tree.row.astype(np.int64) * len(parts) + tree.col)
    ]
    edges: list[int] = border[chosen].tolist()
    for node in np.concatenate((arcs.tail[border[chosen]], arcs.head[border[chosen]])).tolist():
        edges += ways.way(int(source[node]), node)
    return edges


def _improve(arcs: Arcs, best: Postman, until: float) -> Postman:
    """Search for a shorter walk, and raise the bound, until they meet or time is over."""
    cuts = Cuts(arcs, arcs.odd_nodes(arcs.required.astype(np.int64)))
    while time.monotonic() < until:
        found = linprog(arcs.metres, A_ub=-cuts.rows(), b_ub=-np.array(cuts.least), bounds=(0, None))
        bound = max(best.bound_m, arcs.required_m + float(found.fun))
        best = replace(best, bound_m=min(bound, best.length_m))
        extra = np.where(found.x < 1e-9, 0.0, found.x)
        if best.is_optimal or not cuts.add_violated(extra):
            break
    whole = np.rint(extra).astype(np.int64)
    if np.abs(extra - whole).max() < CLOSE and is_walk(arcs, whole):
        return _postman(arcs, whole, best.bound_m)
    return best if best.is_optimal else _branch(arcs, cuts, best, until)


def _branch(arcs: Arcs, cuts: Cuts, best: Postman, until: float) -> Postman:
    """Let HiGHS branch on whole numbers with even nodes, adding cuts until the walk hangs together."""
    edges, nodes = len(arcs.tail), arcs.node_count
    ones, columns = np.ones(edges), np.arange(edges)
    meets = csr_array((ones, (arcs.tail, columns)), shape=(nodes, edges))
    meets = meets + csr_array((ones, (arcs.head, columns)), shape=(nodes, edges))
    even = hstack((meets, -2 * eye_array(nodes)))
    odd = arcs.odd_nodes(arcs.required.astype(np.int64)).astype(float)
    while (left := until - time.monotonic()) > 0:
        rows = hstack((cuts.rows(), csr_array((len(cuts.least), nodes))))
        found = milp(
            np.concatenate((arcs.metres, np.zeros(nodes))),
            constraints=LinearConstraint(
                vstack((even, rows)),
                np.concatenate((odd, cuts.least)),
                np.concatenate((odd, np.full(len(cuts.least), np.inf))),
            ),
            bounds=Bounds(0, np.concatenate((np.full(edges, 2.0), np.full(nodes, np.inf)))),
            integrality=np.ones(edges + nodes),
            options={"time_limit": left, "mip_rel_gap": 0.0},
        )
        best = _better(arcs, best, found.x, found.mip_dual_bound)
        if best.is_optimal or not found.success or not cuts.add_violated(np.rint(found.x[:edges])):
            break
    return best


def _better(
    arcs: Arcs, best: Postman, solution: NDArray[np.float64] | None, dual_bound: float | None
) -> Postman:
    """Return the better of the best and a solution if that is a walk, with the higher bound."""
    bound = max(best.bound_m, arcs.required_m + (dual_bound or 0.0))
    if solution is not None:
        extra = np.rint(solution[: len(arcs.tail)]).astype(np.int64)
        if is_walk(arcs, extra) and arcs.required_m + arcs.metres @ extra < best.length_m:
            return _postman(arcs, extra, bound)
    return replace(best, bound_m=min(bound, best.length_m))

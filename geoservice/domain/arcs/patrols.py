"""Several patrols that cover all required streets once between them, with much the same way each.

The least walk of one patrol is taken apart in short rounds; rounds that meet make a patrol, so dividing costs nothing. Where the
rounds are too few or too long (a ring, a street without side streets) the walk is cut in pieces, each with a way back
(Frederickson, Hecht and Kim, 1978). Either way each patrol's own streets are then walked at least length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.arcs.balance import group_rounds
from geoservice.domain.arcs.matching import Ways
from geoservice.domain.arcs.postman import Postman, solve_postman
from geoservice.domain.arcs.tours import short_rounds, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geoservice.domain.arcs.task import Arcs
    from geoservice.domain.arcs.tours import Step

LONGEST_OVER_MEAN = 1.15
_ALONE_S = 3.0


@dataclass(frozen=True)
class Share:
    """What one patrol covers: its edges, each required, and how often it walks each edge (e,) of the graph besides."""

    edges: NDArray[np.int64]
    extra: NDArray[np.int64]
    length_m: float

    def steps(self, arcs: Arcs, start: int | None = None) -> list[Step]:
        """Return the patrol's closed walk, from a node if it comes there."""
        return walk(arcs.requiring(self.edges), self.extra, start)


@dataclass(frozen=True)
class Shares:
    """What each patrol covers, and the least walk of a single one."""

    shares: tuple[Share, ...]
    alone: Postman

    @property
    def length_m(self) -> float:
        """All patrols' way together."""
        return sum(share.length_m for share in self.shares)

    @property
    def longest_over_mean(self) -> float:
        """The longest patrol over the mean."""
        return max(share.length_m for share in self.shares) * len(self.shares) / self.length_m


def share_out(arcs: Arcs, count: int, seconds: float = 20.0) -> Shares:
    """Return at most `count` patrols over all required edges (at least one), which must lie in one component of the graph.

    `seconds` limit the search for a single patrol's least walk where the required edges are apart.
    """
    alone = solve_postman(arcs, seconds)
    edges = np.flatnonzero(arcs.required)
    count = min(count, len(edges))
    if count == 1:
        return Shares((Share(edges, alone.extra, alone.length_m),), alone)
    found = [Shares(shares, alone) for shares in _by_rounds(arcs, alone, count)]
    if not found or min(one.longest_over_mean for one in found) > LONGEST_OVER_MEAN:
        found.append(Shares(_by_pieces(arcs, alone, count), alone))
    return min(found, key=_worse)


def _worse(shares: Shares) -> tuple[float, float]:
    missing = shares.shares[0].length_m if len(shares.shares) == 1 else 0.0
    return (max(shares.longest_over_mean, LONGEST_OVER_MEAN) + missing, shares.length_m)


def _by_rounds(arcs: Arcs, alone: Postman, count: int) -> list[tuple[Share, ...]]:
    """Return the division by rounds, as it is and with every patrol's own way shortened; nothing where rounds are too few."""
    rounds = short_rounds(arcs, alone.extra)
    length = np.array([arcs.metres[edges].sum() for edges in rounds])
    group = group_rounds(length, _meets(arcs, rounds), count)
    if group is None:
        return []
    shares, taken = [], np.zeros(len(arcs.tail), np.bool_)
    for number in range(count):
        mine = [edge for one in np.flatnonzero(group == number) for edge in rounds[one]]
        times = np.bincount(mine, minlength=len(arcs.tail))
        served = (times > 0) & arcs.required & ~taken
        taken |= served
        extra = times - served
        shares.append(Share(np.flatnonzero(served), extra, float(arcs.metres @ times)))
    shares = [share for share in shares if len(share.edges)]
    return [tuple(shares), tuple(_shortened(arcs, share) for share in shares)]


def _meets(arcs: Arcs, rounds: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return which rounds share a node with each round."""
    of_node: dict[int, set[int]] = {}
    nodes = [set(arcs.tail[edges].tolist()) | set(arcs.head[edges].tolist()) for edges in map(list, rounds)]
    for number, its in enumerate(nodes):
        for node in its:
            of_node.setdefault(node, set()).add(number)
    return [
        sorted(set().union(*(of_node[node] for node in its)) - {number}) for number, its in enumerate(nodes)
    ]


def _shortened(arcs: Arcs, share: Share) -> Share:
    """Return the share with the least walk over its edges, if that is shorter."""
    least = solve_postman(arcs.requiring(share.edges), _ALONE_S)
    return Share(share.edges, least.extra, least.length_m) if least.length_m < share.length_m else share


def _by_pieces(arcs: Arcs, alone: Postman, count: int) -> tuple[Share, ...]:
    """Cut the single patrol's walk in as many pieces, the longest with its way back as short as it can be."""
    steps = walk(arcs, alone.extra)
    places = [int(arcs.tail[step.edge] if step.forward else arcs.head[step.edge]) for step in steps]
    nodes, row = np.unique([*places, places[0]], return_inverse=True)
    back = Ways(arcs).metres(nodes)
    so_far = np.concatenate(([0.0], np.cumsum([arcs.metres[step.edge] for step in steps])))
    low, high = 0.0, 2 * float(so_far[-1])
    while high - low > 1.0:
        middle = (low + high) / 2
        if _pieces(so_far, row, back, middle, count) is None:
            low = middle
        else:
            high = middle
    cut = _pieces(so_far, row, back, high, count) or []
    shares = []
    for first, last in zip([0, *cut[:-1]], cut, strict=True):
        edges = np.array(sorted(step.edge for step in steps[first:last] if step.serves), np.int64)
        if len(edges):
            least = solve_postman(arcs.requiring(edges), _ALONE_S)
            shares.append(Share(edges, least.extra, least.length_m))
    return tuple(shares)


def _pieces(
    so_far: NDArray[np.float64],
    row: NDArray[np.intp],
    back: NDArray[np.float64],
    most_m: float,
    count: int,
) -> list[int] | None:
    """Return where each piece ends so that none is longer than `most_m` with its way back; None: it takes more pieces."""
    ends = [0]
    while ends[-1] < len(so_far) - 1:
        first = ends[-1]
        length = so_far[first + 1 :] - so_far[first] + back[row[first + 1 :], row[first]]
        fitting = np.flatnonzero(length <= most_m)
        if len(fitting) == 0 or len(ends) > count:
            return None
        ends.append(first + 1 + int(fitting[-1]))
    return ends[1:]

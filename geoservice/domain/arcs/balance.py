"""Rounds that meet, put together in groups of much the same length."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_STARTS = 8
# Good enough to look no further.
_EVEN = 1.03


def group_rounds(
    length: NDArray[np.float64], meets: Sequence[Sequence[int]], count: int
) -> NDArray[np.int64] | None:
    """Return the group 0 to `count` - 1 of each round (r,), all of one group hanging together, the longest as short as found.

    `meets`: the rounds each one meets. None: there are fewer rounds than groups.
    """
    if len(length) < count:
        return None
    best, best_longest = None, np.inf
    for first in np.linspace(0, len(length) - 1, _STARTS).astype(int).tolist():
        group = _even_out(length, meets, _grow(length, meets, _seeds(meets, first, count)), count)
        longest = float(np.bincount(group, length, count).max())
        if longest < best_longest:
            best, best_longest = group, longest
        if best_longest <= _EVEN * length.sum() / count:
            break
    return best


def _hops(meets: Sequence[Sequence[int]], sources: Sequence[int]) -> NDArray[np.float64]:
    """Return over how many meetings each round is reached from the nearest source."""
    hops = np.full(len(meets), np.inf)
    hops[list(sources)] = 0
    queue = deque(sources)
    while queue:
        one = queue.popleft()
        for other in meets[one]:
            if hops[other] == np.inf:
                hops[other] = hops[one] + 1
                queue.append(other)
    return hops


def _seeds(meets: Sequence[Sequence[int]], first: int, count: int) -> list[int]:
    """Return rounds far from each other, the first of them farthest from `first`."""
    seeds = [int(np.argmax(_hops(meets, [first])))]
    while len(seeds) < count:
        seeds.append(int(np.argmax(_hops(meets, seeds))))
    return seeds


def _grow(length: NDArray[np.float64], meets: Sequence[Sequence[int]], seeds: list[int]) -> NDArray[np.int64]:
    """Let the shortest group take the nearest free round it meets until none is free."""
    group = np.full(len(length), -1)
    near = [_hops(meets, [seed]) for seed in seeds]
    border: list[list[tuple[float, int]]] = [[(0.0, seed)] for seed in seeds]
    total = [0.0] * len(seeds)
    while open_groups := [one for one in range(len(seeds)) if border[one]]:
        one = min(open_groups, key=lambda each: total[each])
        _, taken = heapq.heappop(border[one])
        if group[taken] >= 0:
            continue
        group[taken] = one
        total[one] += float(length[taken])
        for other in meets[taken]:
            if group[other] < 0:
                heapq.heappush(border[one], (float(near[one][other]), other))
    return group


def _even_out(
    length: NDArray[np.float64], meets: Sequence[Sequence[int]], group: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Move rounds from longer groups to shorter ones that they meet while that evens them out; none is torn apart.

    Every move lowers the sum of squares, so this ends.
    """
    total = np.bincount(group, length, count)
    while True:
        moves = sorted(
            {
                (
                    -length[one] * (total[group[one]] - total[group[other]] - length[one]),
                    one,
                    int(group[other]),
                )
                for one in range(len(length))
                for other in meets[one]
                if total[group[one]] - total[group[other]] > length[one] + 1e-6 and length[one] > 0
            }
        )
        for _, one, to in moves:
            if _stays_together(meets, group, one):
                total[group[one]] -= length[one]
                total[to] += length[one]
                group[one] = to
                break
        else:
            return group


def _stays_together(meets: Sequence[Sequence[int]], group: NDArray[np.int64], without: int) -> bool:
    """Tell whether a group has other rounds that hang together without this one."""
    own = set(np.flatnonzero(group == group[without]).tolist()) - {without}
    if not own:
        return False
    left = [own.pop()]
    while left:
        for other in meets[left.pop()]:
            if other in own:
                own.discard(other)
                left.append(other)
    return not own

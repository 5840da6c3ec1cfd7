"""A closed walk in order, and the same walk as many short rounds."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from geoservice.domain.arcs.task import Arcs


class Step(NamedTuple):
    """One edge gone over: along its direction or against it, and whether that is what is required of it."""

    edge: int
    forward: bool
    serves: bool


def walk(arcs: Arcs, extra: NDArray[np.int64], start: int | None = None) -> list[Step]:
    """Return required edges and `extra` copies (e,) as one closed walk (Hierholzer), from `start` if the walk comes there.

    Raises ValueError where they make none.
    """
    copies = np.repeat(np.arange(len(arcs.tail)), arcs.required + extra)
    if len(copies) == 0:
        return []
    meets = _meetings(arcs, copies.tolist())
    at = start if start in meets else int(arcs.tail[copies[0]])
    is_used = [False] * len(copies)
    path: list[tuple[int, int]] = [(at, -1)]
    tour: list[tuple[int, int]] = []
    while path:
        node, came = path[-1]
        free = meets[node]
        while free and is_used[free[-1]]:
            free.pop()
        if free:
            copy = free.pop()
            is_used[copy] = True
            edge = int(copies[copy])
            path.append((int(arcs.tail[edge] + arcs.head[edge] - node), copy))
        else:
            path.pop()
            if came >= 0:
                tour.append((path[-1][0], int(copies[came])))
    if len(tour) < len(copies) or arcs.odd_nodes(arcs.required + extra).any():
        raise ValueError("not one closed walk")
    return _in_order(arcs, tour[::-1])


def _in_order(arcs: Arcs, tour: Iterable[tuple[int, int]]) -> list[Step]:
    served: set[int] = set()
    steps = []
    for node, edge in tour:
        steps.append(
            Step(edge, bool(arcs.tail[edge] == node), bool(arcs.required[edge]) and edge not in served)
        )
        served.add(edge)
    return steps


def _meetings(arcs: Arcs, copies: list[int]) -> dict[int, list[int]]:
    """Return the copies of edges at each node that has any."""
    meets: dict[int, list[int]] = {}
    for copy, edge in enumerate(copies):
        for node in {int(arcs.tail[edge]), int(arcs.head[edge])}:
            meets.setdefault(node, []).append(copy)
    return meets


def short_rounds(arcs: Arcs, extra: NDArray[np.int64]) -> list[list[int]]:
    """Return required edges and `extra` copies (e,) as closed rounds, each as short as what is left allows; every copy once."""
    copies: list[int] = np.repeat(np.arange(len(arcs.tail)), arcs.required + extra).tolist()
    meets = _meetings(arcs, copies)
    is_used = [False] * len(copies)
    rounds = []
    for copy, edge in enumerate(copies):
        if is_used[copy]:
            continue
        is_used[copy] = True
        back = _way_back(arcs, copies, meets, is_used, edge)
        for each in back:
            is_used[each] = True
        rounds.append([edge, *(copies[each] for each in back)])
    return rounds


def _way_back(
    arcs: Arcs, copies: list[int], meets: dict[int, list[int]], is_used: list[bool], edge: int
) -> list[int]:
    """Return the copies on the shortest way over what is left from an edge's head to its tail."""
    source, target = int(arcs.head[edge]), int(arcs.tail[edge])
    came: dict[int, tuple[int, int]] = {}
    queue: list[tuple[float, int, int, int]] = [(0.0, source, -1, -1)]
    while queue:
        metres, node, copy, previous = heapq.heappop(queue)
        if node in came:
            continue
        came[node] = (copy, previous)
        if node == target:
            break
        for each in meets[node]:
            if not is_used[each]:
                other = int(arcs.tail[copies[each]] + arcs.head[copies[each]]) - node
                heapq.heappush(queue, (metres + float(arcs.metres[copies[each]]), other, each, node))
    back = []
    while target != source:
        copy, target = came[target]
        back.append(copy)
    return back

"""The compiled loops that make streets findable: cells of a grid to segments, nodes to the nodes near them."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

CELL_M = 30.0
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True, error_model="numpy")
def cell_key(cx, cy):
    """One non-negative integer for a cell of the grid."""
    return ((np.int64(cx) + (1 << 30)) << 31) | (np.int64(cy) + (1 << 30))


@njit(cache=True, nogil=True, error_model="numpy")
def first_place(key, size):
    """Where in an open-addressing table of `size` (a power of two) a key would be."""
    return np.int64(((np.uint64(key) * _SPREAD) >> np.uint64(32)) & np.uint64(size - 1))


@njit(cache=True, nogil=True, error_model="numpy")
def larger(values, count):
    """Return the array with twice the room."""
    bigger = np.empty(2 * values.size, values.dtype)
    bigger[:count] = values[:count]
    return bigger


@njit(cache=True, nogil=True, error_model="numpy")
def grid_entries(x, y, ux, uy, metres, reach, cell):
    """Return (cell key, segment) for each cell that has a point within `reach` of the segment, and few others."""
    keys = np.empty(1024, np.int64)
    numbers = np.empty(1024, np.int64)
    count = 0
    near = reach + cell * math.sqrt(0.5)
    for i in range(x.size):
        bx = x[i] + ux[i] * metres[i]
        by = y[i] + uy[i] * metres[i]
        cx0 = math.floor((min(x[i], bx) - reach) / cell)
        cx1 = math.floor((max(x[i], bx) + reach) / cell)
        cy0 = math.floor((min(y[i], by) - reach) / cell)
        cy1 = math.floor((max(y[i], by) + reach) / cell)
        for cx in range(cx0, cx1 + 1):
            for cy in range(cy0, cy1 + 1):
                px = (cx + 0.5) * cell - x[i]
                py = (cy + 0.5) * cell - y[i]
                on = min(max(px * ux[i] + py * uy[i], 0.0), metres[i])
                px -= on * ux[i]
                py -= on * uy[i]
                if px * px + py * py > near * near:
                    continue
                if count == keys.size:
                    keys = larger(keys, count)
                    numbers = larger(numbers, count)
                keys[count] = cell_key(cx, cy)
                numbers[count] = i
                count += 1
    return keys[:count], numbers[:count]


@njit(cache=True, nogil=True, error_model="numpy")
def hash_cells(keys):
    """Return an open-addressing table of distinct keys, -1 where free, and the number of each key."""
    size = 16
    while size < 2 * keys.size:
        size *= 2
    table = np.full(size, -1, np.int64)
    row = np.zeros(size, np.int64)
    for i in range(keys.size):
        at = first_place(keys[i], size)
        while table[at] >= 0:
            at = (at + 1) & (size - 1)
        table[at] = keys[i]
        row[at] = i
    return table, row


@njit(cache=True, nogil=True, error_model="numpy")
def paths_from_nodes(street, offset, node, by_node, first_of_node, reach):
    """Return each node's shortest paths up to `reach` along the streets, nearest first (Dijkstra).

    Junction positions (p,) are sorted by street and offset; `by_node` lists them by node. Returns the first path of each
    node, and for each path its last node, metres, the path without its last edge (-1: none), and that edge's positions.
    """
    nodes = first_of_node.size - 1
    first = np.zeros(nodes + 1, np.int64)
    out_node = np.empty(1024, np.int64)
    out_metres = np.empty(1024)
    out_before = np.empty(1024, np.int64)
    out_from = np.empty(1024, np.int64)
    out_to = np.empty(1024, np.int64)
    count = 0
    place = np.full(nodes, -1, np.int64)
    for source in range(nodes):
        start = count
        seen = count
        # Paths from `start` to `count` are settled, from there to `seen` found; the nearest found is settled next.
        for _ in range(nodes):
            if seen == start:
                if seen == out_node.size:
                    out_node, out_metres = larger(out_node, seen), larger(out_metres, seen)
                    out_before, out_from = larger(out_before, seen), larger(out_from, seen)
                    out_to = larger(out_to, seen)
                out_node[seen] = source
                out_metres[seen] = 0.0
                out_before[seen] = -1
                out_from[seen] = -1
                out_to[seen] = -1
                place[source] = seen
                seen += 1
            if count == seen:
                break
            best = count
            for i in range(count + 1, seen):
                if out_metres[i] < out_metres[best]:
                    best = i
            if best != count:
                for array in (out_node, out_before, out_from, out_to):
                    array[best], array[count] = array[count], array[best]
                out_metres[best], out_metres[count] = out_metres[count], out_metres[best]
                place[out_node[best]] = best
                place[out_node[count]] = count
            here = count
            count += 1
            for k in range(first_of_node[out_node[here]], first_of_node[out_node[here] + 1]):
                position = by_node[k]
                for other in (position - 1, position + 1):
                    if other < 0 or other >= street.size or street[other] != street[position]:
                        continue
                    metres = out_metres[here] + abs(offset[other] - offset[position])
                    if metres > reach:
                        continue
                    to = node[other]
                    at = place[to]
                    if at < 0:
                        if seen == out_node.size:
                            out_node, out_metres = larger(out_node, seen), larger(out_metres, seen)
                            out_before, out_from = larger(out_before, seen), larger(out_from, seen)
                            out_to = larger(out_to, seen)
                        at = seen
                        seen += 1
                        place[to] = at
                        out_node[at] = to
                    elif metres >= out_metres[at]:
                        continue
                    out_metres[at] = metres
                    out_before[at] = here
                    out_from[at] = position
                    out_to[at] = other
        for i in range(start, count):
            place[out_node[i]] = -1
        first[source + 1] = count
    return (
        first, out_node[:count], out_metres[:count], out_before[:count], out_from[:count], out_to[:count],
    )  # fmt: skip

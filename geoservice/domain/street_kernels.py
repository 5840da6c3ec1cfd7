"""The compiled loops that make streets findable: cells of a grid to segments, nodes to the nodes near them."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

CELL_M = 30.0
# Columns of a segment: start, direction of length one, length, offset along its street, street, whether in a tunnel.
X, Y, UX, UY, METRES, OFFSET, STREET, TUNNEL = range(8)
# Columns of a junction, a place on a street where others meet it; of a path; of the edge it ends with.
ALONG, NODE, OF_STREET = range(3)
TO_NODE, PATH_METRES = range(2)
BEFORE, FROM, TO = range(3)
# For small functions that make no array: numba otherwise counts each array they are given in and out, call by call, which
# took half the time of matching.
counting_nothing = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
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
def sums_by_street(metres, starts):
    """Return how far along its street each vertex lies; `metres` (v - 1,) to the next vertex, 0 from street to street.

    Each street is summed by itself, so that its offsets are the same to the last bit whichever streets are beside it.
    """
    along = np.zeros(metres.size + 1)[: starts[-1]]
    for i in range(starts.size - 1):
        for k in range(starts[i] + 1, starts[i + 1]):
            along[k] = along[k - 1] + metres[k - 1]
    return along


@njit(cache=True, nogil=True, error_model="numpy")
def hash_cells(keys):
    """Return an open-addressing table (k, 2) of distinct keys, -1 where free, and the number of each key."""
    size = 16
    while size < 2 * keys.size:
        size *= 2
    table = np.full((size, 2), -1, np.int64)
    for i in range(keys.size):
        at = first_place(keys[i], size)
        while table[at, 0] >= 0:
            at = (at + 1) & (size - 1)
        table[at, 0] = keys[i]
        table[at, 1] = i
    return table


@njit(cache=True, nogil=True, error_model="numpy")
def larger_rows(values, count):
    """Return the rows with twice the room."""
    bigger = np.empty((2 * values.shape[0], values.shape[1]), values.dtype)
    bigger[:count] = values[:count]
    return bigger


@njit(cache=True, nogil=True, error_model="numpy")
def paths_from_nodes(street, offset, node, by_node, first_of_node, reach):
    """Return each node's shortest paths up to `reach` along the streets, nearest first (Dijkstra).

    Junctions (p,) are sorted by street and offset; `by_node` lists them by node. Returns the first path of each node, its
    node and metres (r, 2), and (r, 3) the path without its last edge (-1: none) with that edge's two junctions.
    """
    nodes = first_of_node.size - 1
    first = np.zeros(nodes + 1, np.int64)
    paths = np.empty((1024, 2))
    edges = np.empty((1024, 3), np.int64)
    done = 0
    place = np.full(nodes, -1, np.int64)
    for source in range(nodes):
        start = done
        if start == paths.shape[0]:
            paths = larger_rows(paths, start)
            edges = larger_rows(edges, start)
        paths[start, 0] = source
        paths[start, 1] = 0.0
        edges[start] = -1
        place[source] = start
        found = start + 1
        # Paths from `start` to `done` are settled, from there to `found` known; the nearest known is settled next.
        while done < found:
            best = done
            for i in range(done + 1, found):
                if paths[i, 1] < paths[best, 1]:
                    best = i
            if best != done:
                for column in range(2):
                    paths[best, column], paths[done, column] = paths[done, column], paths[best, column]
                for column in range(3):
                    edges[best, column], edges[done, column] = edges[done, column], edges[best, column]
                place[int(paths[best, 0])] = best
                place[int(paths[done, 0])] = done
            here = int(paths[done, 0])
            for k in range(first_of_node[here], first_of_node[here + 1]):
                junction = by_node[k]
                for other in (junction - 1, junction + 1):
                    if other < 0 or other >= street.size or street[other] != street[junction]:
                        continue
                    metres = paths[done, 1] + abs(offset[other] - offset[junction])
                    if metres > reach:
                        continue
                    at = place[node[other]]
                    if at >= 0 and metres >= paths[at, 1]:
                        continue
                    if at < 0:
                        if found == paths.shape[0]:
                            paths = larger_rows(paths, found)
                            edges = larger_rows(edges, found)
                        at = found
                        found += 1
                        place[node[other]] = at
                    paths[at, 0] = node[other]
                    paths[at, 1] = metres
                    edges[at, 0] = done
                    edges[at, 1] = junction
                    edges[at, 2] = other
            done += 1
        for i in range(start, done):
            place[int(paths[i, 0])] = -1
        first[source + 1] = done
    return first, paths[:done].copy(), edges[:done].copy()

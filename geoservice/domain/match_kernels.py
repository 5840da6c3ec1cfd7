"""The compiled loops that find the likeliest streets of a track: a hidden Markov model, solved by Viterbi.

After Newson and Krumm, "Hidden Markov map matching through noise and sparseness" (2009), with heading, a state for being on no
street, and paths between junctions looked up (after Yang and Gidofalvi, "Fast map matching", 2018).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from geoservice.domain.street_kernels import (
    ALONG,
    CELL_M,
    METRES,
    NODE,
    OFFSET,
    PATH_METRES,
    STREET,
    TO_NODE,
    TUNNEL,
    UX,
    UY,
    X,
    Y,
    cell_key,
    counting_nothing,
    first_place,
)

MOST = 8  # candidates of a fix
OFF = MOST  # the state of being on no street
# Columns of a candidate: segment, street, offset on it, metres from the fix, cost; the first junction at or after it; node
# and metres of the junctions before and after it, node -1 where there is none.
SEGMENT, ON, AT, AWAY, COST, AFTER, NODE_A, METRES_A, NODE_B, METRES_B = range(10)

# Costs are negative log likelihoods.
MAP_ERROR_M = 7.5
ACROSS_COST = 4.0
TUNNEL_COST = 1.5
OFF_COST = 5.5
LEAVE_COST = 4.0
RETURN_COST = 2.0
BREAK_COST = 9.0
SWITCH_COST = 0.7
DETOUR_M = 7.0
# Dearer than leaving the streets for one fix and coming back.
TOO_DEAR = OFF_COST + LEAVE_COST + RETURN_COST
# Two stretches of one street within reach of a fix are candidates apart when so far from each other along it.
APART_M = 60.0


@counting_nothing
def _cell(cells, x, y):
    """Number of the cell that holds a position, -1 where no street is near."""
    key = cell_key(math.floor(x / CELL_M), math.floor(y / CELL_M))
    size = cells.shape[0]
    at = first_place(key, size)
    while cells[at, 0] >= 0:
        if cells[at, 0] == key:
            return cells[at, 1]
        at = (at + 1) & (size - 1)
    return -1


@counting_nothing
def _candidates(segments, entries, first, last, fix, nodes, j):
    """Fill `nodes[j]` with the likeliest segment of each street near a fix (x, y, direction or 0, weight of squared metres).

    Returns how many, at most `MOST`, and the metres to the nearest street of any direction.
    """
    x, y, ux, uy, weight = fix
    found = nodes[j]
    count = 0
    nearest = math.inf
    for entry in range(first, last):
        k = entries[entry]
        px = x - segments[k, X]
        py = y - segments[k, Y]
        on = min(max(px * segments[k, UX] + py * segments[k, UY], 0.0), segments[k, METRES])
        px -= on * segments[k, UX]
        py -= on * segments[k, UY]
        square = px * px + py * py
        nearest = min(nearest, square)
        turn = ux * segments[k, UY] - uy * segments[k, UX]
        cost = square * weight + ACROSS_COST * turn * turn + TUNNEL_COST * segments[k, TUNNEL]
        if cost > TOO_DEAR:
            continue
        street = segments[k, STREET]
        along = segments[k, OFFSET] + on
        at = count
        for i in range(count):
            if found[i, ON] == street and abs(found[i, AT] - along) < APART_M:
                at = i
                break
        if at == count == MOST:
            at = 0
            for i in range(1, MOST):
                if found[i, COST] > found[at, COST]:
                    at = i
        elif at == count:
            found[at, COST] = math.inf
            count += 1
        if cost < found[at, COST]:
            found[at, SEGMENT] = k
            found[at, ON] = street
            found[at, AT] = along
            found[at, AWAY] = square
            found[at, COST] = cost
    return count, math.sqrt(nearest)


@counting_nothing
def _find_junctions(junctions, first_junction, nodes, j, count):
    """Fill in the junctions before and after each candidate of node j."""
    found = nodes[j]
    for i in range(count):
        street = int(found[i, ON])
        start = first_junction[street]
        low = start
        end = first_junction[street + 1]
        high = end
        while low < high:
            middle = (low + high) >> 1
            if junctions[middle, ALONG] < found[i, AT]:
                low = middle + 1
            else:
                high = middle
        found[i, AWAY] = math.sqrt(found[i, AWAY])
        found[i, AFTER] = low
        found[i, NODE_A] = junctions[low - 1, NODE] if low > start else -1
        found[i, METRES_A] = found[i, AT] - junctions[low - 1, ALONG] if low > start else math.inf
        found[i, NODE_B] = junctions[low, NODE] if low < end else -1
        found[i, METRES_B] = junctions[low, ALONG] - found[i, AT] if low < end else math.inf


@counting_nothing
def _between(first_path, paths, source, target, base, limit):
    """Metres of a way with a path from one node to another and `base` metres besides; `limit` where not below it."""
    if base >= limit or source == target:
        return min(base, limit)
    for k in range(first_path[source], first_path[source + 1]):
        total = base + paths[k, PATH_METRES]
        if total >= limit:
            break
        if paths[k, TO_NODE] == target:
            return total
    return limit


@counting_nothing
def _arrive(first_path, paths, moved, scores, found, j, count, to):
    """Return the cheapest cost of coming from node j - 1 to candidate `to` of node j, and from which state."""
    best = scores[OFF] + RETURN_COST
    origin = OFF
    street = found[j, to, ON]
    along = found[j, to, AT]
    after = found[j, to, AFTER]
    node_a = int(found[j, to, NODE_A])
    node_b = int(found[j, to, NODE_B])
    to_a = found[j, to, METRES_A]
    to_b = found[j, to, METRES_B]
    for i in range(count):
        if found[j - 1, i, ON] == street:
            detour = abs(abs(found[j - 1, i, AT] - along) - moved) / DETOUR_M
            price = scores[i] + min(detour, BREAK_COST)
            if price < best:
                best = price
                origin = i
    nearest = min(to_a, to_b)
    for i in range(count):
        same = found[j - 1, i, ON] == street
        if same and found[j - 1, i, AFTER] == after:
            continue
        extra = 0.0 if same else SWITCH_COST
        slack = min(best - scores[i], BREAK_COST) - extra
        if slack <= 0:
            continue
        limit = moved + slack * DETOUR_M
        metres = limit
        for side in (NODE_A, NODE_B):
            leave = found[j - 1, i, side + 1]
            if leave + nearest < metres:
                source = int(found[j - 1, i, side])
                metres = _between(first_path, paths, source, node_a, leave + to_a, metres)
                metres = _between(first_path, paths, source, node_b, leave + to_b, metres)
        price = scores[i] + BREAK_COST
        if metres < limit:
            price = min(price, scores[i] + extra + abs(metres - moved) / DETOUR_M)
        if price < best:
            best = price
            origin = i
    return best, origin


@njit(cache=True, nogil=True, error_model="numpy")
def match(index, px, py, vx, vy, variance, moves):
    """Return the chosen candidate of each node of a smoothed track (n, 10), segment -1 on no street, and the metres to the
    nearest street of any direction.
    """
    segments, cells, cell_first, entries = (
        index.segments,
        index.cells,
        index.cell_first,
        index.cell_segments,
    )
    junctions, first_junction, paths, first_path = (
        index.junctions,
        index.first_junction,
        index.paths,
        index.first_path,
    )
    n = px.size
    found = np.empty((n, MOST, 10))
    origin = np.empty((n, MOST + 1), np.int8)
    counts = np.zeros(n, np.int64)
    nearest = np.full(n, np.inf)
    scores = np.zeros(MOST + 1)
    fresh = np.zeros(MOST + 1)
    before = 0
    for j in range(n):
        cell = _cell(cells, px[j], py[j])
        if cell >= 0:
            speed = max(math.sqrt(vx[j] * vx[j] + vy[j] * vy[j]), 1e-9) if moves[j] else math.inf
            fix = (
                px[j],
                py[j],
                vx[j] / speed,
                vy[j] / speed,
                0.5 / (MAP_ERROR_M * MAP_ERROR_M + variance[j]),
            )
            counts[j], nearest[j] = _candidates(
                segments, entries, cell_first[cell], cell_first[cell + 1], fix, found, j
            )
            _find_junctions(junctions, first_junction, found, j, counts[j])
        fresh[OFF] = scores[OFF]
        origin[j, OFF] = OFF
        for i in range(before):
            if scores[i] + LEAVE_COST < fresh[OFF]:
                fresh[OFF] = scores[i] + LEAVE_COST
                origin[j, OFF] = i
        fresh[OFF] += OFF_COST
        least = fresh[OFF]
        moved = math.hypot(px[j] - px[j - 1], py[j] - py[j - 1]) if j else 0.0
        for i in range(counts[j]):
            fresh[i] = 0.0
            if j:
                fresh[i], origin[j, i] = _arrive(first_path, paths, moved, scores, found, j, before, i)
            fresh[i] += found[j, i, COST]
            least = min(least, fresh[i])
        before = counts[j]
        for i in range(before):
            scores[i] = fresh[i] - least
        scores[OFF] = fresh[OFF] - least
    chosen = np.full((n, 10), -1.0)
    at = OFF
    for i in range(before):
        if scores[i] < scores[at]:
            at = i
    for j in range(n - 1, -1, -1):
        if at != OFF:
            for column in range(10):
                chosen[j, column] = found[j, at, column]
        at = origin[j, at] if j else at
    return chosen, nearest


@counting_nothing
def route(index, a, b, limit):
    """Return the shortest way between two candidates: metres, its path (-1: along the street), the junctions it leaves and
    enters by. Metres are infinite where there is none below `limit`.
    """
    metres = math.inf
    path = -1
    leave = -1
    enter = -1
    if a[ON] == b[ON]:
        metres = abs(a[AT] - b[AT])
        # Between two junctions of one street no other way is looked for.
        if a[AFTER] == b[AFTER]:
            return metres, path, leave, enter
    for out in range(NODE_A, NODE_B + 1, 2):
        for back in range(NODE_A, NODE_B + 1, 2):
            base = a[out + 1] + b[back + 1]
            if base >= min(limit, metres):
                continue
            source = int(a[out])
            for k in range(index.first_path[source], index.first_path[source + 1]):
                total = base + index.paths[k, PATH_METRES]
                if total >= min(limit, metres):
                    break
                if index.paths[k, TO_NODE] == b[back]:
                    metres = total
                    path = k
                    leave = int(a[AFTER]) - (out == NODE_A)
                    enter = int(b[AFTER]) - (back == NODE_A)
                    break
    return metres, path, leave, enter

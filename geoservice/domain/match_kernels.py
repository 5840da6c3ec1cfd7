"""The compiled loops that find the likeliest streets of a track: a hidden Markov model, solved by Viterbi.

After Newson and Krumm, "Hidden Markov map matching through noise and sparseness" (2009), with heading, a state for being on no
street, and paths between junctions looked up (after Yang and Gidofalvi, "Fast map matching", 2018).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from geoservice.domain.street_kernels import CELL_M, cell_key, first_place

MOST = 12  # candidates of a fix
OFF = MOST  # the state of being on no street
# Costs are negative log likelihoods.
MAP_ERROR_M = 5.0
ACROSS_COST = 4.0
TUNNEL_COST = 1.5
OFF_COST = 4.5
LEAVE_COST = 4.0
RETURN_COST = 2.0
BREAK_COST = 9.0
SWITCH_COST = 0.7
DETOUR_M = 7.0
# Two stretches of one street within reach of a fix are candidates apart when so far from each other along it.
APART_M = 60.0


@njit(cache=True, nogil=True, error_model="numpy")
def _cell(index, x, y):
    """Row of the cell that holds a position, -1 where no street is near."""
    key = cell_key(math.floor(x / CELL_M), math.floor(y / CELL_M))
    size = index.cell_table.size
    at = first_place(key, size)
    while index.cell_table[at] >= 0:
        if index.cell_table[at] == key:
            return index.cell_row[at]
        at = (at + 1) & (size - 1)
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def candidates(index, fix, search, segment, offset, metres, cost):
    """Fill the candidates of a fix (x, y, direction, variance, moves): the likeliest segment of each street near.

    Returns how many. At most `MOST`, the likeliest.
    """
    x, y, ux, uy, variance, moves = fix
    row = _cell(index, x, y)
    if row < 0:
        return 0
    count = 0
    weight = 0.5 / (MAP_ERROR_M * MAP_ERROR_M + variance)
    for entry in range(index.cell_first[row], index.cell_first[row + 1]):
        k = index.cell_segments[entry]
        px = x - index.x[k]
        py = y - index.y[k]
        on = min(max(px * index.ux[k] + py * index.uy[k], 0.0), index.metres[k])
        px -= on * index.ux[k]
        py -= on * index.uy[k]
        square = px * px + py * py
        if square > search * search:
            continue
        price = square * weight
        if moves:
            turn = ux * index.uy[k] - uy * index.ux[k]
            price += ACROSS_COST * turn * turn
        street = index.street[k]
        if index.tunnel[street]:
            price += TUNNEL_COST
        along = index.offset[k] + on
        at = count
        for i in range(count):
            if index.street[segment[i]] == street and abs(offset[i] - along) < APART_M:
                at = i
                break
        if at < count:
            if price >= cost[at]:
                continue
        elif count == MOST:
            for i in range(MOST):
                if at == MOST or cost[i] > cost[at]:
                    at = i
            if price >= cost[at]:
                continue
        else:
            count += 1
        segment[at] = k
        offset[at] = along
        metres[at] = math.sqrt(square)
        cost[at] = price
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def junction_after(index, street, offset):
    """First junction position of a street at or beyond an offset, or the end of its positions."""
    low = index.first_position[street]
    high = index.first_position[street + 1]
    while low < high:
        middle = (low + high) >> 1
        if index.position_offset[middle] < offset:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True, error_model="numpy")
def route(index, street_a, offset_a, after_a, street_b, offset_b, after_b, limit):
    """Return the metres of the shortest way between two places, its path, and the junctions it leaves and enters by.

    Path -1: straight along the street. Metres are infinite where there is no way shorter than `limit`.
    """
    metres = math.inf
    path = -1
    leave = -1
    enter = -1
    if street_a == street_b:
        metres = abs(offset_a - offset_b)
        # Between two junctions of one street no other way is looked for.
        if after_a == after_b:
            return metres, path, leave, enter
    for out in (after_a - 1, after_a):
        if out < index.first_position[street_a] or out >= index.first_position[street_a + 1]:
            continue
        first = abs(offset_a - index.position_offset[out])
        if first >= min(limit, metres):
            continue
        source = index.position_node[out]
        for back in (after_b - 1, after_b):
            if back < index.first_position[street_b] or back >= index.first_position[street_b + 1]:
                continue
            both = first + abs(offset_b - index.position_offset[back])
            target = index.position_node[back]
            for k in range(index.first_path[source], index.first_path[source + 1]):
                total = both + index.path_metres[k]
                if total >= min(limit, metres):
                    break
                if index.path_node[k] == target:
                    metres = total
                    path = k
                    leave = out
                    enter = back
                    break
    return metres, path, leave, enter


@njit(cache=True, nogil=True, error_model="numpy")
def _arrive(index, moved, scores, count, now, later, places, cost):
    """Return the cheapest cost of being at a candidate, and from which state."""
    best = scores[OFF] + RETURN_COST
    origin = OFF
    street_b = index.street[later[0]]
    for i in range(count):
        if scores[i] >= best:
            continue
        street_a = index.street[places[0][now, i]]
        offset_a = places[1][now, i]
        extra = 0.0 if street_a == street_b else SWITCH_COST
        slack = (best - scores[i] - extra) * DETOUR_M
        if slack <= 0:
            continue
        metres, _, _, _ = route(
            index, street_a, offset_a, places[2][now, i], street_b, later[1], later[2], moved + slack
        )
        price = scores[i] + min(extra + abs(metres - moved) / DETOUR_M, BREAK_COST)
        if price < best:
            best = price
            origin = i
    return best + cost, origin


@njit(cache=True, nogil=True, error_model="numpy")
def match(index, px, py, vx, vy, variance, moves, search):
    """Return for each node (n,) of a smoothed track its segment, -1 on no street, with offset and metres to it,
    the junction after it, and the metres to the nearest candidate of any heading.
    """
    n = px.size
    segment = np.empty((n, MOST), np.int64)
    offset = np.empty((n, MOST))
    metres = np.empty((n, MOST))
    after = np.empty((n, MOST), np.int64)
    origin = np.empty((n, MOST + 1), np.int8)
    count = np.empty(n, np.int64)
    nearest = np.full(n, np.inf)
    cost = np.empty(MOST)
    scores = np.zeros(MOST + 1)
    fresh = np.zeros(MOST + 1)
    for j in range(n):
        speed = math.sqrt(vx[j] * vx[j] + vy[j] * vy[j])
        fix = (px[j], py[j], vx[j] / max(speed, 1e-9), vy[j] / max(speed, 1e-9), variance[j], moves[j])
        count[j] = candidates(index, fix, search, segment[j], offset[j], metres[j], cost)
        for i in range(count[j]):
            after[j, i] = junction_after(index, index.street[segment[j, i]], offset[j, i])
            nearest[j] = min(nearest[j], metres[j, i])
        if j == 0:
            for i in range(count[0]):
                scores[i] = cost[i]
            scores[OFF] = OFF_COST
            continue
        before = count[j - 1]
        moved = math.sqrt((px[j] - px[j - 1]) ** 2 + (py[j] - py[j - 1]) ** 2)
        fresh[OFF] = scores[OFF] + OFF_COST
        origin[j, OFF] = OFF
        for i in range(before):
            if scores[i] + LEAVE_COST + OFF_COST < fresh[OFF]:
                fresh[OFF] = scores[i] + LEAVE_COST + OFF_COST
                origin[j, OFF] = i
        for i in range(count[j]):
            later = (segment[j, i], offset[j, i], after[j, i])
            fresh[i], origin[j, i] = _arrive(
                index, moved, scores, before, j - 1, later, (segment, offset, after), cost[i]
            )
        least = fresh[OFF]
        for i in range(count[j]):
            least = min(least, fresh[i])
        scores[OFF] = fresh[OFF] - least
        for i in range(count[j]):
            scores[i] = fresh[i] - least
    at = OFF
    for i in range(count[n - 1]):
        if scores[i] < scores[at]:
            at = i
    chosen = np.full(n, -1, np.int64)
    where = np.zeros(n)
    far = np.full(n, np.inf)
    junction = np.zeros(n, np.int64)
    for j in range(n - 1, -1, -1):
        if at != OFF:
            chosen[j] = segment[j, at]
            where[j] = offset[j, at]
            far[j] = metres[j, at]
            junction[j] = after[j, at]
        if j:
            at = origin[j, at]
    return chosen, where, far, junction, nearest

"""The compiled loop that credits the pieces of street between matched fixes, and counts the metres it refuses."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from geoservice.domain.match_kernels import BREAK_COST, DETOUR_M, SWITCH_COST, match, route
from geoservice.domain.street_kernels import larger
from geoservice.domain.track_kernels import smooth, thin

REASONS = ("", "no_street_near", "crossing", "too_far", "tunnel", "standing", "sparse", "no_route")
CREDITED, NO_STREET_NEAR, CROSSING, TOO_FAR, TUNNEL, STANDING, SPARSE, NO_ROUTE = range(8)
# A fix speaks for the street so many pieces around it; between two fixes on one line, for so many before and after.
NEAR_PIECES = 1.5
BETWEEN_PIECES = 3.5
STEP_M = 9.0


@njit(cache=True, nogil=True, error_model="numpy")
def _place(index, street, along):
    """Return the point of a street at an offset, and the direction there."""
    low = index.first_segment[street]
    high = index.first_segment[street + 1] - 1
    while low < high:
        middle = (low + high + 1) >> 1
        if index.offset[middle] <= along:
            low = middle
        else:
            high = middle - 1
    on = min(along - index.offset[low], index.metres[low])
    ux = index.ux[low]
    uy = index.uy[low]
    return index.x[low] + on * ux, index.y[low] + on * uy, ux, uy


@njit(cache=True, nogil=True, error_model="numpy")
def _square_to_segment(x, y, ax, ay, bx, by):
    """Squared metres from a point to the straight line between two others."""
    dx = bx - ax
    dy = by - ay
    square = dx * dx + dy * dy
    on = ((x - ax) * dx + (y - ay) * dy) / square if square > 0 else 0.0
    on = min(max(on, 0.0), 1.0)
    ex = x - ax - on * dx
    ey = y - ay - on * dy
    return ex * ex + ey * ey


@njit(cache=True, nogil=True, error_model="numpy")
def _near_track(fixes, first, last, x, y, reach):
    """Whether the recorded line from fix `first` to `last` passes within reach of a point."""
    fx, fy = fixes
    for i in range(max(first, 0), min(last, fx.size - 1)):
        if _square_to_segment(x, y, fx[i], fy[i], fx[i + 1], fy[i + 1]) <= reach * reach:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _verdict(index, rules, track, matched, j, street, along):
    """Return why a place between nodes j and j + 1 is not seen (0: it is), and which of the two is nearer."""
    reach, cosine, piece = rules
    px, py, moves, kept, fixes = track
    on_street, where, aligned = matched
    x, y, ux, uy = _place(index, street, along)
    from_a = (x - px[j]) ** 2 + (y - py[j]) ** 2
    from_b = (x - px[j + 1]) ** 2 + (y - py[j + 1]) ** 2
    nearer = j if from_a <= from_b else j + 1
    if index.tunnel[street]:
        return TUNNEL, nearer
    if _square_to_segment(x, y, px[j], py[j], px[j + 1], py[j + 1]) > reach * reach:
        return TOO_FAR, nearer
    supported = False
    for i in range(max(j - 1, 0), min(j + 3, px.size)):
        if aligned[i] and on_street[i] == street and abs(where[i] - along) <= NEAR_PIECES * piece:
            supported = True
    if not supported:
        dx = px[j + 1] - px[j]
        dy = py[j + 1] - py[j]
        moved = math.sqrt(dx * dx + dy * dy)
        if not (moves[j] or moves[j + 1]):
            return STANDING, nearer
        if moved < piece or abs(dx * ux + dy * uy) < cosine * moved:
            return CROSSING, nearer
        if min(from_a, from_b) > (BETWEEN_PIECES * piece) ** 2:
            return SPARSE, nearer
    if not _near_track(fixes, kept[j] - 1, kept[j + 1] + 1, x, y, reach):
        return TOO_FAR, nearer
    return CREDITED, nearer


@njit(cache=True, nogil=True, error_model="numpy")
def _credit_stretch(index, rules, track, matched, j, stretch, seen, refused):
    """Credit the pieces whose middle lies in a stretch (street, from, to) between nodes j and j + 1.

    Returns the rows of (slot, street, piece) with their count.
    """
    street, start, end = stretch
    rows, count, slot = seen
    low = min(start, end)
    high = max(start, end)
    if high <= low:
        return rows, count
    size = index.length[street] / index.piece_count[street]
    first = max(math.ceil(low / size - 0.5), 0)
    last = min(math.ceil(high / size - 0.5), index.piece_count[street]) - 1
    if first > last:
        reason, _ = _verdict(index, rules, track, matched, j, street, 0.5 * (low + high))
        refused[reason] += high - low
        return rows, count
    share = (high - low) / (last - first + 1)
    for piece in range(first, last + 1):
        reason, nearer = _verdict(index, rules, track, matched, j, street, (piece + 0.5) * size)
        refused[reason] += share
        if reason == CREDITED:
            if count == rows.shape[0]:
                bigger = np.empty((2 * count, 3), np.int64)
                bigger[:count] = rows
                rows = bigger
            rows[count, 0] = slot[nearer]
            rows[count, 1] = index.first_word[street] + (piece >> 6)
            rows[count, 2] = np.int64(1) << np.int64(piece & 63)
            count += 1
    return rows, count


@njit(cache=True, nogil=True, error_model="numpy")
def _credit_run(index, rules, search, run, rows, count, refused):
    """Credit one unbroken track: seconds, metres and slot of its fixes."""
    t, x, y, slot = run
    x0 = x[0]
    y0 = y[0]
    px, py, vx, vy, variance, moves = smooth(t, x - x0, y - y0)
    px += x0
    py += y0
    kept = thin(px, py, slot, STEP_M)
    px, py, vx, vy, moves = px[kept], py[kept], vx[kept], vy[kept], moves[kept]
    chosen, where, far, junction, nearest = match(index, px, py, vx, vy, variance[kept], moves, search)
    reach, cosine, _ = rules
    n = px.size
    on_street = np.full(n, -1, np.int64)
    aligned = np.zeros(n, np.bool_)
    for j in range(n):
        if chosen[j] >= 0:
            k = chosen[j]
            on_street[j] = index.street[k]
            speed = math.sqrt(vx[j] * vx[j] + vy[j] * vy[j])
            along = abs(vx[j] * index.ux[k] + vy[j] * index.uy[k])
            aligned[j] = moves[j] and far[j] <= reach and along >= cosine * speed
    track = (px, py, moves, kept, (x, y))
    matched = (on_street, where, aligned)
    node_slot = slot[kept]
    for j in range(n - 1):
        moved = math.sqrt((px[j + 1] - px[j]) ** 2 + (py[j + 1] - py[j]) ** 2)
        if chosen[j] < 0 or chosen[j + 1] < 0:
            off = j if chosen[j] < 0 else j + 1
            refused[CROSSING if nearest[off] <= reach else NO_STREET_NEAR] += moved
            continue
        a = on_street[j]
        b = on_street[j + 1]
        slack = (BREAK_COST - (0.0 if a == b else SWITCH_COST)) * DETOUR_M
        metres, path, leave, enter = route(
            index, a, where[j], junction[j], b, where[j + 1], junction[j + 1], moved + slack
        )
        if abs(metres - moved) > slack:
            refused[NO_ROUTE] += moved
            continue
        if path < 0:
            stretch = (a, where[j], where[j + 1])
            rows, count = _credit_stretch(
                index, rules, track, matched, j, stretch, (rows, count, node_slot), refused
            )
            continue
        stretch = (a, where[j], index.position_offset[leave])
        rows, count = _credit_stretch(
            index, rules, track, matched, j, stretch, (rows, count, node_slot), refused
        )
        while index.path_before[path] >= 0:
            start = index.path_from[path]
            stretch = (
                index.position_street[start], index.position_offset[start],
                index.position_offset[index.path_to[path]],
            )  # fmt: skip
            rows, count = _credit_stretch(
                index, rules, track, matched, j, stretch, (rows, count, node_slot), refused
            )
            path = index.path_before[path]
        stretch = (b, index.position_offset[enter], where[j + 1])
        rows, count = _credit_stretch(
            index, rules, track, matched, j, stretch, (rows, count, node_slot), refused
        )
    return rows, count


@njit(cache=True, nogil=True, error_model="numpy")
def _join_words(rows, words):
    """OR the rows of a device that name one slot and word; `words` holds zeros, before and after."""
    touched = np.empty(1024, np.int64)
    count = 0
    out = np.empty((rows.shape[0], 3), np.int64)
    made = 0
    for i in range(rows.shape[0] + 1):
        if count and (i == rows.shape[0] or rows[i, 0] != rows[i - 1, 0]):
            for k in range(count):
                out[made, 0] = rows[i - 1, 0]
                out[made, 1] = touched[k]
                out[made, 2] = words[touched[k]]
                words[touched[k]] = 0
                made += 1
            count = 0
        if i == rows.shape[0]:
            break
        word = rows[i, 1]
        if words[word] == 0:
            if count == touched.size:
                touched = larger(touched, count)
            touched[count] = word
            count += 1
        words[word] |= rows[i, 2]
    return out[:made]


@njit(cache=True, nogil=True, error_model="numpy")
def credit_device(index, rules, search, fixes, first_of_run, words):
    """Credit one device's unbroken tracks: microseconds, metres and slot of its fixes (n,), the first of each (r + 1,).

    Returns rows of slot, word of the network and bits, and metres by reason (0: credited).
    """
    time_us, x, y, slot = fixes
    rows = np.empty((1024, 3), np.int64)
    count = 0
    refused = np.zeros(len(REASONS))
    for r in range(first_of_run.size - 1):
        a = first_of_run[r]
        b = first_of_run[r + 1]
        t = (time_us[a:b] - time_us[a]) / 1e6
        rows, count = _credit_run(index, rules, search, (t, x[a:b], y[a:b], slot[a:b]), rows, count, refused)
    return _join_words(rows[:count], words), refused

"""The compiled loop that credits the pieces of street between matched fixes, and counts the metres it refuses."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from geoservice.domain.match_kernels import (
    AFTER,
    AT,
    AWAY,
    BREAK_COST,
    DETOUR_M,
    ON,
    SEGMENT,
    SWITCH_COST,
    match,
    route,
)
from geoservice.domain.street_kernels import (
    ALONG,
    BEFORE,
    FROM,
    METRES,
    OF_STREET,
    OFFSET,
    STREET,
    TO,
    TUNNEL,
    UX,
    UY,
    X,
    Y,
    counting_nothing,
    larger,
    larger_rows,
)
from geoservice.domain.track_kernels import smooth, thin

REASONS = ("", "no_street_near", "crossing", "too_far", "tunnel", "standing", "sparse", "no_route")
CREDITED, NO_STREET_NEAR, CROSSING, TOO_FAR, UNDER_GROUND, STANDING, SPARSE, NO_ROUTE = range(8)
# A fix speaks for the street so many pieces around it; between two fixes on one line, for so many before and after.
NEAR_PIECES = 1.5
BETWEEN_PIECES = 3.5
STEP_M = 9.0


@counting_nothing
def _segment_at(segments, first_segment, street, along):
    """Number of the segment of a street at an offset."""
    low = first_segment[street]
    high = first_segment[street + 1] - 1
    while low < high:
        middle = (low + high + 1) >> 1
        if segments[middle, OFFSET] <= along:
            low = middle
        else:
            high = middle - 1
    return low


@counting_nothing
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


@counting_nothing
def _supported(px, py, moves, chosen, aligned, j, place, rules):
    """Why nothing between nodes j and j + 1 shows that the device moved along the street at a place (0: something does)."""
    street, along, ux, uy, metres = place
    _, cosine, piece = rules
    for i in range(max(j - 1, 0), min(j + 3, px.size)):
        if aligned[i] and chosen[i, ON] == street and abs(chosen[i, AT] - along) <= NEAR_PIECES * piece:
            return CREDITED
    dx = px[j + 1] - px[j]
    dy = py[j + 1] - py[j]
    moved = math.sqrt(dx * dx + dy * dy)
    if not (moves[j] or moves[j + 1]):
        return STANDING
    if moved < piece or abs(dx * ux + dy * uy) < cosine * moved:
        return CROSSING
    return CREDITED if metres <= BETWEEN_PIECES * piece else SPARSE


@counting_nothing
def _verdict(segments, k, along, px, py, moves, chosen, aligned, j, fx, fy, kept, rules):
    """Return why a place of segment k between nodes j and j + 1 is not seen (0: it is), and which of the two is nearer."""
    on = min(along - segments[k, OFFSET], segments[k, METRES])
    x = segments[k, X] + on * segments[k, UX]
    y = segments[k, Y] + on * segments[k, UY]
    from_a = (x - px[j]) ** 2 + (y - py[j]) ** 2
    from_b = (x - px[j + 1]) ** 2 + (y - py[j + 1]) ** 2
    nearer = j if from_a <= from_b else j + 1
    if segments[k, TUNNEL]:
        return UNDER_GROUND, nearer
    square = rules[0] * rules[0]
    if _square_to_segment(x, y, px[j], py[j], px[j + 1], py[j + 1]) > square:
        return TOO_FAR, nearer
    place = (segments[k, STREET], along, segments[k, UX], segments[k, UY], math.sqrt(min(from_a, from_b)))
    reason = _supported(px, py, moves, chosen, aligned, j, place, rules)
    if reason != CREDITED:
        return reason, nearer
    # The recorded line itself must pass within reach too; a fix more on either side, since one of them may stray.
    for step in range(kept[j + 1] - kept[j] + 2):
        i = kept[j] + step
        if i > kept[j + 1]:
            i = kept[j] - 1
        if 0 <= i < fx.size - 1 and _square_to_segment(x, y, fx[i], fy[i], fx[i + 1], fy[i + 1]) <= square:
            return CREDITED, nearer
    return TOO_FAR, nearer


@counting_nothing
def _stretches(index, chosen, j, moved, out):
    """Fill `out` with the (street, from, to) that lead from node j to j + 1; returns how many, -1 where no way does."""
    same = chosen[j, ON] == chosen[j + 1, ON]
    out[0, 0] = chosen[j, ON]
    out[0, 1] = chosen[j, AT]
    out[0, 2] = chosen[j + 1, AT]
    slack = (BREAK_COST - (0.0 if same else SWITCH_COST)) * DETOUR_M
    metres, path, leave, enter = route(index, chosen[j], chosen[j + 1], moved + slack)
    if abs(metres - moved) > slack:
        return -1
    if path < 0:
        return 1
    out[0, 2] = index.junctions[leave, ALONG]
    count = 1
    while index.last_edges[path, BEFORE] >= 0 and count < out.shape[0] - 1:
        start = index.last_edges[path, FROM]
        out[count, 0] = index.junctions[start, OF_STREET]
        out[count, 1] = index.junctions[start, ALONG]
        out[count, 2] = index.junctions[index.last_edges[path, TO], ALONG]
        count += 1
        path = index.last_edges[path, BEFORE]
    out[count, 0] = chosen[j + 1, ON]
    out[count, 1] = index.junctions[enter, ALONG]
    out[count, 2] = chosen[j + 1, AT]
    return count + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _credit_run(index, rules, run, rows, count, refused):
    """Credit one unbroken track: seconds, metres and slot of its fixes. Returns the rows so far, and how many."""
    t, x, y, slot = run
    px, py, vx, vy, variance, moves = smooth(t, x - x[0], y - y[0])
    px += x[0]
    py += y[0]
    kept = thin(px, py, slot, STEP_M)
    px, py, vx, vy, moves = px[kept], py[kept], vx[kept], vy[kept], moves[kept]
    chosen, nearest = match(index, px, py, vx, vy, variance[kept], moves)
    segments, first_segment, length = index.segments, index.first_segment, index.length
    piece_count, first_word = index.piece_count, index.first_word
    n = px.size
    aligned = np.zeros(n, np.bool_)
    for j in range(n):
        k = int(chosen[j, SEGMENT])
        if k >= 0 and moves[j] and chosen[j, AWAY] <= rules[0]:
            along = abs(vx[j] * segments[k, UX] + vy[j] * segments[k, UY])
            aligned[j] = along >= rules[1] * math.hypot(vx[j], vy[j])
    stretches = np.empty((64, 3))
    for j in range(n - 1):
        moved = math.hypot(px[j + 1] - px[j], py[j + 1] - py[j])
        if chosen[j, SEGMENT] < 0 or chosen[j + 1, SEGMENT] < 0:
            off = j if chosen[j, SEGMENT] < 0 else j + 1
            refused[CROSSING if nearest[off] <= rules[0] else NO_STREET_NEAR] += moved
            continue
        if chosen[j, ON] == chosen[j + 1, ON] and chosen[j, AFTER] == chosen[j + 1, AFTER]:
            # The only way there is between two junctions of a street, and the usual case.
            stretches[0, 0] = chosen[j, ON]
            stretches[0, 1] = chosen[j, AT]
            stretches[0, 2] = chosen[j + 1, AT]
            astray = abs(chosen[j, AT] - chosen[j + 1, AT]) - moved
            made = 1 if abs(astray) <= BREAK_COST * DETOUR_M else -1
        else:
            made = _stretches(index, chosen, j, moved, stretches)
        if made < 0:
            refused[NO_ROUTE] += moved
        for i in range(made):
            street = int(stretches[i, 0])
            low = min(stretches[i, 1], stretches[i, 2])
            high = max(stretches[i, 1], stretches[i, 2])
            # A piece is walked when its middle is: halves that successive stretches walk add up.
            size = length[street] / piece_count[street]
            first = max(math.ceil(low / size - 0.5), 0)
            last = min(math.ceil(high / size - 0.5), piece_count[street]) - 1
            middles = last - first + 1
            for piece in range(first, max(last, first) + 1 if high > low else first):
                along = (piece + 0.5) * size if middles > 0 else 0.5 * (low + high)
                k = _segment_at(segments, first_segment, street, along)
                reason, nearer = _verdict(
                    segments, k, along, px, py, moves, chosen, aligned, j, x, y, kept, rules
                )
                refused[reason] += (high - low) / max(middles, 1)
                if reason != CREDITED or middles <= 0:
                    continue
                if count == rows.shape[0]:
                    rows = larger_rows(rows, count)
                rows[count, 0] = slot[kept[nearer]]
                rows[count, 1] = first_word[street] + (piece >> 6)
                rows[count, 2] = np.int64(1) << np.int64(piece & 63)
                count += 1
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
def credit_device(index, rules, fixes, first_of_run, words):
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
        rows, count = _credit_run(index, rules, (t, x[a:b], y[a:b], slot[a:b]), rows, count, refused)
    return _join_words(rows[:count], words), refused

"""The compiled loop of stays: segments to the time they spend in circles.

Circles are found by hashing the squares of a grid that each one's box touches. Squares that share a bucket are told apart
by the exact test, so the table needs no keys.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

# Wider than any rounding of a coordinate in metres: no segment that enters a circle misses the squares of its box.
MARGIN_M = 0.01


@njit(cache=True, nogil=True, error_model="numpy")
def _bucket(cx, cy, mask):
    return ((cx * np.int64(73856093)) ^ (cy * np.int64(19349663))) & mask


@njit(cache=True, nogil=True, error_model="numpy")
def _square(at, side):
    return np.int64(math.floor(at / side))


@njit(cache=True, nogil=True, error_model="numpy")
def count_squares(x, y, r, side):
    """How many squares of the grid the boxes of all circles touch, with repetitions; as a float, it may be huge."""
    total = 0.0
    for i in range(x.size):
        reach = r[i] + MARGIN_M
        wide = math.floor((x[i] + reach) / side) - math.floor((x[i] - reach) / side) + 1.0
        high = math.floor((y[i] + reach) / side) - math.floor((y[i] - reach) / side) + 1.0
        total += wide * high
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def hash_circles(x, y, r, side, buckets):
    """Return where each bucket begins (buckets + 1,) and the circles in them; `buckets` is a power of two."""
    mask = np.int64(buckets - 1)
    starts = np.zeros(buckets + 1, np.int64)
    for i in range(x.size):
        reach = r[i] + MARGIN_M
        for cx in range(_square(x[i] - reach, side), _square(x[i] + reach, side) + 1):
            for cy in range(_square(y[i] - reach, side), _square(y[i] + reach, side) + 1):
                starts[_bucket(cx, cy, mask) + 1] += 1
    starts = np.cumsum(starts)
    filled = starts[:-1].copy()
    circles = np.empty(starts[-1], np.int32)
    for i in range(x.size):
        reach = r[i] + MARGIN_M
        for cx in range(_square(x[i] - reach, side), _square(x[i] + reach, side) + 1):
            for cy in range(_square(y[i] - reach, side), _square(y[i] + reach, side) + 1):
                bucket = _bucket(cx, cy, mask)
                circles[filled[bucket]] = i
                filled[bucket] += 1
    return starts, circles


@njit(cache=True, nogil=True, error_model="numpy")
def _time_inside(fx, fy, dx, dy, r):
    """Return between which shares of the segment f + t d it lies within `r` of the origin, and how near it comes.

    The second is not above the first where it stays outside or only touches.
    """
    along = dx * dx + dy * dy
    if along == 0.0:
        away = math.sqrt(fx * fx + fy * fy)
        return 0.0, (1.0 if away <= r else 0.0), away
    across = fx * dy - fy * dx
    rest = r * r * along - across * across
    if rest <= 0.0:
        return 1.0, 0.0, 0.0
    middle = -(fx * dx + fy * dy)
    half = math.sqrt(rest)
    enters = min(max((middle - half) / along, 0.0), 1.0)
    leaves = min(max((middle + half) / along, 0.0), 1.0)
    t = min(max(middle / along, 0.0), 1.0)
    nx = fx + t * dx
    ny = fy + t * dy
    return enters, leaves, math.sqrt(nx * nx + ny * ny)


@njit(cache=True, nogil=True, error_model="numpy")
def _squares_of_row(ax, ay, dx, dy, cy, side):
    """Return the first and the last square of row `cy` that the segment from a to a + d runs through."""
    from_t = 0.0
    to_t = 1.0
    if dy != 0.0:
        one = (cy * side - ay) / dy
        other = ((cy + 1) * side - ay) / dy
        from_t = min(max(min(one, other), 0.0), 1.0)
        to_t = min(max(max(one, other), 0.0), 1.0)
    one = ax + from_t * dx
    other = ax + to_t * dx
    return _square(min(one, other), side), _square(max(one, other), side)


@njit(cache=True, nogil=True, error_model="numpy")
def cross_circles(ax, ay, bx, by, start_us, end_us, x, y, r, side, starts, circles):
    """Return where segments a-b spend time inside circles: segment, circle, entered and left in µs, nearest in metres.

    `starts` and `circles` come from `hash_circles` with the same `side`.
    """
    count = 0
    size = 1024
    segment, circle = np.empty(size, np.int64), np.empty(size, np.int64)
    entered, left = np.empty(size, np.int64), np.empty(size, np.int64)
    nearest = np.empty(size, np.float64)
    tested = np.full(x.size, -1, np.int64)  # the last segment each circle was held against
    mask = np.int64(starts.size - 2)
    for i in range(ax.size):
        dx = bx[i] - ax[i]
        dy = by[i] - ay[i]
        lasts = float(end_us[i] - start_us[i])
        for cy in range(_square(min(ay[i], by[i]), side), _square(max(ay[i], by[i]), side) + 1):
            first, last = _squares_of_row(ax[i], ay[i], dx, dy, cy, side)
            for cx in range(first, last + 1):
                bucket = _bucket(cx, cy, mask)
                for k in range(starts[bucket], starts[bucket + 1]):
                    c = circles[k]
                    if tested[c] == i:
                        continue
                    tested[c] = i
                    enters, leaves, away = _time_inside(ax[i] - x[c], ay[i] - y[c], dx, dy, r[c])
                    enter_us = start_us[i] + np.int64(round(enters * lasts))
                    leave_us = start_us[i] + np.int64(round(leaves * lasts))
                    if leave_us <= enter_us:
                        continue
                    if count == size:
                        segment, circle = np.append(segment, segment), np.append(circle, circle)
                        entered, left = np.append(entered, entered), np.append(left, left)
                        nearest = np.append(nearest, nearest)
                        size *= 2
                    segment[count] = i
                    circle[count] = c
                    entered[count] = enter_us
                    left[count] = leave_us
                    nearest[count] = away
                    count += 1
    return segment[:count], circle[:count], entered[:count], left[:count], nearest[:count]

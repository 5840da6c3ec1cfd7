"""The compiled loops over pieces of streets."""

from __future__ import annotations

import numpy as np
from numba import njit

from geoservice.domain.kernels import crossing_x


@njit(cache=True, nogil=True, error_model="numpy")
def midpoints(xy, starts, piece_count):
    """Return x, y and the place of the street of every piece's midpoint, street by street; each street by itself."""
    total = piece_count.sum()
    x = np.empty(total, np.float64)
    y = np.empty(total, np.float64)
    street = np.empty(total, np.int64)
    at = 0
    for s in range(starts.size - 1):
        length = 0.0
        for v in range(starts[s], starts[s + 1] - 1):
            length += np.hypot(xy[v + 1, 0] - xy[v, 0], xy[v + 1, 1] - xy[v, 1])
        v = starts[s]
        before = 0.0
        edge = np.hypot(xy[v + 1, 0] - xy[v, 0], xy[v + 1, 1] - xy[v, 1])
        for i in range(piece_count[s]):
            along = (i + 0.5) * length / piece_count[s]
            while along > before + edge and v + 2 < starts[s + 1]:
                before += edge
                v += 1
                edge = np.hypot(xy[v + 1, 0] - xy[v, 0], xy[v + 1, 1] - xy[v, 1])
            share = (along - before) / edge if edge > 0.0 else 0.0
            x[at] = xy[v, 0] + share * (xy[v + 1, 0] - xy[v, 0])
            y[at] = xy[v, 1] + share * (xy[v + 1, 1] - xy[v, 1])
            street[at] = s
            at += 1
    return x, y, street


@njit(cache=True, nogil=True, error_model="numpy")
def parity(ring_xy, starts, x, y):
    """Tell for points sorted by y whether an odd number of edges lies to their west, at their own x included."""
    inside = np.zeros(x.size, np.bool_)
    for ring in range(starts.size - 1):
        for i in range(starts[ring], starts[ring + 1] - 1):
            ax, ay = ring_xy[i, 0], ring_xy[i, 1]
            bx, by = ring_xy[i + 1, 0], ring_xy[i + 1, 1]
            high = max(ay, by)
            k = np.searchsorted(y, min(ay, by))
            while k < y.size and y[k] < high:
                if crossing_x(ax, ay, bx, by, y[k]) <= x[k]:
                    inside[k] = not inside[k]
                k += 1
    return inside

"""The compiled loop under `ways`: metres along trees of quickest ways."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def metres_along(first, head, metres, before, source, nodes):
    """Return how long the way from `source` to each of `nodes` (k,) is, inf where there is none.

    Arcs of node i: `head` and `metres` from first[i] to first[i + 1], by head; `before` (n,): the node before each, or less than 0.
    """
    length = np.full(len(before), np.nan)
    length[source] = 0.0
    chain = np.empty(len(before), np.int64)
    for node in nodes:
        depth, at = 0, node
        while np.isnan(length[at]) and before[at] >= 0:
            chain[depth] = at
            depth += 1
            at = before[at]
        so_far = length[at] if not np.isnan(length[at]) else np.inf
        for place in range(depth - 1, -1, -1):
            step = chain[place]
            tail = before[step]
            low, high = first[tail], first[tail + 1]
            while high - low > 1:
                middle = (low + high) // 2
                if head[middle] <= step:
                    low = middle
                else:
                    high = middle
            so_far += metres[low]
            length[step] = so_far
        if depth == 0 and np.isnan(length[node]):
            length[node] = np.inf
    return length[nodes]

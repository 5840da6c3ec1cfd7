"""Compiled loops over a raster of labelled regions: the rings around them, and when they were last seen."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def _grown(array, count):
    if count < array.size:
        return array
    bigger = np.empty(2 * array.size, array.dtype)
    bigger[: array.size] = array
    return bigger


@njit(cache=True, nogil=True, error_model="numpy")
def trace_rings(labels, edge_row, edge_column):
    """Walk the borders of the labelled regions of a raster padded by one row and column of 0.

    `edge_row`, `edge_column`: in order, each cell of a region with another label, or none, in the row before it.
    Returns column and row of every corner, closed rings one after another, where each ring starts (rings + 1,), and its
    label. A region is on the left of its rings. Where two of its cells meet in a corner only, the walk turns right, over to
    the other cell: what the two pinch off becomes a hole that touches the shell in one point, which is a valid polygon.
    """
    height, width = labels.shape
    walked = np.zeros((height, width), np.uint8)
    column = np.empty(4096, np.int64)
    row = np.empty(4096, np.int64)
    starts = np.zeros(256, np.int64)
    ring_label = np.empty(256, np.int64)
    corners = 0
    rings = 0
    step_r = np.array([0, 1, 0, -1])
    step_c = np.array([1, 0, -1, 0])
    # The corner at the end of a cell's right-hand side when walking in each direction with the cell on the left.
    end_r = np.array([0, 1, 1, 0])
    end_c = np.array([1, 1, 0, 0])
    for edge in range(edge_row.size):
        r0, c0 = edge_row[edge], edge_column[edge]
        if walked[r0, c0] & 1:
            continue
        label = labels[r0, c0]
        first = corners
        r, c, way = r0, c0, 0
        while not walked[r, c] & (1 << way):
            walked[r, c] |= 1 << way
            right = (way + 3) & 3
            ahead_r, ahead_c = r + step_r[way], c + step_c[way]
            cross_r, cross_c = ahead_r + step_r[right], ahead_c + step_c[right]
            turn = 0
            if labels[cross_r, cross_c] == label:
                turn = 3
            elif labels[ahead_r, ahead_c] != label:
                turn = 1
            if turn:
                column = _grown(column, corners + 1)
                row = _grown(row, corners + 1)
                column[corners] = c + end_c[way]
                row[corners] = r + end_r[way]
                corners += 1
            if turn == 3:
                r, c = cross_r, cross_c
            elif turn == 0:
                r, c = ahead_r, ahead_c
            way = (way + turn) & 3
        column = _grown(column, corners + 1)
        row = _grown(row, corners + 1)
        column[corners] = column[first]
        row[corners] = row[first]
        corners += 1
        starts = _grown(starts, rings + 2)
        ring_label = _grown(ring_label, rings + 1)
        ring_label[rings] = label
        rings += 1
        starts[rings] = corners
    return column[:corners], row[:corners], starts[: rings + 1], ring_label[:rings]


@njit(cache=True, nogil=True, error_model="numpy")
def latest_days(labels, packed, row0, column0, which, day, tx, ty, bits, latest):
    """Raise `latest` (labels + 1,) to the last day on which any cell of a region was seen.

    `labels` begins at the world cell (row0, column0), a column where a byte of a tile begins; `packed` has a bit for each
    that is not 0, eight columns a byte. day, tx, ty (n,) and bits (n, 256, 32) are tiles of single days, of which those
    numbered in `which` are looked at.
    """
    height, width = packed.shape
    for tile in which:
        bottom = ty[tile] * 256 - row0
        left = (tx[tile] * 256 - column0) >> 3
        for row in range(max(0, bottom), min(height, bottom + 256)):
            for byte in range(max(0, left), min(width, left + 32)):
                both = packed[row, byte] & bits[tile, row - bottom, byte - left]
                if both == 0:
                    continue
                for bit in range(8):
                    if both & (128 >> bit):
                        label = labels[row, 8 * byte + bit]
                        if day[tile] > latest[label]:
                            latest[label] = day[tile]

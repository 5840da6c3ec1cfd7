"""The compiled loops of the raster: shapes in metres to runs of cells in packed tiles.

A tile is 256 × 256 cells packed into 256 × 4 words of 64 bits, row 0 in the south, the westernmost cell of a word in its
highest bit. Seen as big-endian bytes that is the layout of PostgreSQL's `bit(65536)` and of `numpy.packbits`. A cell
belongs to a shape when its centre does.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

SIDE = 256  # cells along a side of a tile
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
HALF_WORLD = (
    1 << 19
)  # tile indices run from -2^19 to 2^19: any metric CRS on Earth with cells of 20 cm or more


@njit(cache=True, nogil=True, error_model="numpy")
def tile_key(slot, tx, ty):
    """One integer for a tile in a slot (a day and period, a zone, a device; below 2^23)."""
    return (np.int64(slot) << 40) | (np.int64(tx + HALF_WORLD) << 20) | np.int64(ty + HALF_WORLD)


@njit(cache=True, nogil=True, error_model="numpy")
def _first_cell(low, cell):
    """Index of the first cell whose centre is at or beyond `low`."""
    return np.int64(math.ceil(low / cell - 0.5))


@njit(cache=True, nogil=True, error_model="numpy")
def _last_cell(high, cell):
    """Index of the last cell whose centre is at or before `high`."""
    return np.int64(math.floor(high / cell - 0.5))


@njit(cache=True, nogil=True, error_model="numpy")
def capsule_keys(ax, ay, bx, by, reach, slot, cell):
    """Return the keys of the tiles that the capsules' boxes touch, in order of appearance, with repetitions."""
    out = np.empty(1024, np.int64)
    count = 0
    last = np.int64(-1)
    side = SIDE * cell
    for i in range(ax.size):
        r = reach[i]
        x0 = np.int64(math.floor((min(ax[i], bx[i]) - r) / side))
        x1 = np.int64(math.floor((max(ax[i], bx[i]) + r) / side))
        y0 = np.int64(math.floor((min(ay[i], by[i]) - r) / side))
        y1 = np.int64(math.floor((max(ay[i], by[i]) + r) / side))
        for tx in range(x0, x1 + 1):
            for ty in range(y0, y1 + 1):
                key = tile_key(slot[i], tx, ty)
                if key != last:
                    if count == out.size:
                        bigger = np.empty(2 * out.size, np.int64)
                        bigger[:count] = out
                        out = bigger
                    out[count] = key
                    count += 1
                    last = key
    return out[:count]


@njit(cache=True, nogil=True, error_model="numpy")
def _set_run(pool, tile, row, first, last):
    """Set the cells first..last (0-255, both included) of one row of one tile."""
    w0 = first >> 6
    w1 = last >> 6
    head = _ALL >> np.uint64(first & 63)
    tail = _ALL << np.uint64(63 - (last & 63))
    if w0 == w1:
        pool[tile, row, w0] |= head & tail
        return
    pool[tile, row, w0] |= head
    for w in range(w0 + 1, w1):
        pool[tile, row, w] = _ALL
    pool[tile, row, w1] |= tail


@njit(cache=True, nogil=True, error_model="numpy")
def _find(keys, key):
    """Index of `key` in sorted `keys`, -1 where it is not."""
    at = np.searchsorted(keys, key)
    return at if at < keys.size and keys[at] == key else -1


@njit(cache=True, nogil=True, error_model="numpy")
def _row_of_box(da, ux, uy, inv_ux, inv_uy, length, r):
    """Return the x interval, from a, in which the box between the two discs meets the line `da` above a.

    0 <= along <= length and |across| <= r are both linear in x; an infinite inverse marks an axis-parallel segment.
    """
    along = da * uy
    across = da * ux
    left = -math.inf
    right = math.inf
    if inv_ux != math.inf:
        p = -along * inv_ux
        q = (length - along) * inv_ux
        left = min(p, q)
        right = max(p, q)
    elif along < 0.0 or along > length:
        return 1.0, 0.0
    if inv_uy != math.inf:
        p = (across - r) * inv_uy
        q = (across + r) * inv_uy
        left = max(left, min(p, q))
        right = min(right, max(p, q))
    elif abs(across) > r:
        return 1.0, 0.0
    return left, right


@njit(cache=True, nogil=True, error_model="numpy")
def _fill_capsule(ax, ay, dx, dy, r, goes_on, cell, pool, tile, tx, ty):
    """Set the cells of one tile that lie within r of the segment from a to a + d.

    A row of a capsule is one run of cells, since a capsule is convex. `goes_on`: the disc around a is filled already.
    """
    length = math.sqrt(dx * dx + dy * dy)
    ux = dx / length if length > 0.0 else 0.0
    uy = dy / length if length > 0.0 else 0.0
    inv_ux = 1.0 / ux if abs(ux) > 1e-12 else math.inf
    inv_uy = 1.0 / uy if abs(uy) > 1e-12 else math.inf
    rr = r * r
    inv_cell = 1.0 / cell
    row0 = max(_first_cell(min(ay, ay + dy) - r, cell), ty * SIDE)
    row1 = min(_last_cell(max(ay, ay + dy) + r, cell), ty * SIDE + SIDE - 1)
    for row in range(row0, row1 + 1):
        da = (row + 0.5) * cell - ay
        low = math.inf
        high = -math.inf
        rest = rr - (da - dy) * (da - dy)
        if rest >= 0.0:
            h = math.sqrt(rest)
            low = dx - h
            high = dx + h
        rest = rr - da * da
        if rest >= 0.0 and not goes_on:
            h = math.sqrt(rest)
            low = min(low, -h)
            high = max(high, h)
        if length > 0.0:
            left, right = _row_of_box(da, ux, uy, inv_ux, inv_uy, length, r)
            if left <= right:
                low = min(low, left)
                high = max(high, right)
        if low <= high:
            first = max(np.int64(math.ceil((ax + low) * inv_cell - 0.5)), tx * SIDE)
            last = min(np.int64(math.floor((ax + high) * inv_cell - 0.5)), tx * SIDE + SIDE - 1)
            if first <= last:
                _set_run(pool, tile, row - ty * SIDE, first - tx * SIDE, last - tx * SIDE)


@njit(cache=True, nogil=True, error_model="numpy")
def fill_capsules(ax, ay, bx, by, reach, slot, cell, keys, pool):
    """Set in `pool` (k, 256, 4) every cell within `reach` of its segment a-b; `keys` (k,) sorted names the tiles.

    Tiles that are not among `keys` are passed over, which is how one tile alone is rebuilt.
    """
    side = SIDE * cell
    last_key = np.int64(-1)
    tile = -1
    for i in range(ax.size):
        r = reach[i]
        goes_on = (
            i > 0
            and bx[i - 1] == ax[i]
            and by[i - 1] == ay[i]
            and reach[i - 1] == r
            and slot[i - 1] == slot[i]
        )
        tx0 = np.int64(math.floor((min(ax[i], bx[i]) - r) / side))
        tx1 = np.int64(math.floor((max(ax[i], bx[i]) + r) / side))
        ty0 = np.int64(math.floor((min(ay[i], by[i]) - r) / side))
        ty1 = np.int64(math.floor((max(ay[i], by[i]) + r) / side))
        for tx in range(tx0, tx1 + 1):
            for ty in range(ty0, ty1 + 1):
                key = tile_key(slot[i], tx, ty)
                if key != last_key:
                    tile = _find(keys, key)
                    last_key = key
                if tile >= 0:
                    _fill_capsule(
                        ax[i], ay[i], bx[i] - ax[i], by[i] - ay[i], r, goes_on, cell, pool, tile, tx, ty
                    )


@njit(cache=True, nogil=True, error_model="numpy")
def crossing_x(ax, ay, bx, by, y):
    """Where the edge meets the line at y; the same bits whichever way a neighbour's ring runs along it."""
    if ay > by:
        ax, ay, bx, by = bx, by, ax, ay
    return ax + (y - ay) * (bx - ax) / (by - ay)


@njit(cache=True, nogil=True, error_model="numpy")
def fill_rings(x, y, starts, slot, cell, keys, pool):
    """Set every cell whose centre lies inside the rings by the even-odd rule; holes and parts are rings like any other.

    `x`, `y` (n,) hold the closed rings one after another, `starts` (rings + 1,) where each begins. A centre exactly on a
    border shared by two zones falls to one of them only: edges are half open in both directions.
    """
    first_row = _first_cell(y.min(), cell)
    rows = _last_cell(y.max(), cell) - first_row + 1
    if rows <= 0:
        return
    offsets = np.zeros(rows + 1, np.int64)
    for ring in range(starts.size - 1):
        for i in range(starts[ring], starts[ring + 1] - 1):
            r0 = _first_cell(min(y[i], y[i + 1]), cell)
            r1 = _first_cell(max(y[i], y[i + 1]), cell)
            for row in range(r0, r1):
                offsets[row - first_row + 1] += 1
    offsets = np.cumsum(offsets)
    crossings = np.empty(offsets[-1], np.float64)
    filled = offsets[:-1].copy()
    for ring in range(starts.size - 1):
        for i in range(starts[ring], starts[ring + 1] - 1):
            r0 = _first_cell(min(y[i], y[i + 1]), cell)
            r1 = _first_cell(max(y[i], y[i + 1]), cell)
            for row in range(r0, r1):
                crossings[filled[row - first_row]] = crossing_x(
                    x[i], y[i], x[i + 1], y[i + 1], (row + 0.5) * cell
                )
                filled[row - first_row] += 1
    tile = -1
    last_key = np.int64(-1)
    for k in range(rows):
        row = first_row + k
        xs = np.sort(crossings[offsets[k] : offsets[k + 1]])
        for j in range(0, xs.size - 1, 2):
            first = _first_cell(xs[j], cell)
            last = _first_cell(xs[j + 1], cell) - 1
            for tx in range(first >> 8, (last >> 8) + 1):
                key = tile_key(slot, tx, row >> 8)
                if key != last_key:
                    tile = _find(keys, key)
                    last_key = key
                if tile >= 0 and first <= last:
                    _set_run(
                        pool, tile, row & 255, max(first, tx << 8) & 255, min(last, (tx << 8) + 255) & 255
                    )

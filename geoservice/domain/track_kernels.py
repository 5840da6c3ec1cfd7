"""The compiled loop that smooths a track: where the device was and how it moved, at each fix."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

# Half-widths of the windows tried, seconds, widest first.
WINDOWS_S = (25.0, 12.5, 6.5)
NOISE_WINDOW_S = 60.0
# The track may leave a window's straight line by so much more than its noise, metres.
BEND_M = 4.0
NOISE_FACTOR = 1.7
LEAST_NOISE_M = 2.0
MOST_JOLT_M = 40.0
SLOWEST_MPS = 0.4
# Squared speed over its variance, two axes: a cloud of fixes at rest exceeds it once in 20 times.
MOVING_CHI2 = 6.0
# And a drifting receiver at rest does not get away: within a minute before or after, who moves comes so far.
AWAY_S = 60.0
AWAY_M = 30.0
AWAY_CHI2 = 20.0


@njit(cache=True, nogil=True, error_model="numpy")
def _noise(t, x, y):
    """Variance of the fixes around the line through their neighbours, per axis, averaged over about a minute."""
    n = t.size
    total = np.zeros(n + 1)
    for i in range(n):
        jolt = 0.0
        if 0 < i < n - 1:
            a = (t[i] - t[i - 1]) / (t[i + 1] - t[i - 1])
            ex = x[i] - (1 - a) * x[i - 1] - a * x[i + 1]
            ey = y[i] - (1 - a) * y[i - 1] - a * y[i + 1]
            jolt = min(ex * ex + ey * ey, MOST_JOLT_M * MOST_JOLT_M) / (2 * (1 + a * a + (1 - a) * (1 - a)))
        total[i + 1] = total[i] + jolt
    out = np.empty(n)
    low = 0
    high = 0
    for i in range(n):
        while t[low] < t[i] - NOISE_WINDOW_S:
            low += 1
        while high < n and t[high] <= t[i] + NOISE_WINDOW_S:
            high += 1
        inner = min(high, n - 1) - max(low, 1)
        out[i] = (total[high] - total[low]) / inner if inner > 0 else 0.0
        out[i] = max(out[i], LEAST_NOISE_M * LEAST_NOISE_M)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _stay_where_none_gets_away(t, px, py, variance, moves):
    """Take back that a device moves where it stays in one place for the minutes around."""
    n = t.size
    before = 0
    after = 0
    for i in range(n):
        while before < i - 1 and t[before] < t[i] - AWAY_S:
            before += 1
        while after < n - 1 and (after < i + 1 or t[after + 1] <= t[i] + AWAY_S):
            after += 1
        back = (px[i] - px[before]) ** 2 + (py[i] - py[before]) ** 2
        ahead = (px[after] - px[i]) ** 2 + (py[after] - py[i]) ** 2
        gone = back >= max(AWAY_M * AWAY_M, AWAY_CHI2 * (variance[i] + variance[before]))
        gone |= ahead >= max(AWAY_M * AWAY_M, AWAY_CHI2 * (variance[i] + variance[after]))
        moves[i] &= gone


@njit(cache=True, nogil=True, error_model="numpy")
def smooth(t, x, y):
    """Return position, velocity, variance of the position and whether it moves, at each fix of one unbroken track.

    Seconds and metres from the track's start (n,), at least two fixes. A line is fitted to the fixes in a window: around
    the fix, or, where it turns, before or after it. The least uncertain window that the line fits to within the noise
    is taken; where none fits, the fix itself.
    """
    n = t.size
    noise = _noise(t, x, y)
    sums = np.zeros((n + 1, 7))
    for i in range(n):
        sums[i + 1, 0] = sums[i, 0] + t[i]
        sums[i + 1, 1] = sums[i, 1] + t[i] * t[i]
        sums[i + 1, 2] = sums[i, 2] + x[i]
        sums[i + 1, 3] = sums[i, 3] + y[i]
        sums[i + 1, 4] = sums[i, 4] + t[i] * x[i]
        sums[i + 1, 5] = sums[i, 5] + t[i] * y[i]
        sums[i + 1, 6] = sums[i, 6] + x[i] * x[i] + y[i] * y[i]
    px = np.empty(n)
    py = np.empty(n)
    vx = np.empty(n)
    vy = np.empty(n)
    variance = np.empty(n)
    moves = np.zeros(n, np.bool_)
    low = np.zeros(len(WINDOWS_S), np.int64)
    high = np.zeros(len(WINDOWS_S), np.int64)
    for i in range(n):
        before = max(i - 1, 0)
        after = min(i + 1, n - 1)
        span = t[after] - t[before]
        px[i] = x[i]
        py[i] = y[i]
        vx[i] = (x[after] - x[before]) / span
        vy[i] = (y[after] - y[before]) / span
        variance[i] = noise[i]
        slope_variance = 2 * noise[i] / (span * span)
        done = False
        for k in range(len(WINDOWS_S)):
            while t[low[k]] < t[i] - WINDOWS_S[k]:
                low[k] += 1
            while high[k] < n and t[high[k]] <= t[i] + WINDOWS_S[k]:
                high[k] += 1
            if done:
                continue
            best = variance[i]
            for side in range(3):
                a = i if side == 2 else low[k]
                b = i + 1 if side == 1 else high[k]
                m = b - a
                if m < 3 or (side > 0 and m < 4):
                    continue
                mt = (sums[b, 0] - sums[a, 0]) / m
                mx = (sums[b, 2] - sums[a, 2]) / m
                my = (sums[b, 3] - sums[a, 3]) / m
                stt = sums[b, 1] - sums[a, 1] - m * mt * mt
                stx = sums[b, 4] - sums[a, 4] - m * mt * mx
                sty = sums[b, 5] - sums[a, 5] - m * mt * my
                sxy = sums[b, 6] - sums[a, 6] - m * (mx * mx + my * my)
                rest = (sxy - (stx * stx + sty * sty) / stt) / (2 * (m - 2))
                if rest > NOISE_FACTOR * noise[i] + BEND_M * BEND_M:
                    continue
                here = max(noise[i], rest) * (1.0 / m + (t[i] - mt) * (t[i] - mt) / stt)
                if here >= best:
                    continue
                best = here
                vx[i] = stx / stt
                vy[i] = sty / stt
                px[i] = mx + vx[i] * (t[i] - mt)
                py[i] = my + vy[i] * (t[i] - mt)
                variance[i] = here
                slope_variance = max(noise[i], rest) / stt
                done = True
                if side == 0:
                    break
        speed2 = vx[i] * vx[i] + vy[i] * vy[i]
        moves[i] = speed2 > max(SLOWEST_MPS * SLOWEST_MPS, MOVING_CHI2 * slope_variance)
    _stay_where_none_gets_away(t, px, py, variance, moves)
    return px, py, vx, vy, variance, moves


@njit(cache=True, nogil=True, error_model="numpy")
def thin(px, py, slot, step_m):
    """Return which fixes to match: the first, the last, each change of slot, and one about every `step_m`."""
    n = px.size
    kept = np.empty(n, np.int64)
    count = 0
    for i in range(n):
        if count and i < n - 1 and slot[i] == slot[i - 1]:
            dx = px[i] - px[kept[count - 1]]
            dy = py[i] - py[kept[count - 1]]
            if math.sqrt(dx * dx + dy * dy) < step_m:
                continue
        kept[count] = i
        count += 1
    return kept[:count]

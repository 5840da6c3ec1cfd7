"""A town of straight streets and the patrols that drive along them: what the street benchmark measures on."""

from __future__ import annotations

import numpy as np
import shapely

from scripts.bench.workload import CORNER, FIX_EVERY_S, FIXES_A_SHIFT, Tracks

BLOCKS = 65
BLOCK_M = 120.0
NOISE_M = 5.0


def make_streets() -> list[shapely.LineString]:
    """Lines of a grid, one a block side: 2 × 66 × 65 of 120 m, 1 030 km in all."""
    corners = np.arange(BLOCKS + 1) * BLOCK_M
    sides = []
    for across in corners:
        for start in corners[:-1]:
            sides.append(shapely.LineString([(start, across), (start + BLOCK_M, across)]))
            sides.append(shapely.LineString([(across, start), (across, start + BLOCK_M)]))
    return [shapely.transform(side, lambda xy: xy + CORNER) for side in sides]


def drive_streets(shifts: int, rng: np.random.Generator) -> Tracks:
    """Patrols that drive from corner to corner, never straight back, at 3 to 9 m/s, with GPS noise."""
    speed = rng.uniform(3, 9, shifts)
    steps = int(np.ceil(speed.max() * FIXES_A_SHIFT * FIX_EVERY_S / BLOCK_M)) + 2
    at = rng.integers(0, BLOCKS + 1, (shifts, 2))
    heading = rng.integers(0, 4, shifts)
    ways = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])
    corners = np.empty((shifts, steps, 2))
    for step in range(steps):
        corners[:, step] = at
        heading = (heading + rng.choice([-1, 0, 0, 1], shifts)) % 4
        for _ in range(3):
            ahead = at + ways[heading]
            outside = ((ahead < 0) | (ahead > BLOCKS)).any(axis=1)
            heading = np.where(outside, (heading + 1) % 4, heading)
        at = at + ways[heading]
    metres = np.arange(FIXES_A_SHIFT) * FIX_EVERY_S * speed[:, None]
    whole = np.floor(metres / BLOCK_M).astype(int)
    rest = (metres / BLOCK_M - whole)[..., None]
    rows = np.arange(shifts)[:, None]
    place = corners[rows, whole] * (1 - rest) + corners[rows, whole + 1] * rest
    place = place * BLOCK_M + CORNER + rng.normal(0, NOISE_M, place.shape)
    return Tracks(place[..., 0].copy(), place[..., 1].copy())

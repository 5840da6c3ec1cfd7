"""The city and the tracks of the coverage benchmark: the same arrays for everybody, in metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import Voronoi

if TYPE_CHECKING:
    from numpy.typing import NDArray

EPSG = 4547
SIDE_M = 46_200.0
CORNER = np.array([480_000.0, 2_480_000.0])
FIX_EVERY_S = 5
FIXES_A_SHIFT = 8 * 3600 // FIX_EVERY_S
REACH_M = 50.0


def make_zones(count: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Irregular zones that tile the square: the cells of random sites."""
    sites = rng.uniform(0, SIDE_M, (count, 2))
    mirrored = [sites]
    for axis in (0, 1):
        for wall in (0.0, SIDE_M):
            copy = sites.copy()
            copy[:, axis] = 2 * wall - copy[:, axis]
            mirrored.append(copy)
    diagram = Voronoi(np.concatenate(mirrored))
    rings = [diagram.vertices[diagram.regions[diagram.point_region[site]]] for site in range(count)]
    return np.array([shapely.Polygon(ring + CORNER) for ring in rings])


@dataclass(frozen=True)
class Tracks:
    """Fixes of whole shifts: x, y in metres, (shifts, fixes a shift)."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


def make_tracks(shifts: int, rng: np.random.Generator) -> Tracks:
    """Vehicles that drive straight, turn at corners, stop, and bounce off the city's edge; 5 m of GPS noise."""
    steps = FIXES_A_SHIFT
    speed = rng.uniform(2, 11, (shifts, 1)) * (rng.random((shifts, steps)) > 0.15)
    turns = np.where(
        rng.random((shifts, steps)) < 0.02, rng.choice([-np.pi / 2, np.pi / 2], (shifts, steps)), 0.0
    )
    heading = rng.uniform(0, 2 * np.pi, (shifts, 1)) + np.cumsum(
        turns + rng.normal(0, 0.01, (shifts, steps)), axis=1
    )
    start = rng.uniform(0, SIDE_M, (2, shifts, 1))
    way = np.cumsum(np.stack((np.cos(heading), np.sin(heading))) * speed * FIX_EVERY_S, axis=2) + start
    folded = SIDE_M - np.abs(way % (2 * SIDE_M) - SIDE_M)
    noisy = folded + rng.normal(0, 2.0, folded.shape) + CORNER[:, None, None]
    return Tracks(noisy[0], noisy[1])


def lines(tracks: Tracks, fixes_a_line: int = 60) -> NDArray[np.object_]:
    """The tracks as line strings of `fixes_a_line` fixes that share their ends: what suits the geometry peers best."""
    pieces = []
    for x, y in zip(tracks.x, tracks.y, strict=True):
        for start in range(0, len(x) - 1, fixes_a_line):
            pieces.append(
                np.column_stack((x[start : start + fixes_a_line + 1], y[start : start + fixes_a_line + 1]))
            )
    return np.array([shapely.LineString(piece) for piece in pieces])

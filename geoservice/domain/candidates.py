"""Projected coordinates whose zone nobody told: which Gauss-Kruger zones would put them where the city is?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Geod

from geoservice.domain.crs import to_lonlat

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bounds = tuple[float, float, float, float]  # west, south, east, north

# CGCS2000 / 3-degree Gauss-Kruger CM 75E … 135E, and CGCS2000 / Gauss-Kruger CM 75E … 135E (6 degrees wide), with their
# central meridians; both with eastings that do not carry the zone.
SYSTEMS = {
    **{4534 + zone: 75.0 + 3 * zone for zone in range(21)},
    **{4502 + zone: 75.0 + 6 * zone for zone in range(11)},
}
ROUGHLY_DEGREES = 2.0
"""How far the longitude of a sphere may be off, and the city away, for a system to be tried: trying costs a while."""

FALSE_EASTING_M, METRES_PER_DEGREE = 500_000.0, 111_320.0
EASTINGS_M, NORTHINGS_M = (0.0, 1_000_000.0), (0.0, 6_500_000.0)
NEAR_M = 100_000.0
ALIKE_M = 1.0
_EARTH = Geod(ellps="GRS80")


@dataclass(frozen=True)
class Candidate:
    """A projected system under which the places would lie near the city; `metres` to its bounds, 0 inside."""

    epsg: int
    metres: float


def candidates_of(xy: NDArray[np.float64], near: Bounds) -> list[Candidate]:
    """The systems that put the middle of places (n, 2: easting, northing) within 100 km of `near`, the nearest first.

    A 6-degree zone with the meridian of a 3-degree zone says the same and is left out. Coordinates with the axes the other
    way round, or with a zone before the easting, give none: `resolve_crs` knows those.
    """
    finite = xy[np.isfinite(xy).all(axis=1)]
    if not len(finite):
        return []
    middle = np.median(finite, axis=0).reshape(1, 2)
    in_range = EASTINGS_M[0] < middle[0, 0] < EASTINGS_M[1] and NORTHINGS_M[0] < middle[0, 1] < NORTHINGS_M[1]
    if not in_range:
        return []
    found: list[Candidate] = []
    seen: list[NDArray[np.float64]] = []
    for epsg in _in_reach(float(middle[0, 0]), float(middle[0, 1]), near):
        place = to_lonlat(epsg, middle)[0]
        metres = _distance_m(place, near)
        if metres > NEAR_M or any(np.abs(place - other).max() * 111_320 < ALIKE_M for other in seen):
            continue
        seen.append(place)
        found.append(Candidate(epsg, metres))
    return sorted(found, key=lambda candidate: (candidate.metres, candidate.epsg))


def _in_reach(easting_m: float, northing_m: float, near: Bounds) -> list[int]:
    """The systems whose meridian, with this easting, leads roughly to the city."""
    west, _, east, _ = near
    latitude = np.radians(northing_m / METRES_PER_DEGREE)
    aside = (easting_m - FALSE_EASTING_M) / (METRES_PER_DEGREE * np.cos(latitude))
    return [
        epsg
        for epsg, meridian in SYSTEMS.items()
        if west - ROUGHLY_DEGREES <= meridian + aside <= east + ROUGHLY_DEGREES
    ]


def _distance_m(place: NDArray[np.float64], near: Bounds) -> float:
    lon, lat = (float(value) for value in place)
    west, south, east, north = near
    closest = min(max(lon, west), east), min(max(lat, south), north)
    return float(_EARTH.inv(lon, lat, *closest)[2])

"""GCJ-02 and BD-09, the shifted coordinates of Chinese maps, ⇄ WGS 84.

Source: the obfuscation formula made public in 2010 by EMQ (`Transform.java`) and since used by every open
converter; it has no official text. The inverse has no formula and is found by fixed-point iteration. Inside China
a round trip errs by less than a millimetre. Outside the formula's own rectangle GCJ-02 *is* WGS 84, while BD-09
keeps its offset of some 700 m everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Places = NDArray[np.float64]  # (n, 2): longitude, latitude in degrees

# Krasovsky 1940, in metres, as the formula takes it.
SEMI_MAJOR_M = 6_378_245.0
ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
CHINA_LON = (72.004, 137.8347)
CHINA_LAT = (0.8293, 55.8271)
BAIDU_ANGLE = np.pi * 3000.0 / 180.0
BAIDU_OFFSET = np.array([0.0065, 0.006])
ROUNDS = 8


def in_china(lonlat: Places) -> NDArray[np.bool_]:
    """Which places lie in the rectangle within which GCJ-02 shifts."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return (lon >= CHINA_LON[0]) & (lon <= CHINA_LON[1]) & (lat >= CHINA_LAT[0]) & (lat <= CHINA_LAT[1])


def wgs84_to_gcj02(lonlat: Places) -> Places:
    """WGS 84 → GCJ-02, (n, 2) → (n, 2)."""
    inside, moved = in_china(lonlat), lonlat.copy()
    moved[inside] += _gcj02_offset(lonlat[inside])
    return moved


def gcj02_to_wgs84(lonlat: Places) -> Places:
    """GCJ-02 → WGS 84, (n, 2) → (n, 2)."""
    inside, moved = in_china(lonlat), lonlat.copy()
    moved[inside] = _inverse(lonlat[inside], _gcj02_offset)
    return moved


def gcj02_to_bd09(lonlat: Places) -> Places:
    """GCJ-02 → BD-09, (n, 2) → (n, 2)."""
    return lonlat + _bd09_offset(lonlat)


def bd09_to_gcj02(lonlat: Places) -> Places:
    """BD-09 → GCJ-02, (n, 2) → (n, 2)."""
    return _inverse(lonlat, _bd09_offset)


def bd09_to_wgs84(lonlat: Places) -> Places:
    """BD-09 → WGS 84, (n, 2) → (n, 2)."""
    return gcj02_to_wgs84(bd09_to_gcj02(lonlat))


def wgs84_to_bd09(lonlat: Places) -> Places:
    """WGS 84 → BD-09, (n, 2) → (n, 2)."""
    return gcj02_to_bd09(wgs84_to_gcj02(lonlat))


def _inverse(shifted: Places, offset: Callable[[Places], Places]) -> Places:
    """The places that `offset` moves to `shifted`; each round leaves about a hundredth of the error."""
    found = shifted.copy()
    for _ in range(ROUNDS):
        found = shifted - offset(found)
    return found


def _gcj02_offset(lonlat: Places) -> Places:
    """How far GCJ-02 moves each place, degrees."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root, product = np.sqrt(np.abs(x)), x * y
    ripple = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * product + 0.2 * root
    north_m += 2.0 / 3.0 * (ripple + _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30)))
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * product + 0.1 * root
    east_m += 2.0 / 3.0 * (ripple + _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30)))
    latitude = np.radians(lonlat[:, 1])
    narrowing = 1.0 - ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / narrowing**1.5
    parallel_m = SEMI_MAJOR_M / np.sqrt(narrowing) * np.cos(latitude)
    return np.column_stack([np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)])


def _waves(angle: NDArray[np.float64], *waves: tuple[float, float]) -> NDArray[np.float64]:
    """A sum of sines: each wave has an amplitude in metres and a frequency in half turns per degree."""
    total = np.zeros_like(angle)
    for amplitude, frequency in waves:
        total += amplitude * np.sin(frequency * np.pi * angle)
    return total


def _bd09_offset(lonlat: Places) -> Places:
    """How far BD-09 moves each GCJ-02 place, degrees."""
    x, y = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BAIDU_ANGLE)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BAIDU_ANGLE)
    moved: Places = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + BAIDU_OFFSET
    return moved - lonlat

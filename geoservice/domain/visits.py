"""Stays of devices at points, from their segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.visit_kernels import count_squares, cross_circles, hash_circles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.domain.tracks import Segments


@dataclass(frozen=True)
class Spots:
    """Points in metres with what a visit to each needs; arrays (p,)."""

    point_id: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    radius_m: NDArray[np.float64]
    dwell_s: NDArray[np.float64]


@dataclass(frozen=True)
class Stays:
    """Stays within a point's radius, long enough to count; arrays (n,), sorted by device, point and arrival."""

    device: NDArray[np.int64]
    point_id: NDArray[np.int64]
    arrived_us: NDArray[np.int64]
    left_us: NDArray[np.int64]
    dwell_s: NDArray[np.float32]  # time inside the radius; absences are not counted
    nearest_m: NDArray[np.float32]


_SIDE_M = 50.0  # of a square in the hash; grows where large circles would fill too many
_SQUARES_A_SPOT = 16


def find_stays(segments: Segments, spots: Spots, join_s: float) -> Stays:
    """Return every stay: time within the radius, joined over absences up to `join_s`, at least the spot's dwell in sum.

    The moments a segment enters and leaves the circle are computed exactly. A pure function of each device's segments.
    """
    spots = _sorted(spots)
    if not len(spots.point_id) or not len(segments.device):
        return _stays(*(np.empty(0, np.int64),) * 5, np.empty(0))
    side = _side_of(spots)
    starts, circles = hash_circles(spots.x, spots.y, spots.radius_m, side, _buckets(spots, side))
    segment, spot, entered, left, nearest = cross_circles(
        segments.ax, segments.ay, segments.bx, segments.by, segments.start_us, segments.end_us,
        spots.x, spots.y, spots.radius_m, side, starts, circles,
    )  # fmt: skip
    device = segments.device[segment]
    order = np.lexsort((entered, spot, device))
    device, spot, entered, left = device[order], spot[order], entered[order], left[order]
    first = np.flatnonzero(_begins(device, spot, entered, left, join_s))
    inside = np.add.reduceat(left - entered, first)
    last = np.append(first, len(device))[1:] - 1
    long_enough = inside >= spots.dwell_s[spot[first]] * 1e6
    columns = (
        device[first], spots.point_id[spot[first]], entered[first], left[last], inside,
        np.minimum.reduceat(nearest[order], first),
    )  # fmt: skip
    return _stays(*(column[long_enough] for column in columns))


def _sorted(spots: Spots) -> Spots:
    """Return the spots by id, without those that lie nowhere in this CRS."""
    order = np.argsort(spots.point_id, kind="stable")
    order = order[np.isfinite(spots.x[order]) & np.isfinite(spots.y[order])]
    return Spots(
        spots.point_id[order], spots.x[order], spots.y[order], spots.radius_m[order], spots.dwell_s[order]
    )


def _side_of(spots: Spots) -> float:
    side = _SIDE_M
    while count_squares(spots.x, spots.y, spots.radius_m, side) > _SQUARES_A_SPOT * (64 + len(spots.x)):
        side *= 2
    return side


def _buckets(spots: Spots, side: float) -> int:
    entries = int(count_squares(spots.x, spots.y, spots.radius_m, side))
    return 1 << (4 * entries).bit_length()


def _begins(
    device: NDArray[np.int64],
    spot: NDArray[np.int64],
    entered: NDArray[np.int64],
    left: NDArray[np.int64],
    join_s: float,
) -> NDArray[np.bool_]:
    """Return which presences (n,) begin a stay; they are sorted by device, spot and time."""
    begins = np.ones(len(device), dtype=bool)
    begins[1:] = (device[1:] != device[:-1]) | (spot[1:] != spot[:-1])
    begins[1:] |= entered[1:] - left[:-1] > join_s * 1e6
    return begins


def _stays(
    device: NDArray[np.int64],
    point_id: NDArray[np.int64],
    arrived_us: NDArray[np.int64],
    left_us: NDArray[np.int64],
    inside_us: NDArray[np.int64],
    nearest_m: NDArray[np.float64],
) -> Stays:
    return Stays(
        device, point_id, arrived_us, left_us,
        (inside_us / 1e6).astype(np.float32), nearest_m.astype(np.float32),
    )  # fmt: skip

"""Stays of devices at points, from their segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
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


def find_stays(segments: Segments, spots: Spots, join_s: float) -> Stays:
    """Return every stay: time within the radius, joined over absences up to `join_s`, at least the spot's dwell in sum.

    The moments a segment enters and leaves the circle are computed exactly. A pure function of each device's segments.
    """
    raise NotImplementedError

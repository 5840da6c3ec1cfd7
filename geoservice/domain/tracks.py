"""Fixes of one or many devices to the segments that count, with the reason for each that does not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Mode(IntEnum):
    """How a patrol moves; decides how far it sees."""

    FOOT = 1
    EBIKE = 2
    CAR = 3


@dataclass(frozen=True)
class Limits:
    """What a plausible segment is: metres, seconds, metres per second."""

    max_speed_mps: float
    max_gap_s: float
    max_gap_m: float
    max_accuracy_m: float


@dataclass(frozen=True)
class Fixes:
    """Positions in a metric CRS, sorted by device and time; all arrays (n,). NaN accuracy: not reported."""

    device: NDArray[np.int64]
    time_us: NDArray[np.int64]  # µs since 1970 UTC
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    accuracy_m: NDArray[np.float32]
    mode: NDArray[np.int16]

    def take(self, keep: NDArray[np.bool_] | slice) -> Fixes:
        """Return the fixes where `keep` (n,) holds, or a run of them; all of them are not copied."""
        if not isinstance(keep, slice) and keep.all():
            return self
        return Fixes(
            self.device[keep],
            self.time_us[keep],
            self.x[keep],
            self.y[keep],
            self.accuracy_m[keep],
            self.mode[keep],
        )


@dataclass(frozen=True)
class Segments:
    """Straight pieces between two successive fixes of a device; arrays (n,). Day, period and mode are the start's."""

    device: NDArray[np.int64]
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    ax: NDArray[np.float64]
    ay: NDArray[np.float64]
    bx: NDArray[np.float64]
    by: NDArray[np.float64]
    mode: NDArray[np.int16]

    def take(self, keep: NDArray[np.bool_]) -> Segments:
        """Return the segments where `keep` (n,) holds; all of them are not copied."""
        if keep.all():
            return self
        return Segments(
            self.device[keep], self.start_us[keep], self.end_us[keep],
            self.ax[keep], self.ay[keep], self.bx[keep], self.by[keep], self.mode[keep],
        )  # fmt: skip


def accept_fixes(fixes: Fixes, limits: Limits) -> tuple[NDArray[np.bool_], dict[str, NDArray[np.bool_]]]:
    """Return which fixes (n,) may end a segment, and by reason which were refused.

    Each fix is judged by itself alone: only so do order, repetition and batching of what arrives never matter.
    """
    on_map = np.isfinite(fixes.x) & np.isfinite(fixes.y)
    accurate = ~(fixes.accuracy_m > limits.max_accuracy_m)
    return on_map & accurate, {"off_map": ~on_map, "inaccurate": on_map & ~accurate}


def join_fixes(fixes: Fixes, limits: Limits) -> tuple[Segments, dict[str, NDArray[np.int64]]]:
    """Join successive accepted fixes of each device; refuse what no patrol did, by the first reason that holds.

    A jump (too fast, too far) or a silence breaks the line: what lies between was not seen. Returns the segments, and
    for each reason the device of every segment refused for it.
    """
    if fixes.time_us.size < 2:
        return _segments(fixes, np.zeros(max(fixes.time_us.size - 1, 0), dtype=bool)), {}
    keep = fixes.device[1:] == fixes.device[:-1]
    seconds = (fixes.time_us[1:] - fixes.time_us[:-1]) / 1e6
    metres = np.hypot(fixes.x[1:] - fixes.x[:-1], fixes.y[1:] - fixes.y[:-1])
    verdicts = {
        "gap_in_time": seconds > limits.max_gap_s,
        "gap_in_distance": metres > limits.max_gap_m,
        "too_fast": metres > limits.max_speed_mps * seconds,
    }
    keep &= seconds > 0
    refused = {}
    for reason, holds in verdicts.items():
        devices = fixes.device[1:][holds & keep]
        if len(devices):
            refused[reason] = devices
        keep &= ~holds
    return _segments(fixes, keep), refused


def _segments(fixes: Fixes, keep: NDArray[np.bool_]) -> Segments:
    start, end = np.flatnonzero(keep), np.flatnonzero(keep) + 1
    return Segments(
        fixes.device[start], fixes.time_us[start], fixes.time_us[end],
        fixes.x[start], fixes.y[start], fixes.x[end], fixes.y[end], fixes.mode[start],
    )  # fmt: skip

"""What the devices recorded: walks turned into fixes, with the noise, silences and slips of real phones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter

from geoservice.services.demo.people import CAR, EBIKE, FOOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.services.demo.plane import Floats

_EVERY_S = {FOOT: 15.0, EBIKE: 10.0, CAR: 6.0}
PACE_MPS = {FOOT: 1.15, EBIKE: 3.6, CAR: 7.5}
_JUMPS = 0.0007  # share of fixes thrown far away


@dataclass(frozen=True)
class Walk:
    """A line through the plane with pauses: (metres from the start, seconds)."""

    line: Floats
    pauses: list[tuple[float, float]]


@dataclass(frozen=True)
class Recording:
    """Fixes of one device, oldest first; positions in metres of the plane, `lost` marks fixes at (0, 0)."""

    seconds: Floats  # since the shift began
    xy: Floats
    accuracy_m: Floats
    speed_mps: Floats
    heading_deg: Floats
    lost: NDArray[np.bool_]


def record(rng: np.random.Generator, walk: Walk, mode: int, seconds: float) -> Recording:
    """Record a walk for at most `seconds`."""
    distance, clock = _timetable(rng, walk, PACE_MPS[mode] * rng.uniform(0.9, 1.12))
    every = _EVERY_S[mode]
    at = np.arange(0, min(clock[-1], seconds), every)
    at = np.round(at + rng.uniform(0, 0.12 * every, len(at)), 1)
    at = _silenced(rng, at[at < seconds])
    along = np.interp(at, clock, distance)
    steps = np.hypot(*np.diff(walk.line, axis=0).T)
    travelled = np.r_[0, np.cumsum(steps)]
    xy = np.stack([np.interp(along, travelled, walk.line[:, axis]) for axis in (0, 1)], 1)
    speed = np.gradient(along, at) if len(at) > 1 else np.zeros(len(at))
    way = np.gradient(xy, axis=0) if len(at) > 1 else np.zeros((len(at), 2))
    heading = np.degrees(np.arctan2(way[:, 0], way[:, 1])) % 360
    accuracy = np.clip(rng.gamma(4.0, 1.3, len(at)) + rng.uniform(0, 4), 2.5, 60)
    xy = xy + _drift(rng, len(at)) * accuracy[:, None] * 0.55
    accuracy, xy = _bad_patch(rng, accuracy, xy)
    jumps = np.flatnonzero(rng.random(len(at)) < _JUMPS)
    turn, far = rng.uniform(0, 2 * np.pi, len(jumps)), rng.uniform(900, 4_000, len(jumps))
    xy[jumps] += np.stack([far * np.cos(turn), far * np.sin(turn)], 1)
    lost = rng.random(len(at)) < 0.00006
    speed = np.clip(speed + rng.normal(0, 0.08 * PACE_MPS[mode], len(at)), 0, None)
    return Recording(at, xy, accuracy, speed, (heading + rng.normal(0, 6, len(at))) % 360, lost)


def _timetable(rng: np.random.Generator, walk: Walk, pace: float) -> tuple[Floats, Floats]:
    """Return distances and the seconds at which they are reached: uneven pace, standing still at pauses."""
    length = float(np.hypot(*np.diff(walk.line, axis=0).T).sum())
    places = np.array([min(where, length) for where, _ in walk.pauses])
    waits = np.array([pause for _, pause in walk.pauses])
    knots = np.unique(np.r_[np.arange(0, length, 40.0), length, places])
    took = np.diff(knots) / (pace * np.clip(rng.lognormal(0, 0.18, len(knots) - 1), 0.6, 1.5))
    moving = np.r_[0, np.cumsum(took)]
    reached = moving + (places[None, :] < knots[:, None]) @ waits
    left = np.interp(places, knots, moving) + (places[None, :] <= places[:, None]) @ waits
    distance, clock = np.r_[knots, places], np.r_[reached, left]
    order = np.lexsort((clock, distance))
    return distance[order], clock[order]


def _silenced(rng: np.random.Generator, at: Floats) -> Floats:
    """Drop what was never sent: now and then some minutes, once in a while a longer silence."""
    for chance, minutes in ((0.25, 3.0), (0.10, 14.0)):
        if rng.random() < chance and len(at) > 50:
            start = rng.uniform(at[0], at[-1])
            at = at[(at < start) | (at > start + 60 * minutes * rng.uniform(0.4, 1.3))]
    return at


def _drift(rng: np.random.Generator, count: int) -> Floats:
    """Noise that wanders: unit variance, correlated over some ten fixes."""
    keep = 0.88
    steps = rng.normal(0, np.sqrt(1 - keep**2), (count, 2))
    wandering: Floats = lfilter([1.0], [1.0, -keep], steps, axis=0)
    return wandering


def _bad_patch(rng: np.random.Generator, accuracy: Floats, xy: Floats) -> tuple[Floats, Floats]:
    """Between tall houses a phone may know no better than a hundred metres or two, and says so."""
    if rng.random() < 0.12 and len(accuracy) > 80:
        start = int(rng.integers(len(accuracy) - 30))
        patch = slice(start, start + int(rng.integers(8, 30)))
        accuracy[patch] = rng.uniform(110, 320, len(accuracy[patch]))
        xy[patch] += rng.normal(0, 55, xy[patch].shape)
    return accuracy, xy

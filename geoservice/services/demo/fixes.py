"""Thirty days of fixes: every patrol that went, walked and recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from geoservice.services.demo.people import CAR, EBIKE, FOOT
from geoservice.services.demo.plane import to_lonlat
from geoservice.services.demo.tracking import PACE_MPS, Walk, record

if TYPE_CHECKING:
    from datetime import tzinfo

    from numpy.typing import NDArray

    from geoservice.services.demo.people import Team
    from geoservice.services.demo.plane import Floats
    from geoservice.services.demo.shifts import Patrol
    from geoservice.services.demo.walks import PlannedRoute, Walker

_COMPANION = 0.3  # how often the second member's phone records too
_MINUTES_AT_STOP = {FOOT: (3.0, 14.0), EBIKE: (2.0, 8.0), CAR: (2.0, 8.0)}
_MOVING = {FOOT: 0.5, EBIKE: 0.33, CAR: 0.5}  # share of the free time on the move: the rest is spent looking
_LOOK_EVERY_M = {FOOT: 140.0, EBIKE: 300.0, CAR: 900.0}


@dataclass(frozen=True)
class FixTable:
    """All fixes, as a phone would send them; arrays (n,), ordered by device and time."""

    device_codes: list[str]
    device: NDArray[np.int64]  # index into device_codes
    time_us: NDArray[np.int64]  # since 1970 UTC
    lon: Floats
    lat: Floats
    accuracy_m: NDArray[np.float32]
    speed_mps: NDArray[np.float32]
    heading_deg: NDArray[np.float32]
    mode: NDArray[np.int64]


@dataclass(frozen=True)
class Outing:
    """The clock of the recording: until when, and where a day begins."""

    until: datetime  # local
    zone: tzinfo


def record_patrols(
    rng: np.random.Generator, patrols: list[Patrol], routes: list[list[PlannedRoute]], crew: tuple[list[Team], list[Walker]],
    outing: Outing,
) -> FixTable:  # fmt: skip
    """Walk every patrol that went and return what the phones recorded; `routes` are grouped by team."""
    teams, walkers = crew
    codes = [member.device for team in teams for member in team.members]
    parts: list[tuple[NDArray[np.float64], ...]] = []
    day = None
    for patrol in patrols:
        if patrol.on != day:
            day = patrol.on
            for walker in walkers:
                walker.rest()
        if patrol.walked:
            team = teams[patrol.team]
            walk = _walk(rng, patrol, routes[patrol.team][patrol.route], walkers[patrol.team], team.mode)
            devices = [codes.index(team.members[member].device) for member in patrol.members]
            for device in devices[: 2 if rng.random() < _COMPANION else 1]:
                parts.append(_recorded(rng, walk, patrol, (device, team.mode), outing))
    return _table(codes, [np.concatenate(column) for column in zip(*parts, strict=True)])


def _walk(rng: np.random.Generator, patrol: Patrol, route: PlannedRoute, walker: Walker, mode: int) -> Walk:
    """Return the route with its pauses, and a round through the quarter for the time that is left."""
    walker.see(set(route.edges))
    low, high = _MINUTES_AT_STOP[mode]
    pauses = [
        (where, 60 * rng.uniform(low, high))
        for where in route.stop_m
        if rng.random() > 0.12  # now and then a stop is passed by
    ]
    length_m = float(np.hypot(*np.diff(route.line, axis=0).T).sum())
    left_s = (patrol.ends - patrol.starts).total_seconds() - sum(pause for _, pause in pauses)
    left_s = max(left_s - length_m / PACE_MPS[mode], 120.0)
    extra_m = left_s * _MOVING[mode] * PACE_MPS[mode]
    extra = walker.roam(route.end, extra_m, came_by=route.edges[-1])
    looks = rng.uniform(length_m, length_m + extra_m, max(int(extra_m / _LOOK_EVERY_M[mode]), 1))
    shares = rng.dirichlet(np.full(len(looks), 2.0)) * left_s * (1 - _MOVING[mode])
    pauses += zip(looks.tolist(), shares.tolist(), strict=True)
    beyond, _ = walker.network.along(extra, route.end)
    return Walk(np.vstack([route.line, beyond[1:]]), sorted(pauses))


def _recorded(
    rng: np.random.Generator, walk: Walk, patrol: Patrol, device: tuple[int, int], outing: Outing
) -> tuple[NDArray[np.float64], ...]:
    delay_s = float(rng.uniform(0, 90))
    end = min(patrol.ends, outing.until)
    recording = record(rng, walk, device[1], (end - patrol.starts).total_seconds() - delay_s)
    began = patrol.starts.replace(tzinfo=outing.zone) + timedelta(seconds=delay_s)
    lonlat = to_lonlat(recording.xy)
    lonlat[recording.lost] = 0.0
    count = len(recording.seconds)
    return (
        np.full(count, float(device[0])),
        began.timestamp() + recording.seconds,
        lonlat[:, 0],
        lonlat[:, 1],
        recording.accuracy_m,
        recording.speed_mps,
        recording.heading_deg,
        np.full(count, float(device[1])),
    )


def _table(codes: list[str], columns: list[NDArray[np.float64]]) -> FixTable:
    device, seconds, lon, lat, accuracy, speed, heading, mode = columns
    time_us = np.round(seconds * 1_000).astype(np.int64) * 1_000
    order = np.lexsort((time_us, device))
    number, time_us = device[order].astype(np.int64), time_us[order]
    fresh = np.r_[True, (np.diff(number) != 0) | (np.diff(time_us) != 0)]
    kept = order[fresh]
    return FixTable(
        codes, number[fresh], time_us[fresh], np.round(lon[kept], 7), np.round(lat[kept], 7),
        accuracy[kept].astype(np.float32), speed[kept].astype(np.float32), heading[kept].astype(np.float32),
        mode[kept].astype(np.int64),
    )  # fmt: skip

"""The lines of one patrol for its map and its replay: as planned, and as each device went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.domain.crs import to_lonlat
from geoservice.domain.windows import instant_of
from geoservice.errors import NotFound
from geoservice.services.ground import read_grid
from geoservice.services.patrols.following import crews_of
from geoservice.services.patrols.tracks import as_line, breaks, by_device, recorded
from geoservice.store import patrol_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.tracks import Segments

PACE_S = 1800
MOST_MOMENTS = 4_000
"""Moments of one device that a replay holds; more are thinned evenly."""


@dataclass(frozen=True)
class Gone:
    """The way of one device: its line in lon/lat, and moments (n,) of it with speeds in m/s.

    `seconds` after `PatrolLines.since`; `starts` says which moments begin anew after a break.
    """

    device_id: int
    name: str
    line: BaseGeometry
    seconds: list[int]
    lonlat: list[list[float]]
    speed_mps: list[float]
    starts: list[bool]


@dataclass(frozen=True)
class PatrolLines:
    """A patrol's line as planned (None: unknown), and as each of its devices went, the furthest first.

    `since` and `until` are the first and the last moment known; equal where nothing is.
    """

    planned: BaseGeometry | None
    gone: tuple[Gone, ...]
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Pace:
    """Half an hour of a patrol: metres gone, and the highest speed, of the device that went furthest."""

    from_at: datetime
    metres: float
    highest_mps: float


def paces(lines: PatrolLines) -> list[Pace]:
    """Return the speed chart as a table: every half hour of which something is known."""
    if not lines.gone:
        return []
    gone = lines.gone[0]
    seconds = np.array(gone.seconds)
    passed = np.diff(seconds, prepend=seconds[0]) * ~np.array(gone.starts)
    speed = np.array(gone.speed_mps)
    since = lines.since.timestamp()
    slot = (since + seconds - passed / 2) // PACE_S
    return [
        Pace(
            datetime.fromtimestamp(one * PACE_S, UTC),
            float((speed * passed)[slot == one].sum()),
            float(speed[slot == one].max()),
        )
        for one in np.unique(slot).tolist()
    ]


def patrol_lines(session: Session, settings: Settings, patrol_id: int) -> PatrolLines:
    """Return the lines of one patrol."""
    row = patrol_rows.patrol_by_id(session, patrol_id)
    if row is None:
        raise NotFound("patrol_unknown", id=patrol_id)
    crews = crews_of(session, settings, [row])
    asked = crews.asked[patrol_id]
    epsg = read_grid(session).metric_epsg
    names = crews.devices.get(patrol_id, {})
    found = recorded(session, settings, epsg, [asked]).get(patrol_id)
    segments = found.segments if found else None
    if segments is None or not len(segments.start_us):
        return PatrolLines(row.line, (), asked.since, asked.since)
    since_us = int(segments.start_us.min()) // 1_000_000 * 1_000_000
    gone = [_gone(epsg, names[device], each, since_us) for device, each in by_device(segments).items()]
    return PatrolLines(
        row.line,
        tuple(sorted(gone, key=lambda one: (-one.line.length, one.device_id))),
        instant_of(since_us),
        instant_of(int(segments.end_us.max())),
    )


def replay_json(lines: PatrolLines) -> dict[str, Any]:
    """Return what the replay in the browser reads: moments in seconds, places to about 0.1 m, speeds in km/h."""
    return {
        "since": lines.since.isoformat(),
        "seconds": round((lines.until - lines.since).total_seconds()),
        "tracks": [
            {
                "id": one.device_id,
                "name": one.name,
                "t": one.seconds,
                "at": one.lonlat,
                "kmh": [round(3.6 * speed, 1) for speed in one.speed_mps],
                "starts": [index for index, starts in enumerate(one.starts) if starts],
            }
            for one in lines.gone
        ],
    }


def _gone(epsg: int, name: str, segments: Segments, since_us: int) -> Gone:
    """Return one device's way: the start of each run, then the end of every segment with the speed on it."""
    begins = breaks(segments)
    seconds = (segments.end_us - segments.start_us) / 1e6
    speed = np.hypot(segments.bx - segments.ax, segments.by - segments.ay) / np.maximum(seconds, 1e-6)
    where = np.flatnonzero(begins)
    time_us = np.insert(segments.end_us, where, segments.start_us[where])
    x, y = (
        np.insert(end, where, start[where])
        for start, end in ((segments.ax, segments.bx), (segments.ay, segments.by))
    )
    speeds = np.insert(speed, where, speed[where])
    starts = np.insert(np.zeros(len(begins), bool), where, True)
    keep = _thinned(starts)
    lonlat = to_lonlat(epsg, np.column_stack((x[keep], y[keep])))
    return Gone(
        int(segments.device[0]),
        name,
        as_line(epsg, segments),
        ((time_us[keep] - since_us) // 1_000_000).tolist(),
        np.round(lonlat, 6).tolist(),
        speeds[keep].tolist(),
        starts[keep].tolist(),
    )


def _thinned(starts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which moments (n,) are kept: every so many, and those that begin or end a run."""
    keep = np.arange(len(starts)) % max(-(-len(starts) // MOST_MOMENTS), 1) == 0
    return np.asarray(keep | starts | np.append(starts[1:], True))

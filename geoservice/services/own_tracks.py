"""A member brings his own recorded track as a GPX file: read in a child process, stored as of his own device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.errors import InvalidFile
from geoservice.formats.reader import read_tracks
from geoservice.formats.tables import Limits
from geoservice.services import devices, tracking
from geoservice.services.importing.flow import storable
from geoservice.services.positions import receive_fixes
from geoservice.store import device_rows

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.formats.tables import TrackTable

# A week of one fix a second is 600 000; somebody waits for the answer.
LIMITS = Limits(
    file_bytes=50_000_000,
    files=1,
    inflated_bytes=50_000_000,
    memory_bytes=1024**3,
    cpu_seconds=20,
    wall_seconds=30.0,
    features=200_000,
)
_NAME_SHOWN = 120


@dataclass(frozen=True)
class Brought:
    """What became of a file: fixes new, known before, kept apart for a time ahead, and left out for another reason."""

    new: int
    repeated: int
    apart: int
    left_out: int


def read_gpx(path: Path, name: str, settings: Settings) -> TrackTable:
    """Return the fixes of a GPX file, whatever it calls its device; raises InvalidFile."""
    table = read_tracks(path, timezone=settings.timezone, device="own", limits=LIMITS, name=name)
    if not len(table):
        raise InvalidFile("own_track_empty")
    return table


def bring(
    session: Session, settings: Settings, member_id: int, table: TrackTable, *, now: datetime
) -> Brought:
    """Store what a member's file holds; the same file again stores nothing more."""
    device = devices.own_device(session, member_id)
    count = len(table)
    batch = tracking.Fixes(
        device=np.full(count, device, dtype=object),
        time_us=table.time,
        lon=table.lon,
        lat=table.lat,
        accuracy_m=table.accuracy_m,
        speed_mps=table.speed_mps,
        heading_deg=table.heading_deg,
        mode=np.full(count, device_rows.mode_of(session, device), dtype=np.int16),
    )
    done, apart = receive_fixes(session, settings, batch, source=storable(table.file)[:_NAME_SHOWN], now=now)
    ahead = done.refused.get("in_the_future", 0)
    left_out = sum(done.refused.values()) - ahead + len(table.problems)
    return Brought(done.new, done.repeated, max(apart, ahead), left_out)

"""Tracks and the devices they come from, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from geoservice.errors import NotFound
from geoservice.store.copying import EPOCH_US, INT4, INT8, copy_out
from geoservice.store.tracks import Track

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session


def ensure_devices(session: Session, codes: Sequence[str]) -> list[int]:
    """Return the ids of the devices named, in their order; unknown ones are made."""
    session.execute(
        text(
            "INSERT INTO device (code) SELECT unnest(CAST(:codes AS text[])) ORDER BY 1 ON CONFLICT (code) DO NOTHING"
        ),
        {"codes": list(codes)},
    )
    found = {
        row.code: row.id
        for row in session.execute(
            text("SELECT id, code FROM device WHERE code = ANY(:codes)"), {"codes": list(codes)}
        )
    }
    return [found[code] for code in codes]


def add_tracks(session: Session, rows: Sequence[dict[str, Any]], now: datetime) -> dict[int, int]:
    """Store one track a device; return device id → track id."""
    tracks = [Track(**row, received_at=now) for row in rows]
    session.add_all(tracks)
    session.flush()
    return {track.device_id: track.id for track in tracks}


def drop_empty(session: Session, track_ids: Sequence[int], stored: NDArray[np.int64]) -> list[int]:
    """Set the true number of fixes of fresh tracks; drop those whose every fix was known. `stored`: a track id a fix."""
    counts = dict(zip(*(column.tolist() for column in np.unique(stored, return_counts=True)), strict=True))
    kept = [track_id for track_id in track_ids if track_id in counts]
    if kept:
        session.execute(
            text("UPDATE track SET fix_count = :count WHERE id = :id AND fix_count <> :count"),
            [{"id": track_id, "count": counts[track_id]} for track_id in kept],
        )
    session.execute(
        text("DELETE FROM track WHERE id = ANY(:ids)"),
        {"ids": [one for one in track_ids if one not in counts]},
    )
    return kept


def delete_track(session: Session, track_id: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Delete a track with its fixes; return device id and µs since 1970 (n,) of the fixes that went."""
    track = session.get(Track, track_id)
    if track is None:
        raise NotFound("track_unknown", id=track_id)
    where = "device_id = %(device)s AND recorded_at BETWEEN %(start)s AND %(end)s AND track_id = %(track)s"
    values = {"device": track.device_id, "start": track.started_at, "end": track.ended_at, "track": track_id}
    gone = copy_out(
        session,
        f"SELECT device_id, recorded_at AS recorded_us FROM fix WHERE {where}",
        {"device_id": INT4, "recorded_us": INT8},
        values,
    )
    session.execute(
        text(
            "DELETE FROM fix WHERE device_id = :device AND recorded_at BETWEEN :start AND :end AND track_id = :track"
        ),
        values,
    )
    session.delete(track)
    session.flush()
    return gone["device_id"].astype(np.int64), gone["recorded_us"].astype(np.int64) + EPOCH_US

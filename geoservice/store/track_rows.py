"""Tracks and the devices they come from, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from geoservice.errors import NotFound
from geoservice.store.copying import EPOCH_US, INT4, INT8, copy_out
from geoservice.store.tracks import Track

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

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


@dataclass(frozen=True)
class TrackRow:
    """A track as people read of it; `refused`: reason → fixes that were not kept."""

    id: int
    device: str
    mode: int
    source: str
    started_at: datetime
    ended_at: datetime
    fix_count: int
    received_at: datetime
    refused: dict[str, int]


def find_tracks(
    session: Session, since: datetime | None, before: datetime | None, device: str | None, limit: int
) -> list[TrackRow]:
    """Return the newest tracks that reach into a span (either end open), of one device where it is named; oldest first."""
    rows = session.execute(
        text(
            "SELECT t.id, d.code AS device, t.mode, t.source, t.started_at, t.ended_at, t.fix_count, t.received_at, t.refused "
            "FROM track t JOIN device d ON d.id = t.device_id "
            "WHERE t.ended_at >= coalesce(CAST(:since AS timestamptz), '-infinity') "
            "AND t.started_at < coalesce(CAST(:before AS timestamptz), 'infinity') "
            "AND d.code = coalesce(CAST(:device AS text), d.code) ORDER BY t.started_at DESC, t.id DESC LIMIT :limit"
        ),
        {"since": since, "before": before, "device": device, "limit": limit},
    )
    return [TrackRow(**row._mapping) for row in rows][::-1]


def refused_in(session: Session, from_on: date, to_on: date) -> dict[str, int]:
    """Return how many fixes of the tracks that began on local days of a window were not kept at all, by reason."""
    rows = session.execute(
        text(
            "SELECT r.key AS reason, CAST(sum(CAST(r.value AS bigint)) AS bigint) AS total FROM track t "
            "CROSS JOIN deployment p CROSS JOIN LATERAL jsonb_each_text(t.refused) AS r "
            "WHERE t.started_at BETWEEN CAST(:from_on AS date) - 1 AND CAST(:to_on AS date) + 2 "
            "AND CAST(t.started_at AT TIME ZONE coalesce(p.fill_settings ->> 'timezone', 'UTC') AS date) "
            "BETWEEN :from_on AND :to_on GROUP BY r.key ORDER BY r.key"
        ),
        {"from_on": from_on, "to_on": to_on},
    )
    return {row.reason: row.total for row in rows}


def has_device(session: Session, code: str) -> bool:
    """Tell whether there is a device of that code."""
    return bool(session.scalar(text("SELECT EXISTS (SELECT FROM device WHERE code = :code)"), {"code": code}))


def delete_fixes(
    session: Session, track_id: int, since: datetime | None = None, before: datetime | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Delete a track's fixes in a span (either end open), and the track itself once it has none left.

    Return device id and µs since 1970 (n,) of the fixes that went.
    """
    track = session.get(Track, track_id, with_for_update=True)
    if track is None:
        raise NotFound("track_unknown", id=track_id)
    gone = copy_out(
        session,
        "DELETE FROM fix WHERE device_id = %(device)s AND recorded_at BETWEEN %(start)s AND %(end)s "
        "AND track_id = %(track)s AND recorded_at >= coalesce(%(since)s::timestamptz, '-infinity') "
        "AND recorded_at < coalesce(%(before)s::timestamptz, 'infinity') RETURNING device_id, recorded_at AS recorded_us",
        {"device_id": INT4, "recorded_us": INT8},
        {
            "device": track.device_id, "start": track.started_at, "end": track.ended_at, "track": track_id,
            "since": since, "before": before,
        },
    )  # fmt: skip
    _shrink(session, track)
    return gone["device_id"].astype(np.int64), gone["recorded_us"].astype(np.int64) + EPOCH_US


def _shrink(session: Session, track: Track) -> None:
    """Set a track to the fixes it has left; without any it goes."""
    left = session.execute(
        text(
            "SELECT min(recorded_at) AS first, max(recorded_at) AS last, count(*) AS fixes FROM fix "
            "WHERE device_id = :device AND recorded_at BETWEEN :start AND :end AND track_id = :track"
        ),
        {"device": track.device_id, "start": track.started_at, "end": track.ended_at, "track": track.id},
    ).one()
    if left.fixes:
        track.started_at, track.ended_at, track.fix_count = left.first, left.last, left.fixes
    else:
        session.delete(track)
    session.flush()

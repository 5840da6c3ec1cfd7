"""What arrived of a window after it was measured, or after it had ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class LateTracks:
    """Tracks of a window that came after an instant: how many, their fixes within the window, when the last one came."""

    count: int
    fix_count: int
    latest_received_at: datetime | None


def late_tracks(session: Session, start: datetime, end: datetime, since: datetime) -> LateTracks:
    """Return what was received after `since` of the fixes in [start, end)."""
    row = session.execute(
        text(
            "SELECT count(*) AS tracks, coalesce(sum(n.fixes), 0)::bigint AS fixes, max(t.received_at) AS latest "
            "FROM track t CROSS JOIN LATERAL (SELECT count(*) AS fixes FROM fix f WHERE f.device_id = t.device_id "
            "AND f.track_id = t.id AND f.recorded_at >= greatest(t.started_at, :start) AND f.recorded_at <= t.ended_at "
            "AND f.recorded_at >= :start AND f.recorded_at < :end) AS n "
            "WHERE t.received_at > :since AND t.started_at < :end AND t.ended_at >= :start AND n.fixes > 0"
        ),
        {"start": start, "end": end, "since": since},
    ).one()
    return LateTracks(row.tracks, row.fixes, row.latest)

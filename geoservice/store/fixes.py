"""Fixes in and out in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from geoservice.store.copying import EPOCH_US, FLOAT4, FLOAT8, INT2, INT4, INT8, copy_in, copy_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class FixRows:
    """Fixes as stored; arrays (n,). NaN: the device did not say."""

    device_id: NDArray[np.int64]
    time_us: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    accuracy_m: NDArray[np.float32]
    speed_mps: NDArray[np.float32]
    heading_deg: NDArray[np.float32]
    mode: NDArray[np.int16]
    track_id: NDArray[np.int64]


def ensure_partitions(session: Session, months: Iterable[date]) -> None:
    """Make the monthly partitions of `fix` that hold `months` (any day of each) where they are missing."""
    for first in sorted({month.replace(day=1) for month in months}):
        after = (first + timedelta(days=32)).replace(day=1)
        name = f"fix_{first:%Y_%m}"
        if session.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
            # Two importers may meet the same new month at once.
            session.execute(text("SELECT pg_advisory_xact_lock(hashtext('fix partitions'))"))
            session.execute(
                text(
                    f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF fix "
                    f"FOR VALUES FROM ('{first} 00:00+00') TO ('{after} 00:00+00')"
                )
            )


def insert_fixes(session: Session, rows: FixRows, received_at: datetime) -> NDArray[np.bool_]:
    """Store the fixes that are new; return which (n,) were. A device's second fix at one instant is dropped."""
    session.execute(
        text(
            "CREATE TEMP TABLE IF NOT EXISTS incoming_fix (place int, device_id int, recorded_at timestamptz, lon float8, "
            "lat float8, accuracy_m real, speed_mps real, heading_deg real, mode smallint, track_id bigint) ON COMMIT DROP"
        )
    )
    session.execute(text("TRUNCATE incoming_fix"))
    copy_in(
        session,
        "incoming_fix",
        {
            "place": INT4, "device_id": INT4, "recorded_at": INT8, "lon": FLOAT8, "lat": FLOAT8, "accuracy_m": FLOAT4,
            "speed_mps": FLOAT4, "heading_deg": FLOAT4, "mode": INT2, "track_id": INT8,
        },
        [
            np.arange(len(rows.time_us)), rows.device_id, rows.time_us - EPOCH_US, rows.lon, rows.lat, rows.accuracy_m,
            rows.speed_mps, rows.heading_deg, rows.mode, rows.track_id,
        ],
    )  # fmt: skip
    stored = session.execute(
        text(
            "WITH stored AS (INSERT INTO fix (device_id, recorded_at, received_at, lon, lat, accuracy_m, speed_mps, "
            "heading_deg, mode, track_id) SELECT device_id, recorded_at, :received_at, lon, lat, accuracy_m, speed_mps, "
            "heading_deg, mode, track_id FROM incoming_fix ORDER BY device_id, recorded_at, place "
            "ON CONFLICT DO NOTHING RETURNING device_id, recorded_at) "
            "SELECT count(*) FROM stored"
        ),
        {"received_at": received_at},
    ).scalar_one()
    if stored == len(rows.time_us):
        return np.ones(len(rows.time_us), dtype=bool)
    kept = session.execute(
        text(
            "SELECT DISTINCT ON (i.device_id, i.recorded_at) i.place FROM incoming_fix i JOIN fix f "
            "USING (device_id, recorded_at) WHERE f.track_id = i.track_id AND f.received_at = :received_at "
            "ORDER BY i.device_id, i.recorded_at, i.place"
        ),
        {"received_at": received_at},
    ).scalars()
    new = np.zeros(len(rows.time_us), dtype=bool)
    new[np.fromiter(kept, np.int64)] = True
    return new


def load_fixes(
    session: Session, device_ids: Sequence[int], since: datetime, before: datetime
) -> NDArray[np.void]:
    """Return the fixes of devices in [since, before), unordered: device_id, recorded_us, lon, lat, accuracy_m, mode."""
    return copy_out(
        session,
        "SELECT device_id, recorded_at AS recorded_us, lon, lat, accuracy_m, mode FROM fix "
        "WHERE device_id = ANY(%(devices)s) AND recorded_at >= %(since)s AND recorded_at < %(before)s",
        {
            "device_id": INT4, "recorded_us": INT8, "lon": FLOAT8, "lat": FLOAT8, "accuracy_m": FLOAT4, "mode": INT2,
        },
        {"devices": list(device_ids), "since": since, "before": before},
    )  # fmt: skip

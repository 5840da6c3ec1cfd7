"""Fixes arrive: each is stored once, and the days of the devices they belong to wait to be covered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.windows import instant_of, local_day
from geoservice.services.ground import ensure_deployment
from geoservice.store import device_days, track_rows
from geoservice.store import fixes as store
from geoservice.store.fixes import FixRows

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

_US = 1_000_000


@dataclass(frozen=True)
class Fixes:
    """Fixes as they came; arrays (n,) in any order. NaN in accuracy, speed or heading: not reported."""

    device: NDArray[np.object_]  # device codes
    time_us: NDArray[np.int64]  # the device's clock, µs since 1970 UTC
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    accuracy_m: NDArray[np.float32]
    speed_mps: NDArray[np.float32]
    heading_deg: NDArray[np.float32]
    mode: NDArray[np.int16]


@dataclass(frozen=True)
class Received:
    """What became of a batch: fixes new, repeated, and refused by reason; tracks made; days that wait to be covered."""

    new: int
    repeated: int
    refused: dict[str, int]
    track_ids: tuple[int, ...]
    days: tuple[date, ...]


def receive(
    session: Session,
    settings: Settings,
    fixes: Fixes,
    *,
    source: str,
    batch_id: int | None = None,
    now: datetime,
) -> Received:
    """Store a batch of fixes, one track a device; any order, repetition or split into batches gives the same state."""
    plausible, refused = _plausible(fixes, settings, now)
    if not plausible.any():
        return Received(0, 0, refused, (), ())
    kept = Fixes(*(getattr(fixes, name)[plausible] for name in Fixes.__dataclass_fields__))
    ensure_deployment(session, settings, float(kept.lon[0]), float(kept.lat[0]))
    codes, device_index = np.unique(kept.device.astype(str), return_inverse=True)
    device_ids = np.array(track_rows.ensure_devices(session, codes.tolist()))[device_index]
    tracks = track_rows.add_tracks(session, _tracks(device_ids, kept, source, batch_id), now)
    _ensure_months(session, kept.time_us)
    rows = FixRows(
        device_ids, kept.time_us, kept.lon, kept.lat, kept.accuracy_m, kept.speed_mps, kept.heading_deg, kept.mode,
        np.array([tracks[int(device)] for device in np.unique(device_ids)])[np.unique(device_ids, return_inverse=True)[1]],
    )  # fmt: skip
    new = store.insert_fixes(session, rows, now)
    stored = track_rows.drop_empty(session, list(tracks.values()), rows.track_id[new])
    days = mark_days(session, settings, device_ids[new], kept.time_us[new])
    return Received(int(new.sum()), int((~new).sum()), refused, tuple(stored), days)


def delete_track(session: Session, settings: Settings, track_id: int) -> tuple[date, ...]:
    """Delete a track and its fixes; the days it touched are rebuilt from what remains."""
    device_ids, time_us = track_rows.delete_track(session, track_id)
    return mark_days(session, settings, device_ids, time_us)


def mark_days(
    session: Session, settings: Settings, device_ids: NDArray[np.int64], time_us: NDArray[np.int64]
) -> tuple[date, ...]:
    """Mark the local days of fixes that came or went, arrays (n,), to be covered; return those days.

    The day before is marked too where a fix lies so soon after midnight that a segment may reach it from there.
    """
    if len(time_us) == 0:
        return ()
    zone, silence = settings.zone_info, timedelta(seconds=settings.max_gap_s)
    first: dict[tuple[int, date], datetime] = {}
    # Fixes of a device lie close together: one look at the calendar an hour of a device is enough, as long as no
    # zone changes its day within that hour; a quarter is the finest offset in use.
    quarter, at = np.unique(
        np.column_stack((device_ids, time_us // (900 * _US))), axis=0, return_inverse=True
    )
    earliest = np.full(len(quarter), np.iinfo(np.int64).max)
    np.minimum.at(earliest, at.ravel(), time_us)
    for (device_id, _), instant_us in zip(quarter.tolist(), earliest.tolist(), strict=True):
        instant = instant_of(instant_us)
        key = (device_id, local_day(instant, zone))
        first[key] = min(first.get(key, instant), instant)
    device_days.mark_dirty(
        session,
        [{"device_id": device, "day": day, "first_at": instant} for (device, day), instant in first.items()],
    )
    days = {day for _, day in first}
    for (device_id, day), instant in first.items():
        before = local_day(instant - silence, zone)
        if before != day:
            device_days.mark_existing_dirty(session, device_id, before, instant)
            days.add(before)
    return tuple(sorted(days))


def _plausible(fixes: Fixes, settings: Settings, now: datetime) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Return which fixes (n,) can be kept at all, and the others counted by reason."""
    latest = int((now.timestamp() + settings.max_clock_ahead_s) * _US)
    on_earth = (np.abs(fixes.lon) <= 180) & (np.abs(fixes.lat) <= 90)  # NaN compares false
    verdicts = {
        "off_earth": ~on_earth,
        "null_island": on_earth & (fixes.lon == 0) & (fixes.lat == 0),
        "in_the_future": fixes.time_us > latest,
        "before_1990": fixes.time_us < int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * _US,
    }
    keep = np.ones(len(fixes.time_us), dtype=bool)
    refused = {}
    for reason, holds in verdicts.items():
        if count := int((holds & keep).sum()):
            refused[reason] = count
        keep &= ~holds
    return keep, refused


def _tracks(
    device_ids: NDArray[np.int64], fixes: Fixes, source: str, batch_id: int | None
) -> list[dict[str, object]]:
    rows = []
    for device_id in np.unique(device_ids):
        mine = device_ids == device_id
        rows.append(
            {
                "device_id": int(device_id),
                "mode": int(fixes.mode[mine][0]),
                "source": source,
                "started_at": instant_of(int(fixes.time_us[mine].min())),
                "ended_at": instant_of(int(fixes.time_us[mine].max())),
                "fix_count": int(mine.sum()),
                "batch_id": batch_id,
            }
        )
    return rows


def _ensure_months(session: Session, time_us: NDArray[np.int64]) -> None:
    months = np.unique(time_us.astype("datetime64[us]").astype("datetime64[M]"))
    store.ensure_partitions(session, [month.astype("datetime64[D]").item() for month in months])

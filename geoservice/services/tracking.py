"""Fixes arrive and are taken away: each is stored once, and the days of its device wait to be computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.domain.windows import day_start, instant_of, local_day
from geoservice.errors import BadRequest, NotFound
from geoservice.services.ground import ensure_deployment
from geoservice.store import audit, device_days, track_rows
from geoservice.store import fixes as store
from geoservice.store.fixes import FixRows

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.track_rows import TrackRow

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
    counts = {reason: int(holds.sum()) for reason, holds in refused.items()}
    if not plausible.any():
        return Received(0, 0, counts, (), ())
    kept = Fixes(*(getattr(fixes, name)[plausible] for name in Fixes.__dataclass_fields__))
    ensure_deployment(session, settings, float(kept.lon[0]), float(kept.lat[0]))
    codes, device_index = np.unique(kept.device.astype(str), return_inverse=True)
    known = track_rows.ensure_devices(session, codes.tolist())
    device_ids = np.array(known)[device_index]
    not_kept = _by_device(fixes, refused, dict(zip(codes.tolist(), known, strict=True)))
    new_tracks = [
        {**track, "refused": not_kept.get(int(track["device_id"]), {})}
        for track in _tracks(device_ids, kept, source, batch_id)
    ]
    tracks = track_rows.add_tracks(session, new_tracks, now)
    _ensure_months(session, kept.time_us)
    rows = FixRows(
        device_ids, kept.time_us, kept.lon, kept.lat, kept.accuracy_m, kept.speed_mps, kept.heading_deg, kept.mode,
        np.array([tracks[int(device)] for device in np.unique(device_ids)])[np.unique(device_ids, return_inverse=True)[1]],
    )  # fmt: skip
    new = store.insert_fixes(session, rows, now)
    stored = track_rows.drop_empty(session, list(tracks.values()), rows.track_id[new])
    days = mark_days(session, settings, device_ids[new], kept.time_us[new])
    return Received(int(new.sum()), int((~new).sum()), counts, tuple(stored), days)


@dataclass(frozen=True)
class Corrected:
    """What a correction took away: how many fixes, and the days that wait to be computed without them."""

    fixes: int
    days: tuple[date, ...]


def delete_track(session: Session, settings: Settings, track_id: int, *, by: int | None = None) -> Corrected:
    """Delete a track and its fixes; the days it touched are rebuilt from what remains."""
    corrected = _without(session, settings, track_rows.delete_fixes(session, track_id))
    audit.record(session, by, "track.delete", "track", str(track_id), {"fixes": corrected.fixes})
    return corrected


def cut_track(
    session: Session,
    settings: Settings,
    track_id: int,
    since: datetime,
    before: datetime,
    *,
    by: int | None = None,
) -> Corrected:
    """Take the fixes from `since` until before `before` out of a track; raises NotFound when there are none."""
    span = {"since": since.isoformat(), "before": before.isoformat()}
    if before <= since:
        raise BadRequest("span_reversed", **span)
    corrected = _without(session, settings, track_rows.delete_fixes(session, track_id, since, before))
    if corrected.fixes == 0:
        raise NotFound("span_without_fixes", id=track_id, **span)
    audit.record(session, by, "track.cut", "track", str(track_id), {"fixes": corrected.fixes, **span})
    return corrected


def list_tracks(
    session: Session, settings: Settings, window: tuple[date | None, date | None], *, device: str | None = None,
    limit: int = 100,
) -> list[TrackRow]:  # fmt: skip
    """Return the newest tracks of a window of days (either end open), oldest first; raises NotFound for the device."""
    from_on, to_on = window
    if from_on and to_on and to_on < from_on:
        raise BadRequest("window_reversed", from_on=from_on.isoformat(), to_on=to_on.isoformat())
    if device is not None and not track_rows.has_device(session, device):
        raise NotFound("device_unknown", device=device)
    since = day_start(from_on, settings.zone_info) if from_on else None
    before = day_start(to_on + timedelta(days=1), settings.zone_info) if to_on else None
    return track_rows.find_tracks(session, since, before, device, limit)


def _without(
    session: Session, settings: Settings, gone: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> Corrected:
    device_ids, time_us = gone
    return Corrected(len(time_us), mark_days(session, settings, device_ids, time_us))


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
    order = np.lexsort((time_us, device_ids))
    device, at_us = device_ids[order], time_us[order]
    quarter = at_us // (900 * _US)
    begins = np.r_[True, (device[1:] != device[:-1]) | (quarter[1:] != quarter[:-1])]
    for device_id, instant_us in zip(device[begins].tolist(), at_us[begins].tolist(), strict=True):
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


def _plausible(
    fixes: Fixes, settings: Settings, now: datetime
) -> tuple[NDArray[np.bool_], dict[str, NDArray[np.bool_]]]:
    """Return which fixes (n,) can be kept at all, and which of the others are refused by which reason."""
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
        if np.any(holds & keep):
            refused[reason] = holds & keep
        keep &= ~holds
    return keep, refused


def _by_device(
    fixes: Fixes, refused: dict[str, NDArray[np.bool_]], ids: dict[str, int]
) -> dict[int, dict[str, int]]:
    """Return how many fixes of each device that has an id were refused, by reason."""
    counts: dict[int, dict[str, int]] = {}
    for reason, holds in refused.items():
        for code, count in zip(*np.unique(fixes.device[holds].astype(str), return_counts=True), strict=True):
            if str(code) in ids:
                counts.setdefault(ids[str(code)], {})[reason] = int(count)
    return counts


def _tracks(
    device_ids: NDArray[np.int64], fixes: Fixes, source: str, batch_id: int | None
) -> list[dict[str, Any]]:
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

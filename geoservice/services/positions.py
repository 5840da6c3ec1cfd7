"""Positions as devices report them: each is stored once, whatever comes late, twice, out of order or from a wrong clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.windows import instant_of, local_day
from geoservice.errors import NotAllowed, TooLarge
from geoservice.services import tracking
from geoservice.services.ground import ensure_deployment
from geoservice.store import fixes, position_rows, track_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.positions import Position
    from geoservice.store.position_rows import Reporter

MOST_POSITIONS = 2000
"""Taken in one body; a phone that has more to tell does so in parts."""

_EARLIEST_US = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


class WrongToken(NotAllowed):
    """No device has this token."""

    code = "device_token_wrong"


@dataclass
class Taken:
    """What became of the positions of one body: new, known before, kept apart for a clock ahead, or refused by reason."""

    new: int = 0
    repeated: int = 0
    quarantined: int = 0
    refused: dict[str, int] = field(default_factory=dict)


@dataclass
class _Sorted:
    """Positions by what is to become of them; `at`, `days`: instant and local day of each that is kept."""

    kept: list[Position] = field(default_factory=list)
    at: list[datetime] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    ahead: list[Position] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)


def hash_of(token: str) -> bytes:
    """Return what is kept of a device's token."""
    return hashlib.sha256(token.encode()).digest()


def receive_positions(
    session: Session,
    settings: Settings,
    token: str,
    positions: Sequence[Position],
    *,
    source: str,
    now: datetime,
) -> Taken:
    """Store what a device reports; any order, repetition or division into bodies gives the same state.

    WrongToken, NotAllowed (the device is switched off) and TooLarge store nothing.
    """
    if len(positions) > MOST_POSITIONS:
        raise TooLarge("too_many_positions", count=len(positions), most=MOST_POSITIONS)
    found = _sort(positions, settings, now)
    days = sorted(set(found.days))
    months = {at.date().replace(day=1) for at in found.at}
    reporter = position_rows.find_reporter(
        session, hash_of(token), days, source, [f"fix_{month:%Y_%m}" for month in months]
    )
    if reporter is None:
        raise WrongToken
    if not reporter.active:
        raise NotAllowed("device_inactive", code=reporter.code)
    new = _store(session, settings, reporter, found, (days, source, now)) if found.kept else 0
    if found.ahead:
        rows = [(instant_of(each.time_us), each.lon, each.lat) for each in found.ahead]
        position_rows.quarantine(session, reporter.device_id, rows, now)
    return Taken(new, len(found.kept) - new, len(found.ahead), found.refused)


def receive_fixes(
    session: Session, settings: Settings, batch: tracking.Fixes, *, source: str, now: datetime
) -> tuple[tracking.Received, int]:
    """Store fixes of any number of devices at once; return what became of them, and how many were kept apart newly."""
    received = tracking.receive(session, settings, batch, source=source, now=now)
    latest_us = (now.timestamp() + settings.max_clock_ahead_s) * 1_000_000
    ahead = np.flatnonzero(
        (batch.time_us > int(latest_us)) & (np.abs(batch.lon) <= 180) & (np.abs(batch.lat) <= 90)
    )
    kept = 0
    for code in np.unique(batch.device[ahead].astype(str)):
        (device_id,) = track_rows.ensure_devices(session, [str(code)])
        mine = ahead[batch.device[ahead].astype(str) == code]
        rows = [
            (instant_of(int(batch.time_us[one])), float(batch.lon[one]), float(batch.lat[one]))
            for one in mine
        ]
        kept += position_rows.quarantine(session, device_id, rows, now)
    return received, kept


def _store(
    session: Session,
    settings: Settings,
    reporter: Reporter,
    found: _Sorted,
    told: tuple[list[date], str, datetime],
) -> int:
    """Store the positions that can be kept; return how many were new."""
    days, source, now = told
    if not reporter.deployed:
        ensure_deployment(session, settings, found.kept[0].lon, found.kept[0].lat)
    if reporter.missing_partitions:
        fixes.ensure_partitions(session, {at.date() for at in found.at})
    tracks = reporter.tracks
    made = None in tracks
    known = [track for track in tracks if track is not None]
    if made:
        known = position_rows.make_tracks(session, reporter, days, source, now)
    there, new = position_rows.store_positions(session, _columns(reporter, found, days, known, now))
    while there < len(days):
        # Somebody deleted a track between the two questions; what was on it belongs to the one made now.
        known, made = position_rows.make_tracks(session, reporter, days, source, now), True
        there, more = position_rows.store_positions(session, _columns(reporter, found, days, known, now))
        new += more
    if made and new < len(found.kept):
        position_rows.drop_empty_tracks(session, known)
    return new


def _columns(
    reporter: Reporter, found: _Sorted, days: list[date], tracks: list[int], now: datetime
) -> dict[str, object]:
    track_of = dict(zip(days, tracks, strict=False))
    _, lon, lat, accuracy, speed, heading = (list(column) for column in zip(*found.kept, strict=True))
    return {
        "device": reporter.device_id, "mode": reporter.mode, "now": now, "tracks": tracks,
        "at": found.at, "lon": lon, "lat": lat, "accuracy": accuracy,
        "speed": speed, "heading": heading, "track": [track_of.get(day) for day in found.days],
    }  # fmt: skip


def _sort(positions: Sequence[Position], settings: Settings, now: datetime) -> _Sorted:
    """Tell positions that can be kept from those of a clock far ahead, and from those that never were one."""
    found = _Sorted()
    zone = settings.zone_info
    latest_us = int((now.timestamp() + settings.max_clock_ahead_s) * 1_000_000)
    for each in positions:
        if each.lon == 0 and each.lat == 0:
            found.refused["null_island"] = found.refused.get("null_island", 0) + 1
        elif each.time_us < _EARLIEST_US:
            found.refused["before_1990"] = found.refused.get("before_1990", 0) + 1
        elif each.time_us > latest_us:
            found.ahead.append(each)
        else:
            at = instant_of(each.time_us)
            found.kept.append(each)
            found.at.append(at)
            found.days.append(local_day(at, zone))
    return found

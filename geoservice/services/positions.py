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
    taken = take_positions(session, settings, token, positions, source=source, now=now)
    if taken is None:
        found = _sort(positions, settings, now)
        ensure_deployment(session, settings, found.kept[0].lon, found.kept[0].lat)
        fixes.ensure_partitions(session, {at.date() for at in found.at})
        taken = take_positions(session, settings, token, positions, source=source, now=now)
    assert taken is not None
    return taken


def take_positions(
    session: Session,
    settings: Settings,
    token: str,
    positions: Sequence[Position],
    *,
    source: str,
    now: datetime,
) -> Taken | None:
    """Store what a device reports by one statement; None, with nothing stored, where there is no room for it yet.

    The session may commit each statement by itself: what is kept apart comes second, and whoever hears nothing sends again.
    """
    if len(positions) > MOST_POSITIONS:
        raise TooLarge("too_many_positions", count=len(positions), most=MOST_POSITIONS)
    found = _sort(positions, settings, now)
    stored = position_rows.take_positions(session, _columns(found, token, source, now))
    if stored.device_id is None:
        raise WrongToken
    if not stored.active:
        raise NotAllowed("device_inactive", code=stored.code)
    if found.kept and not stored.has_room:
        return None
    if found.ahead:
        rows = [(instant_of(each.time_us), each.lon, each.lat) for each in found.ahead]
        position_rows.quarantine(session, stored.device_id, rows, now)
    return Taken(stored.new, len(found.kept) - stored.new, len(found.ahead), found.refused)


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


def _columns(found: _Sorted, token: str, source: str, now: datetime) -> dict[str, object]:
    columns = [(each.lon, each.lat, *each[3:]) for each in found.kept]
    lon, lat, accuracy, speed, heading = map(list, zip(*columns, strict=True)) if columns else ([],) * 5
    months = {at.date().replace(day=1) for at in found.at}
    return {
        "token": hash_of(token), "source": source, "now": now,
        "partitions": [f"fix_{month:%Y_%m}" for month in months], "days": sorted(set(found.days)),
        "at": found.at, "on": found.days, "lon": lon, "lat": lat,
        "accuracy": accuracy, "speed": speed, "heading": heading,
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

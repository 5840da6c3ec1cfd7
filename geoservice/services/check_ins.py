"""Somebody is at a point and says so: each check-in is stored once, however often a phone sends it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.formats.text import text_fault
from geoservice.store import check_in_rows as store
from geoservice.store.check_in_rows import CheckInRow, StoredCheckIn

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

LONGEST_NOTE = 500
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class NewCheckIn:
    """What somebody says. The point by its code or its id; `at` aware; `lon`, `lat` where the phone was, WGS 84.

    `client_uuid` is the phone's own name for it, under which it may be sent again.
    """

    at: datetime
    has_findings: bool
    point_code: str | None = None
    point_id: int | None = None
    member_id: int | None = None
    note: str = ""
    lon: float | None = None
    lat: float | None = None
    client_uuid: UUID | None = None


def record(session: Session, settings: Settings, new: NewCheckIn, *, now: datetime) -> StoredCheckIn:
    """Store a check-in; one that was sent before is given back as it was stored first.

    BadRequest where it can't be true, NotFound where the point or the member is not there.
    """
    if new.client_uuid is not None and (known := store.check_in_by(session, client_uuid=new.client_uuid)):
        return known
    if new.at.tzinfo is None:
        raise BadRequest("check_in_time_without_zone", at=new.at.isoformat())
    if fault := moment_fault(new.at, settings, now):
        raise BadRequest(fault, at=new.at.isoformat())
    refuse_bad_note(new.note)
    refuse_bad_place(new.lon, new.lat)
    if new.member_id is not None and not store.has_member(session, new.member_id):
        raise NotFound("member_id_unknown", id=new.member_id)
    row = CheckInRow(
        _point_of(session, new), new.at, new.member_id, new.has_findings, new.note.strip(), new.lon, new.lat
    )
    added = store.add_check_in(session, row, new.client_uuid, now)
    # Without an id another transaction has just stored it; None then: it is not for this session to see.
    found = store.check_in_by(session, check_in_id=added, client_uuid=None if added else new.client_uuid)
    if found is None:
        raise Conflict
    return found


def moment_fault(at: datetime, settings: Settings, now: datetime) -> str | None:
    """Why nobody can have been anywhere at this moment, as a code; None when he can."""
    if at > now + timedelta(seconds=settings.max_clock_ahead_s):
        return "check_in_in_future"
    return "check_in_too_old" if at < EARLIEST else None


def refuse_bad_note(note: str) -> None:
    """Raise BadRequest for a note that is too long or can't be stored."""
    if len(note) > LONGEST_NOTE:
        raise BadRequest("check_in_note_too_long", length=len(note), most=LONGEST_NOTE)
    if text_fault(note):
        raise BadRequest("unreadable_text")


def refuse_bad_place(lon: float | None, lat: float | None) -> None:
    """Raise BadRequest for what is told as a place and is none on Earth; nothing told is well."""
    if lon is None and lat is None:
        return
    shown = {"lon": lon, "lat": lat}
    if lon is None or lat is None or not (math.isfinite(lon) and math.isfinite(lat)):
        raise BadRequest("check_in_place_invalid", **shown)
    if abs(lon) > 180 or abs(lat) > 90 or (lon == 0 and lat == 0):
        raise BadRequest("check_in_place_invalid", **shown)


def _point_of(session: Session, new: NewCheckIn) -> int:
    named = new.point_id if new.point_code is None else new.point_code
    found = (
        None
        if new.point_code is not None and text_fault(new.point_code)
        else store.find_point(session, point_id=new.point_id, code=new.point_code)
    )
    if found is None:
        raise NotFound("point_unknown", point=named)
    point_id, active = found
    if not active:
        raise BadRequest("point_inactive", point=named)
    return point_id

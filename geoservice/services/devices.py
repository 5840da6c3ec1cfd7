"""Devices that report positions: whose they are, and the tokens they report with, shown once and kept as a hash."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.formats.text import text_fault
from geoservice.services.positions import hash_of
from geoservice.store import audit, device_rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.store.device_rows import DeviceRow, KeptApart
    from geoservice.store.people import Device

LONGEST_CODE = 64
KEPT_APART_LISTED = 200
# 160 bits: no guessing gets there, and somebody may have to type it on a phone.
_TOKEN_BYTES = 20


@dataclass(frozen=True)
class Owner:
    """Whose a device is to be, by codes: a member, a team, both or nobody ("")."""

    member: str = ""
    team: str = ""


def list_devices(session: Session) -> list[DeviceRow]:
    """Return every device with its last fix, by team and code."""
    return device_rows.all_devices(session)


def list_kept_apart(session: Session, device_id: int) -> list[KeptApart]:
    """Return the newest positions of a device that were kept apart because its clock was far ahead."""
    return device_rows.kept_apart(session, device_id, KEPT_APART_LISTED)


def add_device(session: Session, code: str, owner: Owner, *, by: int | None) -> Device:
    """Add a device that may not report yet; BadRequest for the code, NotFound for the owner, Conflict when it exists."""
    code = code.strip()
    if not 1 <= len(code) <= LONGEST_CODE or text_fault(code):
        raise BadRequest("device_code_bad", most=LONGEST_CODE)
    if device_rows.device_by(session, code=code) is not None:
        raise Conflict("device_exists", code=code)
    member_id, team_id = _owner_ids(session, owner)
    row = device_rows.add_device(session, code, member_id, team_id)
    audit.record(session, by, "device.add", "device", str(row.id), {"code": code, **vars(owner)})
    return row


def give_device(session: Session, device_id: int, owner: Owner, *, active: bool, by: int | None) -> None:
    """Say whose a device is, and whether it may report at all."""
    row = find_device(session, device_id=device_id)
    row.member_id, row.team_id = _owner_ids(session, owner)
    row.active = active
    audit.record(
        session, by, "device.give", "device", str(row.id), {"code": row.code, "active": active, **vars(owner)}
    )


def make_token(session: Session, device_id: int, *, now: datetime, by: int | None) -> str:
    """Make the token a device reports with and return it, which nobody can do again; one it had ends."""
    row = find_device(session, device_id=device_id)
    token = base64.b32encode(secrets.token_bytes(_TOKEN_BYTES)).decode().lower()
    row.token_sha256, row.token_made_at = hash_of(token), now
    audit.record(session, by, "device.token", "device", str(row.id), {"code": row.code})
    return token


def revoke_token(session: Session, device_id: int, *, by: int | None) -> None:
    """End a device's token at once; NotFound when it has none."""
    row = find_device(session, device_id=device_id)
    if row.token_sha256 is None:
        raise NotFound
    row.token_sha256 = row.token_made_at = None
    audit.record(session, by, "device.revoke", "device", str(row.id), {"code": row.code})


def find_device(session: Session, *, device_id: int | None = None, code: str | None = None) -> Device:
    """Return one device by id or code; raises NotFound."""
    row = device_rows.device_by(session, device_id=device_id, code=code)
    if row is None:
        raise (
            NotFound("device_unknown", device=code)
            if code is not None
            else NotFound("device_id_unknown", id=device_id)
        )
    return row


def own_device(session: Session, member_id: int) -> str:
    """Return the code of the device that a member's own files are of: his first, or one made in his name."""
    found = device_rows.devices_of(session, member_id)
    if found:
        return found[0].code
    member = device_rows.member_of_id(session, member_id)
    if member is None:
        raise NotFound("member_id_unknown", id=member_id)
    code = f"{member.code} GPX"[:LONGEST_CODE]
    known = device_rows.device_by(session, code=code)
    row = known or device_rows.add_device(session, code, member_id)
    return row.code


def _owner_ids(session: Session, owner: Owner) -> tuple[int | None, int | None]:
    member = device_rows.member_of_code(session, owner.member) if owner.member else None
    team = device_rows.team_of_code(session, owner.team) if owner.team else None
    if owner.member and member is None:
        raise NotFound("device_member_unknown", code=owner.member[:LONGEST_CODE])
    if owner.team and team is None:
        raise NotFound("device_team_unknown", code=owner.team[:LONGEST_CODE])
    return member.id if member else None, team.id if team else None

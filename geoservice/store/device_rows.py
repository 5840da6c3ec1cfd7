"""Devices, whose they are, and what they reported last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from geoservice.store.people import Device, Member, Team

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class DeviceRow:
    """A device as people read of it; `team` is its own or its member's. `kept_apart`: positions of a clock far ahead."""

    id: int
    code: str
    active: bool
    member_code: str | None
    member: str | None
    team_id: int | None
    team_code: str | None
    team: str | None
    own_team_code: str | None
    token_made_at: datetime | None
    last_at: datetime | None
    received_at: datetime | None
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    speed_mps: float | None
    kept_apart: int


@dataclass(frozen=True)
class KeptApart:
    """A position that a device reported for a time that had not come."""

    device: str
    recorded_at: datetime
    received_at: datetime
    lon: float
    lat: float


def all_devices(session: Session) -> list[DeviceRow]:
    """Return every device with its last fix, by team and code. The index answers for each device from its newest month."""
    rows = session.execute(
        text(
            "SELECT d.id, d.code, d.active, m.code AS member_code, m.name AS member, t.id AS team_id, t.code AS team_code, "
            "t.name AS team, o.code AS own_team_code, d.token_made_at, f.recorded_at AS last_at, f.received_at, f.lon, f.lat, "
            "nullif(f.accuracy_m, 'NaN') AS accuracy_m, nullif(f.speed_mps, 'NaN') AS speed_mps, "
            "(SELECT count(*) FROM quarantined_fix q WHERE q.device_id = d.id) AS kept_apart "
            "FROM device d LEFT JOIN team o ON o.id = d.team_id LEFT JOIN member m ON m.id = d.member_id LEFT JOIN team t ON t.id = coalesce(d.team_id, m.team_id) "
            "LEFT JOIN LATERAL (SELECT * FROM fix WHERE device_id = d.id ORDER BY recorded_at DESC LIMIT 1) f ON true "
            "ORDER BY t.name NULLS LAST, d.code"
        )
    )
    return [DeviceRow(**row._mapping) for row in rows]


def kept_apart(session: Session, device_id: int, limit: int) -> list[KeptApart]:
    """Return the newest positions of a device that were kept apart."""
    rows = session.execute(
        text(
            "SELECT d.code AS device, q.recorded_at, q.received_at, q.lon, q.lat FROM quarantined_fix q "
            "JOIN device d ON d.id = q.device_id WHERE q.device_id = :device ORDER BY q.received_at DESC, q.recorded_at DESC LIMIT :limit"
        ),
        {"device": device_id, "limit": limit},
    )
    return [KeptApart(**row._mapping) for row in rows]


def device_by(session: Session, *, device_id: int | None = None, code: str | None = None) -> Device | None:
    """Return one device by its id or its code, locked until the transaction ends."""
    query = select(Device).where(Device.id == device_id if code is None else Device.code == code)
    return session.scalar(query.with_for_update())


def devices_of(session: Session, member_id: int) -> list[Device]:
    """Return a member's own devices that are in use, the oldest first."""
    query = select(Device).where(Device.member_id == member_id, Device.active).order_by(Device.id)
    return list(session.scalars(query))


def add_device(
    session: Session, code: str, member_id: int | None = None, team_id: int | None = None
) -> Device:
    """Add a device; the caller knows that its code is free."""
    row = Device(code=code, member_id=member_id, team_id=team_id)
    session.add(row)
    session.flush()
    return row


def member_of_code(session: Session, code: str) -> Member | None:
    """Return one member."""
    return session.scalar(select(Member).where(Member.code == code))


def member_of_id(session: Session, member_id: int) -> Member | None:
    """Return one member."""
    return session.get(Member, member_id)


def team_of_code(session: Session, code: str) -> Team | None:
    """Return one team."""
    return session.scalar(select(Team).where(Team.code == code))


def owners(session: Session) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return (code, name) of every member and of every active team, by name."""
    members = session.execute(select(Member.code, Member.name).order_by(Member.name, Member.code))
    teams = session.execute(select(Team.code, Team.name).where(Team.active).order_by(Team.name, Team.code))
    return [(code, name) for code, name in members], [(code, name) for code, name in teams]


@dataclass(frozen=True)
class PatrolNow:
    """A patrol of the day: whose, and from when until when, by itself or by the team's shift."""

    patrol_id: int
    team_id: int
    team_code: str
    team: str
    name: str
    status: str
    starts_at: datetime
    ends_at: datetime
    finished_at: datetime | None


def patrols_on(session: Session, on: date, timezone: str) -> list[PatrolNow]:
    """Return the patrols that were published for a day, in the order in which they begin."""
    rows = session.execute(
        text(
            "SELECT p.id AS patrol_id, t.id AS team_id, t.code AS team_code, t.name AS team, r.name, p.status, "
            "coalesce(p.starts_at, (p.on_day + t.shift_from) AT TIME ZONE :timezone) AS starts_at, "
            "coalesce(p.ends_at, (p.on_day + t.shift_to) AT TIME ZONE :timezone) AS ends_at, p.finished_at "
            "FROM patrol p JOIN team t ON t.id = p.team_id JOIN route r ON r.id = p.route_id "
            "WHERE p.on_day = :on AND p.status IN ('published', 'under_way', 'done') ORDER BY starts_at, t.code, p.id"
        ),
        {"on": on, "timezone": timezone},
    )
    return [PatrolNow(**row._mapping) for row in rows]


def mode_of(session: Session, code: str) -> int:
    """Return how the team of a device moves, its own before its member's; on foot where there is none."""
    found = session.scalar(
        text(
            "SELECT coalesce(t.mode, mt.mode, 1) FROM device d LEFT JOIN team t ON t.id = d.team_id "
            "LEFT JOIN member m ON m.id = d.member_id LEFT JOIN team mt ON mt.id = m.team_id WHERE d.code = :code"
        ),
        {"code": code},
    )
    return int(found or 1)

"""Check-ins, one at a time from phones and many from files."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from geoservice.store.bulk import in_chunks, run_in_chunks
from geoservice.store.people import Member
from geoservice.store.points import Point
from geoservice.store.sightings import CheckIn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

# Metres on the ellipsoid from a place to the point; NULL where no place is told.
_DISTANCE = "ST_Distance(p.geom::geography, ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326)::geography)"


@dataclass(frozen=True)
class StoredCheckIn:
    """A check-in as stored; `distance_m` from the phone to the point, None where it did not say where it was."""

    id: int
    point_id: int
    member_id: int | None
    at: datetime
    received_at: datetime
    has_findings: bool
    note: str
    lon: float | None
    lat: float | None
    distance_m: float | None
    client_uuid: UUID | None


@dataclass(frozen=True)
class CheckInRow:
    """A check-in to be stored. Point, moment and member make it the same one again."""

    point_id: int
    at: datetime
    member_id: int | None
    has_findings: bool
    note: str = ""
    lon: float | None = None
    lat: float | None = None

    @property
    def key(self) -> tuple[int, datetime, int | None]:
        """What makes it this check-in and no other."""
        return self.point_id, self.at, self.member_id


_COLUMNS = tuple(getattr(CheckIn, item.name) for item in fields(StoredCheckIn))
_TYPES = {
    "point_id": "int",
    "at": "timestamptz",
    "member_id": "int",
    "has_findings": "boolean",
    "note": "text",
    "lon": "float8",
    "lat": "float8",
}
_UNNESTED = f"unnest({', '.join(f'CAST(:{name} AS {kind}[])' for name, kind in _TYPES.items())}) AS r({', '.join(_TYPES)})"


def find_point(session: Session, *, point_id: int | None, code: str | None) -> tuple[int, bool] | None:
    """Return the id of a point and whether it is to be visited; None: there is none, or not for this session."""
    query = select(Point.id, Point.active).where(Point.id == point_id if code is None else Point.code == code)
    row = session.execute(query).one_or_none()
    return None if row is None else (row.id, row.active)


def has_member(session: Session, member_id: int) -> bool:
    """Tell whether there is such a member."""
    return session.get(Member, member_id) is not None


def add_check_in(session: Session, row: CheckInRow, client_uuid: UUID | None, now: datetime) -> int | None:
    """Store a check-in → its id; None when `client_uuid` is stored already."""
    place = {"lon": row.lon, "lat": row.lat, "id": row.point_id}
    distance = (
        session.scalar(
            text(f"SELECT {_DISTANCE.format(lon=':lon', lat=':lat')} FROM point p WHERE p.id = :id"), place
        )
        if row.lon is not None
        else None
    )
    values = {
        **{name: getattr(row, name) for name in _TYPES},
        "received_at": now,
        "distance_m": distance,
        "client_uuid": client_uuid,
    }
    added: int | None = session.scalar(
        insert(CheckIn)
        .values(values)
        .on_conflict_do_nothing(index_elements=["client_uuid"])
        .returning(CheckIn.id)
    )
    return added


def check_in_by(
    session: Session, *, check_in_id: int | None = None, client_uuid: UUID | None = None
) -> StoredCheckIn | None:
    """Return one check-in by its id, or by what the phone calls it."""
    which = CheckIn.id == check_in_id if client_uuid is None else CheckIn.client_uuid == client_uuid
    row = session.execute(select(*_COLUMNS).where(which)).one_or_none()
    return None if row is None else StoredCheckIn(*row)


def active_point_ids(session: Session, codes: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """Code → id of a point, and whether it is to be visited."""
    sql = "SELECT code, id, active FROM point WHERE code = ANY(CAST(:codes AS text[]))"
    return {row.code: (row.id, row.active) for row in in_chunks(session, sql, {"codes": codes})}


def members_by_word(session: Session) -> dict[str, list[tuple[int, str]]]:
    """Code or name of a member, in small letters → (id, code) of everybody whose it is; a code comes before any name."""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in session.execute(select(Member.id, Member.code, Member.name).order_by(Member.code)):
        found.setdefault(row.name.casefold(), []).append((row.id, row.code))
    by_code = session.execute(select(Member.id, Member.code))
    return found | {row.code.casefold(): [(row.id, row.code)] for row in by_code}


def stored_like(
    session: Session, rows: Sequence[CheckInRow]
) -> dict[tuple[int, datetime, int | None], tuple[int, bool, str]]:
    """Key → (id, has findings, note) of the stored check-ins of these points and moments; the first of equal ones."""
    sql = """
        SELECT DISTINCT ON (c.point_id, c.at, c.member_id) c.id, c.point_id, c.at, c.member_id, c.has_findings, c.note
        FROM unnest(CAST(:points AS int[]), CAST(:moments AS timestamptz[])) AS r(point_id, at)
        JOIN check_in c ON c.point_id = r.point_id AND c.at = r.at ORDER BY c.point_id, c.at, c.member_id, c.id
    """
    columns: dict[str, list[Any]] = {
        "points": [row.point_id for row in rows],
        "moments": [row.at for row in rows],
    }
    return {
        (row.point_id, row.at, row.member_id): (row.id, row.has_findings, row.note)
        for row in in_chunks(session, sql, columns)
    }


def insert_check_ins(session: Session, rows: Sequence[CheckInRow], batch_id: int, now: datetime) -> None:
    """Store check-ins of a batch."""
    names = ", ".join(_TYPES)
    sql = f"""
        INSERT INTO check_in ({names}, distance_m, received_at, batch_id)
        SELECT {", ".join(f"r.{name}" for name in _TYPES)}, {_DISTANCE.format(lon="r.lon", lat="r.lat")}, :now, :batch
        FROM {_UNNESTED} JOIN point p ON p.id = r.point_id
    """
    columns = {name: [getattr(row, name) for row in rows] for name in _TYPES}
    run_in_chunks(session, sql, columns, {"batch": batch_id, "now": now})


def update_check_ins(session: Session, rows: Sequence[tuple[int, bool, str]], batch_id: int) -> None:
    """Set what was found, (id, has findings, note) each."""
    sql = """
        UPDATE check_in c SET has_findings = r.has_findings, note = r.note, batch_id = :batch
        FROM unnest(CAST(:ids AS bigint[]), CAST(:findings AS boolean[]), CAST(:notes AS text[])) AS r(id, has_findings, note)
        WHERE c.id = r.id
    """
    ids, findings, notes = ([row[place] for row in rows] for place in range(3))
    run_in_chunks(session, sql, {"ids": ids, "findings": findings, "notes": notes}, {"batch": batch_id})

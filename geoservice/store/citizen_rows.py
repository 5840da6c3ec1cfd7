"""What citizens sent: stored once, found again by its tracking code, worked on at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from geoservice.store.evidence import CitizenReport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class NewReport:
    """A report to be stored; `contact` may name the citizen."""

    code_sha256: bytes
    description: str
    lon: float
    lat: float
    zone_id: int
    contact: str
    at: datetime
    client_uuid: UUID


@dataclass(frozen=True)
class ListedReport:
    """A report as the desk's list shows it: nothing of it names the citizen; `case_state` of the case it became."""

    id: int
    state: str
    description: str
    at: datetime
    answered_at: datetime | None
    photos: int
    case_number: str | None
    case_state: str | None


@dataclass(frozen=True)
class Tracked:
    """What the public may learn of a report."""

    state: str
    reply: str
    at: datetime
    answered_at: datetime | None
    case_state: str | None
    case_closed_at: datetime | None


# A case that was joined into another goes on as that one.
_CASE = """
    LEFT JOIN LATERAL (
        WITH RECURSIVE way AS (
            SELECT c.id, c.number, c.state, c.closed_at, c.joined_into_id, 1 AS depth FROM patrol_case c WHERE c.id = r.case_id
            UNION ALL
            SELECT c.id, c.number, c.state, c.closed_at, c.joined_into_id, way.depth + 1
            FROM patrol_case c JOIN way ON c.id = way.joined_into_id WHERE way.depth < 10
        ) SELECT * FROM way ORDER BY depth DESC LIMIT 1
    ) k ON true
"""


def add_report(session: Session, new: NewReport) -> int | None:
    """Store a report → its id; None when its `client_uuid` is stored already."""
    added: int | None = session.scalar(
        insert(CitizenReport)
        .values(**vars(new))
        .on_conflict_do_nothing(index_elements=["client_uuid"])
        .returning(CitizenReport.id)
    )
    return added


def report_of_uuid(session: Session, client_uuid: UUID) -> CitizenReport | None:
    """Return the report that was sent under a name."""
    return session.scalar(select(CitizenReport).where(CitizenReport.client_uuid == client_uuid))


def tracked_by(session: Session, code_sha256: bytes) -> Tracked | None:
    """Return what the public may learn of the report with a tracking code."""
    row = session.execute(
        text(
            "SELECT r.state, r.reply, r.at, r.answered_at, k.state AS case_state, k.closed_at AS case_closed_at "
            f"FROM citizen_report r {_CASE} WHERE r.code_sha256 = :code"
        ),
        {"code": code_sha256},
    ).one_or_none()
    return None if row is None else Tracked(*row)


def list_reports(
    session: Session, state: str | None, *, before_id: int | None, limit: int
) -> list[ListedReport]:
    """Return the reports in a state (None: any) that came before one, the newest first."""
    rows = session.execute(
        text(
            "SELECT r.id, r.state, r.description, r.at, r.answered_at, (SELECT count(*) FROM evidence e "
            "WHERE e.citizen_report_id = r.id) AS photos, k.number AS case_number, k.state AS case_state "
            f"FROM citizen_report r {_CASE} WHERE (CAST(:state AS text) IS NULL OR r.state = :state) "
            "AND (CAST(:before AS bigint) IS NULL OR r.id < :before) ORDER BY r.id DESC LIMIT :limit"
        ),
        {"state": state, "before": before_id, "limit": limit},
    )
    return [ListedReport(*row) for row in rows]


def count_by_state(session: Session) -> dict[str, int]:
    """State → how many reports are in it."""
    rows = session.execute(select(CitizenReport.state, func.count()).group_by(CitizenReport.state))
    return {row.state: row[1] for row in rows}


def report_by_id(session: Session, report_id: int, *, lock: bool = False) -> CitizenReport | None:
    """Return one report; `lock` makes others wait until we are done."""
    return session.get(CitizenReport, report_id, with_for_update=lock, populate_existing=True)


def case_of(session: Session, case_id: int) -> tuple[str, str] | None:
    """Return number and state of a case; None when there is none, or none for this session."""
    row = session.execute(
        text("SELECT number, state FROM patrol_case WHERE id = :id"), {"id": case_id}
    ).one_or_none()
    return None if row is None else (row.number, row.state)


def case_of_number(session: Session, number: str) -> int | None:
    """Return the id of the case with a number; None when there is none, or none for this session."""
    found: int | None = session.scalar(
        text("SELECT id FROM patrol_case WHERE number = :number"), {"number": number}
    )
    return found


def move_photos(session: Session, report_id: int, case_id: int) -> Sequence[int]:
    """Let a report's photos be a case's: they show how it was → their ids."""
    moved = session.scalars(
        text(
            "UPDATE evidence SET case_id = :case, citizen_report_id = NULL, stage = 'before' "
            "WHERE citizen_report_id = :report RETURNING id"
        ),
        {"case": case_id, "report": report_id},
    ).all()
    session.execute(
        text("UPDATE evidence_print SET subject = :subject WHERE evidence_id = ANY(:ids)"),
        {"subject": f"case:{case_id}", "ids": list(moved)},
    )
    return moved

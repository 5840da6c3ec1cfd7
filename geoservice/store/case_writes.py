"""Cases while somebody acts on them: rows locked until he is done, numbers given out once, steps added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from geoalchemy2 import WKBElement
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from geoservice.store.cases import Case, CaseClock, CaseKind, CaseRequest, CaseStep, DeadlineMove, WorkShift
from geoservice.store.evidence import Evidence
from geoservice.store.orders import Numbering
from geoservice.store.zones import SRID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geoservice.store.base import Base

_FOLLOWING = ("working_hours", "working_days")
_HOURS = "hashtext('hours that clocks count by')"


def lock_uuid(session: Session, client_uuid: UUID) -> None:
    """Let nobody else take in the same thing until we are done, also before it is a row."""
    key = client_uuid.int & 0x7FFF_FFFF_FFFF_FFFF
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def keep_hours(session: Session, *, to_change: bool = False) -> None:
    """Let nobody change the hours that clocks count by until we are done; `to_change`: let nobody count by them either."""
    lock = "pg_advisory_xact_lock" if to_change else "pg_advisory_xact_lock_shared"
    session.execute(text(f"SELECT {lock}({_HOURS})"))


def keep_clocks(session: Session) -> bool:
    """Let nobody change a clock until we are done; False, without waiting, where somebody does just now."""
    return session.scalar(text(f"SELECT pg_try_advisory_xact_lock({_HOURS})")) is True


def lock_case(session: Session, case_id: int) -> Case | None:
    """Return a case that nobody else changes until we are done; as it is now, whatever was read before."""
    return session.get(Case, case_id, with_for_update={"key_share": True}, populate_existing=True)


def case_by_id(session: Session, case_id: int) -> Case | None:
    """Return a case as it is now, to be looked at only."""
    return session.get(Case, case_id, populate_existing=True)


def case_of_uuid(session: Session, client_uuid: UUID) -> Case | None:
    """Return the case that a phone's own name for it made."""
    return session.scalar(select(Case).where(Case.client_uuid == client_uuid))


def step_of_uuid(session: Session, client_uuid: UUID) -> CaseStep | None:
    """Return the step that a phone's own name for it made."""
    return session.scalar(select(CaseStep).where(CaseStep.client_uuid == client_uuid))


def last_step(session: Session, case_id: int) -> CaseStep | None:
    """Return the step that took effect last."""
    query = select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.number.desc()).limit(1)
    return session.scalar(query)


def last_replier(session: Session, case_id: int) -> int | None:
    """Return who replied last."""
    return session.scalar(
        select(CaseStep.by)
        .where(CaseStep.case_id == case_id, CaseStep.action == "reply")
        .order_by(CaseStep.number.desc())
        .limit(1)
    )


def handed_over_at(session: Session, case_id: int) -> datetime | None:
    """Return when whoever handles a case was last asked to put it right: assigned to him, or sent again for rework."""
    return session.scalar(
        select(CaseStep.received_at)
        .where(CaseStep.case_id == case_id, CaseStep.action.in_(("assign", "rework")))
        .order_by(CaseStep.number.desc())
        .limit(1)
    )


def point(lon: float, lat: float) -> WKBElement:
    """Return a place, WGS 84, as columns take it."""
    return WKBElement(shapely.to_wkb(shapely.Point(lon, lat)), srid=SRID)


def next_number(session: Session, series: str) -> int:
    """Return the next number of a series; others wait for theirs until we are done."""
    row = insert(Numbering).values(series=series, last=1)
    taken = row.on_conflict_do_update(index_elements=[Numbering.series], set_={"last": Numbering.last + 1})
    return session.execute(taken.returning(Numbering.last)).scalar_one()


def add(session: Session, row: Base) -> None:
    """Add a row, and give it its id."""
    session.add(row)
    session.flush()


def clocks_of(session: Session, case_id: int) -> list[CaseClock]:
    """Return the runs of a case's clocks, the first first."""
    return list(session.scalars(select(CaseClock).where(CaseClock.case_id == case_id).order_by(CaseClock.id)))


def open_requests(session: Session, case_id: int) -> dict[str, CaseRequest]:
    """Return what was asked for and not yet decided, by kind."""
    query = select(CaseRequest).where(CaseRequest.case_id == case_id, CaseRequest.decision.is_(None))
    return {row.kind: row for row in session.scalars(query)}


def photos_after(session: Session, case_id: int, since: datetime | None) -> int:
    """Count the photos of a case as put right that arrived since an instant."""
    query = select(func.count()).where(Evidence.case_id == case_id, Evidence.stage == "after")
    if since is not None:
        query = query.where(Evidence.received_at >= since)
    return session.scalar(query) or 0


def recountable(
    session: Session, since: datetime | None, until: datetime | None
) -> list[tuple[CaseClock, Case]]:
    """Return the running clocks that follow the work calendar, with their cases, locked; those that an instant from `since`
    until before `until` belongs to, where these are given. What stands still is counted when it goes on."""
    query = (
        select(CaseClock, Case)
        .join(Case, Case.id == CaseClock.case_id)
        .where(CaseClock.ended_at.is_(None), CaseClock.paused_at.is_(None))
        .where(CaseClock.clock.in_(_FOLLOWING))
        .order_by(Case.id, CaseClock.id)
    )
    if since is not None and until is not None:
        query = query.where(CaseClock.started_at < until, CaseClock.due_at >= since)
    locked = query.with_for_update(of=(CaseClock, Case), key_share=True).execution_options(
        populate_existing=True
    )
    return [(clock, case) for clock, case in session.execute(locked)]


def suspended_until(session: Session, day: str) -> list[int]:
    """Return the suspended cases whose suspension was granted until a day (ISO) or an earlier one."""
    return list(
        session.scalars(
            text(
                "SELECT c.id FROM patrol_case c CROSS JOIN LATERAL (SELECT t.given ->> 'until' AS until FROM case_step t "
                "WHERE t.case_id = c.id AND t.action = 'grant_suspend' ORDER BY t.number DESC LIMIT 1) AS last "
                "WHERE c.state = 'suspended' AND last.until <= :day ORDER BY c.id"
            ),
            {"day": day},
        )
    )


def add_moves(session: Session, rows: Iterable[DeadlineMove]) -> list[int]:
    """Add moved deadlines → their ids."""
    added = list(rows)
    session.add_all(added)
    session.flush()
    return [row.id for row in added]


def kinds(session: Session) -> list[CaseKind]:
    """Return every kind of case, by code."""
    return list(session.scalars(select(CaseKind).order_by(CaseKind.code)))


def kind_of(session: Session, code: str, *, lock: bool = False) -> CaseKind | None:
    """Return one kind of case."""
    return session.get(CaseKind, code, with_for_update={"key_share": True} if lock else None)


def shifts(session: Session) -> tuple[tuple[int, int], ...]:
    """Return the working hours of a day, as minutes of the local day, in order."""
    rows = session.scalars(select(WorkShift).order_by(WorkShift.minute_from))
    return tuple((row.minute_from, row.minute_to) for row in rows)


def put_shifts(session: Session, wanted: Sequence[tuple[int, int]]) -> None:
    """Replace the working hours of a day."""
    session.execute(text("DELETE FROM work_shift"))
    session.execute(insert(WorkShift), [{"minute_from": first, "minute_to": last} for first, last in wanted])

"""What pages of cases need beside the cases: the clocks that run, which cases a session sees, and what a new one comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geoservice.store.cases import Case, CaseClock
from geoservice.store.people import Department, Leader
from geoservice.store.points import Point
from geoservice.store.sightings import CheckIn

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class RunningClock:
    """A clock that has not ended: its stage, what it counts, and when it stood still."""

    case_id: int
    stage: str
    clock: str
    limit: float
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None
    pauses: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True)
class Origin:
    """What a new case may come from: a point, and what somebody noted there; `has_findings` None: nobody checked in."""

    point_id: int
    name: str
    address: str
    lon: float
    lat: float
    note: str = ""
    has_findings: bool | None = None
    member_id: int | None = None


def running_clocks(session: Session, case_ids: Collection[int]) -> dict[int, RunningClock]:
    """Return the clock that runs for each of these cases; cases without one are left out."""
    rows = session.scalars(
        select(CaseClock)
        .where(CaseClock.case_id.in_(case_ids), CaseClock.ended_at.is_(None))
        .order_by(CaseClock.id)
    )
    return {
        row.case_id: RunningClock(
            row.case_id,
            row.stage,
            row.clock,
            row.limit,
            row.started_at,
            row.due_at,
            row.paused_at,
            tuple(
                (datetime.fromisoformat(first), datetime.fromisoformat(last)) for first, last in row.pauses
            ),
        )
        for row in rows
    }


def shown_ids(session: Session, case_ids: Collection[int]) -> frozenset[int]:
    """Return which of these cases the session sees."""
    return frozenset(session.scalars(select(Case.id).where(Case.id.in_(case_ids))))


def id_of_number(session: Session, number: str) -> int | None:
    """Return the case with a number, if the session sees it."""
    return session.scalar(select(Case.id).where(Case.number == number))


def departments(session: Session) -> list[tuple[int, str]]:
    """Return (id, name) of every department, by name."""
    return [
        (row[0], row[1])
        for row in session.execute(select(Department.id, Department.name).order_by(Department.name))
    ]


def leaders(session: Session) -> list[tuple[int, str]]:
    """Return (id, name with title) of everybody who answers for ground, by name."""
    rows = session.execute(select(Leader.id, Leader.name, Leader.title).order_by(Leader.name))
    return [(leader_id, f"{name} {title}".strip()) for leader_id, name, title in rows]


def point_origin(session: Session, point_id: int) -> Origin | None:
    """Return a point that the session sees."""
    row = session.execute(_POINT.where(Point.id == point_id)).one_or_none()
    return None if row is None else Origin(*row)


def check_in_origin(session: Session, check_in_id: int) -> Origin | None:
    """Return where somebody checked in and what he noted, if the session sees the point."""
    row = session.execute(
        _POINT.add_columns(CheckIn.note, CheckIn.has_findings, CheckIn.member_id)
        .join(CheckIn, CheckIn.point_id == Point.id)
        .where(CheckIn.id == check_in_id)
    ).one_or_none()
    return None if row is None else Origin(*row)


_POINT = select(Point.id, Point.name, Point.address, func.ST_X(Point.geom), func.ST_Y(Point.geom))

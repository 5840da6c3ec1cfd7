"""Names that an order prints: of its case, its ground, and the people it goes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geoservice.store.cases import Case, CaseKind
from geoservice.store.people import AppUser, Department, Leader
from geoservice.store.points import Point
from geoservice.store.streets import Street

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class CaseNames:
    """What is printed of a case; `zone_id` the leaf it lies in, whose name is of a day and comes from elsewhere."""

    id: int
    number: str
    kind_zh: str
    kind_en: str
    title: str
    description: str
    address: str
    lon: float
    lat: float
    zone_id: int | None
    point: str | None
    street: str | None
    department_id: int | None
    leader_id: int | None
    handler: str | None
    reported_at: datetime
    assigned_at: datetime | None
    due_at: datetime | None
    reworks: int


@dataclass(frozen=True)
class LeaderName:
    """Somebody who answers for ground."""

    id: int
    name: str
    title: str
    department_id: int | None


def case_names(session: Session, case_ids: Collection[int]) -> dict[int, CaseNames]:
    """Return what is printed of these cases."""
    rows = session.execute(
        select(
            Case.id, Case.number, CaseKind.name_zh, CaseKind.name_en, Case.title, Case.description, Case.address,
            func.ST_X(Case.geom), func.ST_Y(Case.geom), Case.zone_id, Point.name, Street.name, Case.department_id,
            Case.leader_id, AppUser.name, Case.reported_at, Case.assigned_at, Case.handle_due_at, Case.reworks,
        )
        .join(CaseKind, CaseKind.code == Case.kind)
        .outerjoin(Point, Point.id == Case.point_id)
        .outerjoin(Street, Street.id == Case.street_id)
        .outerjoin(AppUser, AppUser.id == Case.handler_id)
        .where(Case.id.in_(case_ids))
    )  # fmt: skip
    return {row[0]: CaseNames(*row) for row in rows}


def department_names(session: Session) -> dict[int, str]:
    """Return the name of every department."""
    return {row[0]: row[1] for row in session.execute(select(Department.id, Department.name))}


def leader_names(session: Session) -> dict[int, LeaderName]:
    """Return everybody who answers for ground."""
    rows = session.execute(
        select(Leader.id, Leader.name, Leader.title, Leader.department_id).order_by(Leader.id)
    )
    return {row[0]: LeaderName(*row) for row in rows}

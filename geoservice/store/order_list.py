"""Orders as lists and pages show them, and as those see them who they went to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from geoservice.store.cases import Case, CaseClock
from geoservice.store.orders import SupervisionOrder as Order
from geoservice.store.people import AppUser, Department

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

_receiver, _replier, _withdrawer = aliased(AppUser), aliased(AppUser), aliased(AppUser)
NOT_WITHDRAWN = Order.withdrawn_at.is_(None)


@dataclass(frozen=True)
class OrderView:
    """An order with the names of whoever did something with it."""

    id: int
    number: str
    kind: str
    cause: str
    why: dict[str, Any]
    case_id: int | None
    case_number: str | None
    department_id: int | None
    department: str | None
    leader_id: int | None
    recipients: list[dict[str, Any]]
    document: dict[str, Any]
    raised_at: datetime
    made_at: datetime
    reply_due_at: datetime | None
    received_at: datetime | None
    receiver: str | None
    reply: str
    replied_at: datetime | None
    replier: str | None
    withdrawn_at: datetime | None
    withdrawer: str | None
    withdrawn_why: str

    @property
    def state(self) -> str:
        """How it stands: new, received, replied or withdrawn."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.replied_at is not None:
            return "replied"
        return "received" if self.received_at is not None else "new"

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether its reply should be there."""
        return self.state in {"new", "received"} and self.reply_due_at is not None and self.reply_due_at < now


@dataclass(frozen=True)
class OrderFilters:
    """What a list is narrowed to; None and "" mean anything. `state`: new, received, replied, withdrawn, open or overdue.

    `sent_to`: a department and a leader, of whom one got the order.
    """

    kind: str = ""
    state: str = ""
    department_id: int | None = None
    leader_id: int | None = None
    case_id: int | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    text: str = ""
    sent_to: tuple[int | None, int | None] | None = None


_VIEW = (
    select(
        Order.id, Order.number, Order.kind, Order.cause, Order.why, Order.case_id, Case.number, Order.department_id, Department.name, Order.leader_id,
        Order.recipients, Order.document, Order.raised_at, Order.made_at, Order.reply_due_at, Order.received_at, _receiver.name, Order.reply,
        Order.replied_at, _replier.name, Order.withdrawn_at, _withdrawer.name, Order.withdrawn_why,
    )
    .outerjoin(Case, Case.id == Order.case_id)
    .outerjoin(Department, Department.id == Order.department_id)
    .outerjoin(_receiver, _receiver.id == Order.received_by)
    .outerjoin(_replier, _replier.id == Order.replied_by)
    .outerjoin(_withdrawer, _withdrawer.id == Order.withdrawn_by)
)  # fmt: skip


def find_orders(
    session: Session, filters: OrderFilters, now: datetime, *, before: int | None, limit: int
) -> list[OrderView]:
    """Return orders that this session sees, the newest first, those older than `before` (an id)."""
    query = _VIEW.where(*_conditions(filters, now))
    if before is not None:
        query = query.where(Order.id < before)
    return [OrderView(*row) for row in session.execute(query.order_by(Order.id.desc()).limit(limit))]


def count_orders(session: Session, filters: OrderFilters, now: datetime) -> dict[str, int]:
    """Count the orders of a list by kind."""
    query = select(Order.kind, func.count()).where(*_conditions(filters, now)).group_by(Order.kind)
    return {row[0]: row[1] for row in session.execute(query)}


def views(session: Session, order_ids: Collection[int]) -> list[OrderView]:
    """Return these orders, as far as this session sees them, by number."""
    rows = session.execute(_VIEW.where(Order.id.in_(order_ids)).order_by(Order.raised_at, Order.number))
    return [OrderView(*row) for row in rows]


def of_case(session: Session, case_id: int) -> list[OrderView]:
    """Return the orders about a case, the first first."""
    rows = session.execute(_VIEW.where(Order.case_id == case_id).order_by(Order.raised_at, Order.id))
    return [OrderView(*row) for row in rows]


def sent_to(
    session: Session, department_id: int | None, leader_id: int | None, *, open_only: bool, limit: int
) -> list[OrderView]:
    """Return orders that went to a department or to somebody, those to be answered first by when."""
    query = _VIEW.where(_went_to(department_id, leader_id))
    if open_only:
        query = query.where(NOT_WITHDRAWN, Order.replied_at.is_(None))
    in_order = query.order_by(
        (NOT_WITHDRAWN & Order.replied_at.is_(None)).desc(), Order.reply_due_at.asc(), Order.id.desc()
    )
    return [OrderView(*row) for row in session.execute(in_order.limit(limit))]


def _went_to(department_id: int | None, leader_id: int | None) -> ColumnElement[bool]:
    wanted = []
    if department_id is not None:
        wanted.append(
            and_(
                Order.department_id == department_id,
                Order.recipients.contains([{"department_id": department_id}]),
            )
        )
    if leader_id is not None:
        wanted.append(Order.recipients.contains([{"leader_id": leader_id}]))
    return or_(False, *wanted)


def _conditions(filters: OrderFilters, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    pairs = (
        (Order.kind, filters.kind or None),
        (Order.department_id, filters.department_id),
        (Order.leader_id, filters.leader_id),
        (Order.case_id, filters.case_id),
    )
    found += [column == value for column, value in pairs if value is not None]
    if filters.from_at is not None:
        found.append(Order.raised_at >= filters.from_at)
    if filters.to_at is not None:
        found.append(Order.raised_at < filters.to_at)
    if filters.sent_to is not None:
        found.append(_went_to(*filters.sent_to))
    if filters.text:
        found.append(
            or_(
                Order.number.contains(filters.text, autoescape=True),
                Order.case_id.in_(
                    select(Case.id).where(Case.number.startswith(filters.text, autoescape=True))
                ),
            )
        )
    return found + _of_state(filters.state, now)


def _of_state(state: str, now: datetime) -> list[ColumnElement[bool]]:
    unanswered: list[ColumnElement[bool]] = [NOT_WITHDRAWN, Order.replied_at.is_(None)]
    states: dict[str, list[ColumnElement[bool]]] = {
        "new": [*unanswered, Order.received_at.is_(None)],
        "received": [*unanswered, Order.received_at.is_not(None)],
        "open": unanswered,
        "overdue": [*unanswered, Order.reply_due_at < now],
        "replied": [NOT_WITHDRAWN, Order.replied_at.is_not(None)],
        "withdrawn": [Order.withdrawn_at.is_not(None)],
    }
    return states.get(state, [])


def cases_since(session: Session, since: datetime, most: int) -> list[int]:
    """Return cases whose clock of handling ran at or after an instant, the newest first."""
    query = (
        select(CaseClock.case_id)
        .where(CaseClock.stage == "handle", or_(CaseClock.ended_at.is_(None), CaseClock.ended_at >= since))
        .group_by(CaseClock.case_id)
        .order_by(CaseClock.case_id.desc())
        .limit(most)
    )
    return list(session.scalars(query))

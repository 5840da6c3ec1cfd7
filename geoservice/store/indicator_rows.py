"""What indicators are computed from: histories of cases, inspections and orders of a span, and whose ground is whose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.domain.indicators import CaseHistory
from geoservice.store.base import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.domain.indicators import Pair, Span

_TASKS = """
    SELECT t.id, t.inspector_id, t.point_id, t.on_day, CASE WHEN t.done_at < :until THEN t.done_at END AS done_at,
        count(*) FILTER (WHERE r.result = 'pass' AND t.done_at < :until) AS passed,
        count(*) FILTER (WHERE r.result = 'fail' AND t.done_at < :until) AS failed
    FROM inspection_task t JOIN inspection i ON i.id = t.inspection_id LEFT JOIN inspection_result r ON r.task_id = t.id
    WHERE i.cancelled_at IS NULL AND t.on_day BETWEEN :from_on AND :to_on
    GROUP BY t.id ORDER BY t.id
"""
_ORDERS = """
    SELECT o.id, o.kind, o.raised_at, o.reply_due_at, o.replied_at, o.department_id, o.leader_id, c.zone_id
    FROM supervision_order o LEFT JOIN patrol_case c ON c.id = o.case_id
    WHERE (o.withdrawn_at IS NULL OR o.withdrawn_at >= :until)
        AND (o.raised_at >= :start AND o.raised_at < :until OR o.reply_due_at >= :start AND o.reply_due_at < :until)
    ORDER BY o.id
"""
_TEAM_MEMBERS = """
    SELECT m.id AS member_id, m.team_id, array_remove(array_agg(z.zone_id ORDER BY z.zone_id), NULL) AS zone_ids
    FROM member m LEFT JOIN team_zone z ON z.team_id = m.team_id GROUP BY m.id ORDER BY m.id
"""


@dataclass(frozen=True)
class CaseFact:
    """A case of a span: whose it is, and its history."""

    case_id: int
    number: str
    zone_id: int | None
    leader_id: int | None
    department_id: int | None
    member_id: int | None
    reported_by: int | None
    history: CaseHistory


@dataclass(frozen=True)
class TaskFact:
    """A point that was to be inspected on a day of the span; `passed` and `failed` count items."""

    task_id: int
    inspector_id: int | None
    point_id: int
    on_day: date
    done_at: datetime | None
    passed: int
    failed: int


@dataclass(frozen=True)
class OrderFact:
    """An order that was raised, or had to be answered, in the span."""

    order_id: int
    kind: str
    raised_at: datetime
    reply_due_at: datetime | None
    replied_at: datetime | None
    department_id: int | None
    leader_id: int | None
    zone_id: int | None


@dataclass(frozen=True)
class Named:
    """Somebody or an office that is counted by."""

    id: int
    code: str
    name: str


def case_facts(session: Session, span: Span) -> list[CaseFact]:
    """Return every case that something of a span belongs to, as it stood at its end, in order of id."""
    rows = session.execute(text(statement("case_histories")), {"start": span.start, "until": span.until})
    return [_fact(tuple(row)) for row in rows]


def has_cases(session: Session, start: datetime, end: datetime) -> bool:
    """Tell whether a case was reported from an instant until before another."""
    asked = text(
        "SELECT EXISTS (SELECT 1 FROM patrol_case WHERE reported_at >= :start AND reported_at < :end)"
    )
    return session.scalar(asked, {"start": start, "end": end}) is True


def task_facts(session: Session, span: Span, from_on: date, to_on: date) -> list[TaskFact]:
    """Return the points that were to be inspected on some days."""
    rows = session.execute(text(_TASKS), {"until": span.until, "from_on": from_on, "to_on": to_on})
    return [TaskFact(*row) for row in rows]


def order_facts(session: Session, span: Span) -> list[OrderFact]:
    """Return the orders of a span that were not withdrawn."""
    rows = session.execute(text(_ORDERS), {"start": span.start, "until": span.until})
    return [OrderFact(*row) for row in rows]


def team_members(session: Session) -> Sequence[Any]:
    """Return (member_id, team_id, zone_ids) of every patrol member: the ground his team keeps to."""
    return session.execute(text(_TEAM_MEMBERS)).all()


def departments_of_teams(session: Session) -> dict[int, int]:
    """Return team id → the department it belongs to, of those that belong to one."""
    rows = session.execute(text("SELECT id, department_id FROM team WHERE department_id IS NOT NULL"))
    return {row.id: row.department_id for row in rows}


def inspectors(session: Session) -> list[Named]:
    """Return every user who inspects, or has a task to."""
    rows = session.execute(
        text(
            "SELECT u.id, u.login, u.name FROM app_user u WHERE u.role = 'inspector'"
            " OR EXISTS (SELECT 1 FROM inspection_task t WHERE t.inspector_id = u.id) ORDER BY u.login"
        )
    )
    return [Named(*row) for row in rows]


def _fact(row: Any) -> CaseFact:
    """Return a row of the statement, whose columns come in the order of the fields: a name for each would cost as much as the rest."""
    whose, told = row[:7], row[7:16]
    reworks, open_due, open_ended, check_due, check_ended, pauses = row[16:]
    many = (
        tuple(reworks or ()),
        _pairs(open_due, open_ended),
        _pairs(check_due, check_ended),
        tuple((datetime.fromisoformat(first), datetime.fromisoformat(last)) for first, last in pauses or ()),
    )
    return CaseFact(*(*whose, CaseHistory(*(*told, *many))))


def _pairs(due: list[datetime] | None, ended: list[datetime | None] | None) -> tuple[Pair, ...]:
    return tuple(zip(due or (), ended or (), strict=True))

"""What is for nobody who logs in: cases, orders and points to inspect, as far as a session sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

MOST = 300
# A department is reached through whoever handles its cases.
STAFFED = "EXISTS (SELECT FROM app_user w WHERE w.department_id = {0} AND w.active AND w.role = 'handler')"
_CASES = f"""
    SELECT c.id, c.number, c.title, coalesce(nullif(c.address, ''), q.name, t.name, '') AS place, c.due_at
    FROM patrol_case c LEFT JOIN app_user h ON h.id = c.handler_id
    LEFT JOIN point q ON q.id = c.point_id LEFT JOIN street t ON t.id = c.street_id
    WHERE c.state = ANY(:states) AND NOT (c.state = 'handling' AND coalesce(h.active, false))
      AND NOT {STAFFED.format("c.department_id")} AND (c.leader_id IS NULL OR c.leader_id <> ALL(:leaders))
    ORDER BY c.due_at NULLS LAST, c.id LIMIT :most
"""
_ORDERS = f"""
    SELECT o.id, o.number, o.kind, o.reply_due_at, coalesce(o.document -> 'case' ->> 'title', o.document ->> 'department', '') AS title
    FROM supervision_order o
    WHERE o.withdrawn_at IS NULL AND o.replied_at IS NULL AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(o.recipients) r
        WHERE {STAFFED.format("(r ->> 'department_id')::int")} OR (r ->> 'leader_id')::int = ANY(:leaders))
    ORDER BY o.reply_due_at NULLS LAST, o.id LIMIT :most
"""
_INSPECTIONS = """
    SELECT t.inspection_id, i.name AS inspection, p.name, t.on_day, i.to_on
    FROM inspection_task t JOIN inspection i ON i.id = t.inspection_id JOIN point p ON p.id = t.point_id
    LEFT JOIN app_user u ON u.id = t.inspector_id AND u.active AND u.role = 'inspector'
    WHERE t.done_at IS NULL AND i.cancelled_at IS NULL AND t.on_day <= :on AND i.to_on >= :on AND u.id IS NULL
    ORDER BY t.on_day, t.id LIMIT :most
"""


def leaders_who_log_in(session: Session) -> set[int]:
    """Return the leaders who have an account of their own."""
    query = (
        "SELECT DISTINCT leader_id FROM app_user WHERE active AND role = 'leader' AND leader_id IS NOT NULL"
    )
    return set(session.scalars(text(query)))


def cases(session: Session, states: Sequence[str], leaders: Sequence[int]) -> list[Row[tuple[object, ...]]]:
    """Return cases in some states that are nobody's, but of `leaders`, who are reached; the most urgent first."""
    values = {"states": list(states), "leaders": list(leaders), "most": MOST}
    return list(session.execute(text(_CASES), values))


def orders(session: Session, leaders: Sequence[int]) -> list[Row[tuple[object, ...]]]:
    """Return the orders without a reply that went to nobody who could give it, but to `leaders`, who are reached."""
    return list(session.execute(text(_ORDERS), {"leaders": list(leaders), "most": MOST}))


def inspections(session: Session, on: date) -> list[Row[tuple[object, ...]]]:
    """Return the points to be inspected on a day, or before and still, for which no inspector is left."""
    return list(session.execute(text(_INSPECTIONS), {"on": on, "most": MOST}))

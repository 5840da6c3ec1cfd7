"""What is to be done on a day, source by source: stops of patrols, inspections, cases, requests, orders, photos.

Each row says to whom it belongs; `Who` narrows a question to one person's, None asks for everybody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from geoservice.store.unreached_rows import STAFFED

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

MOST = 2000


@dataclass(frozen=True)
class Who:
    """As what somebody has something to do; None: not as that."""

    account_id: int | None = None
    member_id: int | None = None
    department_id: int | None = None
    leader_id: int | None = None


_STOPS = """
    SELECT p.id AS patrol_id, s.position, p.status, r.name AS route, p.starts_at, p.ends_at, s.arrive_s, s.point_id,
           coalesce(q.name, nullif(t.name, ''), t.code, s.label, '') AS name, coalesce(q.address, '') AS address, o.member_id,
           EXISTS (SELECT FROM stop_report x WHERE x.patrol_id = p.id AND x.position = s.position)
           OR EXISTS (SELECT FROM check_in c JOIN member m ON m.id = c.member_id
                      WHERE c.point_id = s.point_id AND c.at >= :since AND c.at < :until
                        AND (m.team_id = p.team_id OR EXISTS (SELECT FROM assignment a WHERE a.patrol_id = p.id AND a.member_id = m.id))
                     ) AS done
    FROM patrol p
    JOIN route r ON r.id = p.route_id
    JOIN route_stop s ON s.route_id = p.route_id
    LEFT JOIN point q ON q.id = s.point_id
    LEFT JOIN street t ON t.id = s.street_id
    JOIN LATERAL (
        SELECT a.member_id FROM assignment a WHERE a.patrol_id = p.id
        UNION ALL
        SELECT m.id FROM member m WHERE m.team_id = p.team_id AND NOT EXISTS (SELECT FROM assignment a WHERE a.patrol_id = p.id)
    ) o ON true
    WHERE p.on_day = :on AND p.status IN ('published', 'under_way', 'done') AND (:anybody OR o.member_id = :member_id)
    ORDER BY p.starts_at, p.id, s.position LIMIT :most
"""
_PATROLS = """
    SELECT p.id AS patrol_id, r.name AS route, p.status, p.starts_at, p.ends_at, o.member_id
    FROM patrol p JOIN route r ON r.id = p.route_id
    JOIN LATERAL (
        SELECT a.member_id FROM assignment a WHERE a.patrol_id = p.id
        UNION ALL
        SELECT m.id FROM member m WHERE m.team_id = p.team_id AND NOT EXISTS (SELECT FROM assignment a WHERE a.patrol_id = p.id)
    ) o ON true
    WHERE p.on_day = :on AND p.status IN ('published', 'under_way', 'done') AND (:anybody OR o.member_id = :member_id)
      AND NOT EXISTS (SELECT FROM route_stop s WHERE s.route_id = p.route_id)
    ORDER BY p.starts_at, p.id LIMIT :most
"""
_INSPECTIONS = """
    SELECT k.id, k.on_day, i.to_on, i.name AS inspection, k.inspector_id, coalesce(q.name, '') AS name, coalesce(q.address, '') AS address,
           k.done_at IS NOT NULL AS done
    FROM inspection_task k JOIN inspection i ON i.id = k.inspection_id LEFT JOIN point q ON q.id = k.point_id
    WHERE k.inspector_id IS NOT NULL AND (:anybody OR k.inspector_id = :account_id)
      AND (i.cancelled_at IS NULL OR k.done_at IS NOT NULL)
      AND (k.on_day = :on OR (k.on_day < :on AND k.done_at IS NULL AND i.to_on >= :on))
    ORDER BY k.on_day, k.id LIMIT :most
"""
_CASES = f"""
    SELECT c.id, c.number, c.state, c.title, coalesce(nullif(c.address, ''), q.name, t.name, '') AS place, c.due_at,
           CASE WHEN {STAFFED.format("c.department_id")} THEN c.department_id END AS department_id, c.leader_id, CASE WHEN h.active THEN c.handler_id END AS handler_id
    FROM patrol_case c LEFT JOIN app_user h ON h.id = c.handler_id LEFT JOIN point q ON q.id = c.point_id LEFT JOIN street t ON t.id = c.street_id
    WHERE c.state = ANY(:states)
      AND (:anybody OR c.department_id = :department_id OR c.leader_id = ANY(:leader_ids))
    ORDER BY c.due_at NULLS LAST, c.id LIMIT :most
"""
_REQUESTS = """
    SELECT r.id, r.kind, r.asked_at, c.id AS case_id, c.number, c.title
    FROM case_request r JOIN patrol_case c ON c.id = r.case_id
    WHERE r.decision IS NULL ORDER BY r.asked_at LIMIT :most
"""
_ORDERS = """
    SELECT o.id, o.number, o.kind, o.department_id, o.recipients, o.reply_due_at, o.received_at IS NOT NULL AS received,
           coalesce(o.document -> 'case' ->> 'title', o.document ->> 'department', '') AS title
    FROM supervision_order o
    WHERE o.withdrawn_at IS NULL AND o.replied_at IS NULL
      AND (:anybody OR o.department_id = :department_id
           OR o.recipients @> jsonb_build_array(jsonb_build_object('leader_id', CAST(:leader_id AS int))))
    ORDER BY o.reply_due_at NULLS LAST, o.id LIMIT :most
"""
_PEOPLE = """
    SELECT u.id AS account_id, u.login, u.name, u.role, u.member_id, u.department_id, u.leader_id, d.name AS department
    FROM app_user u LEFT JOIN department d ON d.id = u.department_id
    WHERE u.active AND u.role IN ('member', 'inspector', 'handler', 'leader')
    UNION ALL
    SELECT NULL, NULL, m.name, 'member', m.id, NULL, NULL, t.name
    FROM member m LEFT JOIN team t ON t.id = m.team_id
    WHERE NOT EXISTS (SELECT FROM app_user u WHERE u.member_id = m.id AND u.active AND u.role = 'member')
    ORDER BY 4, 3
"""


def stops(
    session: Session, on: date, since: datetime, until: datetime, who: Who | None
) -> list[Row[tuple[object, ...]]]:
    """Return the stops of a day's patrols, one row for each who walks them; the day is from `since` until before `until`."""
    values = {"on": on, "since": since, "until": until, **_of(who)}
    return list(session.execute(text(_STOPS), values))


def bare_patrols(session: Session, on: date, who: Who | None) -> list[Row[tuple[object, ...]]]:
    """Return the patrols of a day that have no stops, one row for each who walks them."""
    return list(session.execute(text(_PATROLS), {"on": on, **_of(who)}))


def inspections(session: Session, on: date, who: Who | None) -> list[Row[tuple[object, ...]]]:
    """Return what is inspected on a day, or was to be before and still can."""
    return list(session.execute(text(_INSPECTIONS), {"on": on, **_of(who)}))


def cases(
    session: Session,
    states: Collection[str],
    who: Who | None,
    absent: Collection[int] = (),
    most: int = 10 * MOST,
) -> list[Row[tuple[object, ...]]]:
    """Return cases in some states, the most urgent first; somebody's own are those of his department, of himself and of whom he stands in for."""
    leader_ids = [*absent, *([who.leader_id] if who and who.leader_id is not None else [])]
    values = {"states": list(states), "leader_ids": leader_ids, **_of(who), "most": most}
    return list(session.execute(text(_CASES), values))


def requests(session: Session) -> list[Row[tuple[object, ...]]]:
    """Return what is asked for and not decided, the oldest first."""
    return list(session.execute(text(_REQUESTS), {"most": MOST}))


def orders(session: Session, who: Who | None) -> list[Row[tuple[object, ...]]]:
    """Return the orders that are not answered."""
    return list(session.execute(text(_ORDERS), _of(who)))


def people(session: Session) -> list[Row[tuple[object, ...]]]:
    """Return everybody who may have something to do: those who log in, and patrol members who do not."""
    return list(session.execute(text(_PEOPLE)))


def _of(who: Who | None) -> dict[str, object]:
    known = who or Who()
    return {"anybody": who is None, "most": MOST * (10 if who is None else 1), **vars(known)}

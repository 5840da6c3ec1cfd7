"""Counts of what stands open now: points by when they fall due, cases, requests, orders, photos; and gaps that are new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.domain.cases import ACTIVE

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class DuePoints:
    """Active points: all, overdue, never visited, and those whose interval ends before the day does."""

    total: int
    overdue: int
    never: int
    due_today: int


@dataclass(frozen=True)
class Desk:
    """What waits for the desk that this session sees."""

    open_cases: int
    overdue_cases: int
    requests: int
    orders: int
    photos: int


# As services.points has it: the last one there keeps the interval, a track only where the settings let it. Who left last is
# among the last few to arrive.
_POINTS = """
    SELECT count(*) AS total,
           count(*) FILTER (WHERE last_at + required < :now) AS overdue,
           count(*) FILTER (WHERE last_at IS NULL) AS never,
           count(*) FILTER (WHERE last_at + required >= :now AND last_at + required < :tomorrow) AS due_today
    FROM (
        SELECT coalesce(p.required_interval_days, c.required_interval_days) * interval '24 hours' AS required,
               greatest(v.left_at, w.at) AS last_at
        FROM point p JOIN point_category c ON c.code = p.category
        LEFT JOIN LATERAL (
            SELECT max(v.left_at) AS left_at FROM (
                SELECT left_at FROM visit WHERE point_id = p.id AND arrived_at >= :since AND arrived_at < :tomorrow
                ORDER BY arrived_at DESC LIMIT 8
            ) AS v WHERE :tracks_count
        ) AS v ON true
        LEFT JOIN LATERAL (
            SELECT max(at) AS at FROM check_in WHERE point_id = p.id AND at >= :since AND at < :tomorrow
        ) AS w ON true
        WHERE p.active
    ) AS known
"""
_DESK = """
    SELECT (SELECT count(*) FROM patrol_case c WHERE c.state = ANY(:active)) AS open_cases,
           (SELECT count(*) FROM patrol_case c WHERE c.state = ANY(:active) AND c.due_at < :now) AS overdue_cases,
           (SELECT count(*) FROM case_request r JOIN patrol_case c ON c.id = r.case_id WHERE r.decision IS NULL) AS requests,
           (SELECT count(*) FROM supervision_order o WHERE o.withdrawn_at IS NULL AND o.replied_at IS NULL
            AND o.received_at IS NULL) AS orders
"""
# What was last seen on the day that left the window became part of a blind spot when that day did.
_NEW_GAPS = """
    SELECT g.id, g.zone_id, z.code, v.name, g.area_m2, g.point_count, count(*) OVER () AS total, sum(g.area_m2) OVER () AS total_m2
    FROM gap g JOIN zone z ON z.id = g.zone_id JOIN zone_version v ON v.zone_id = g.zone_id
     AND (v.valid_from IS NULL OR v.valid_from <= :on) AND (v.valid_to IS NULL OR v.valid_to > :on)
    WHERE g.report_id = :report AND g.last_seen_on = :left_on
    ORDER BY g.area_m2 * (1 + g.point_weight) DESC, g.id LIMIT :most
"""


def due_points(
    session: Session, *, since: datetime, now: datetime, tomorrow: datetime, tracks_count: bool
) -> DuePoints:
    """Count the active points that this session sees; `since`: how far back a last visit is looked for."""
    values = {"since": since, "now": now, "tomorrow": tomorrow, "tracks_count": tracks_count}
    return DuePoints(**session.execute(text(_POINTS), values).one()._mapping)


def desk(session: Session, now: datetime, photos: int) -> Desk:
    """Count what waits for the desk."""
    row = session.execute(text(_DESK), {"active": sorted(ACTIVE), "now": now}).one()
    return Desk(**row._mapping, photos=photos)


def count_gaps(session: Session, report_id: int) -> int:
    """Count the gaps of a report that this session sees."""
    return int(
        session.execute(
            text("SELECT count(*) FROM gap WHERE report_id = :report"), {"report": report_id}
        ).scalar_one()
    )


def new_gaps(session: Session, report_id: int, on: date, left_on: date, most: int) -> list[Row[Any]]:
    """Return gaps of a report whose ground was last seen on a day, with how many there are and their m² in each row."""
    values = {"report": report_id, "on": on, "left_on": left_on, "most": most}
    return list(session.execute(text(_NEW_GAPS), values))

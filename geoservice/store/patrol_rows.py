"""Patrols as planned: their lines, stops, people and devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class PatrolRow:
    """A patrol with its team and route; `line` is the route's, lon/lat. A reader who sees some ground only sees some stops."""

    patrol_id: int
    on_day: date
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    plan_id: int | None
    route_id: int
    route_code: str
    route_name: str
    mode: int
    team_id: int
    team_code: str
    team_name: str
    line: BaseGeometry | None


@dataclass(frozen=True)
class StopRow:
    """A stop as planned. `kind`: point, street, gap or place; `piece_count` a street's, None where it is not cut yet."""

    route_id: int
    position: int
    kind: str
    point_id: int | None
    street_id: int | None
    code: str
    label: str
    lon: float
    lat: float
    service_minutes: float | None
    arrive_s: float | None
    leave_s: float | None
    wanted_id: int | None
    piece_count: int | None


@dataclass(frozen=True)
class StopWord:
    """What a patrol said at a stop; `outcome` done or skipped, `reason` why it was skipped."""

    patrol_id: int
    position: int
    at: datetime
    outcome: str
    reason: str | None
    has_findings: bool
    note: str


_PATROLS = """
    SELECT p.id AS patrol_id, p.on_day, p.status, p.starts_at, p.ends_at, p.started_at, p.finished_at, p.plan_id,
           r.id AS route_id, r.code AS route_code, r.name AS route_name, r.mode,
           t.id AS team_id, t.code AS team_code, t.name AS team_name, ST_AsBinary(r.geom) AS line
    FROM patrol p JOIN route r ON r.id = p.route_id JOIN team t ON t.id = p.team_id
"""
# A point or street that the session must not see leaves its stop out; a bare place is seen where its ground is.
_STOPS = """
    SELECT s.route_id, s.position,
           CASE WHEN s.point_id IS NOT NULL THEN 'point' WHEN s.street_id IS NOT NULL THEN 'street'
                WHEN w.kind = 'gap' THEN 'gap' ELSE 'place' END AS kind,
           s.point_id, s.street_id, coalesce(p.code, st.code, '') AS code,
           coalesce(p.name, nullif(st.name, ''), st.code, s.label) AS label,
           ST_X(g.place) AS lon, ST_Y(g.place) AS lat, s.service_minutes, s.arrive_s, s.leave_s, s.wanted_id, st.piece_count
    FROM route_stop s LEFT JOIN point p ON p.id = s.point_id LEFT JOIN street st ON st.id = s.street_id
    LEFT JOIN wanted_stop w ON w.id = s.wanted_id
    CROSS JOIN LATERAL (SELECT coalesce(p.geom, ST_LineInterpolatePoint(st.geom, 0.5), s.geom) AS place) AS g
    WHERE s.route_id = ANY(:routes) AND g.place IS NOT NULL
      AND (s.geom IS NULL OR :everything OR EXISTS (SELECT FROM zone_version v WHERE ST_Intersects(v.geom, s.geom)))
    ORDER BY s.route_id, s.position
"""
# Whom a patrol consists of: who is named, else all of the team; and what they and their team carry.
_PEOPLE = """
    SELECT p.id AS patrol_id, m.id AS member_id, m.code, m.name
    FROM patrol p JOIN assignment a ON a.patrol_id = p.id JOIN member m ON m.id = a.member_id WHERE p.id = ANY(:ids)
    UNION ALL
    SELECT p.id, m.id, m.code, m.name FROM patrol p JOIN member m ON m.team_id = p.team_id
    WHERE p.id = ANY(:ids) AND NOT EXISTS (SELECT FROM assignment a WHERE a.patrol_id = p.id)
"""


def planned_lines(session: Session, day: date) -> list[tuple[BaseGeometry, int]]:
    """Return (line in lon/lat, mode) of every route planned for a day; cancelled patrols don't count."""
    rows = session.execute(
        text(
            "SELECT ST_AsBinary(r.geom) AS wkb, r.mode FROM patrol p JOIN route r ON r.id = p.route_id "
            "WHERE p.on_day = :day AND p.status <> 'cancelled' AND r.geom IS NOT NULL ORDER BY p.id"
        ),
        {"day": day},
    )
    return [(shapely.from_wkb(bytes(row.wkb)), row.mode) for row in rows]


def patrols_in(session: Session, from_on: date, to_on: date, team_id: int | None = None) -> list[PatrolRow]:
    """Return the patrols of some days that are no drafts, by day, start and team."""
    rows = session.execute(
        text(
            f"{_PATROLS} WHERE p.on_day BETWEEN :from_on AND :to_on AND p.status <> 'draft' "
            "AND t.id = coalesce(CAST(:team AS int), t.id) ORDER BY p.on_day, p.starts_at, t.code, p.id"
        ),
        {"from_on": from_on, "to_on": to_on, "team": team_id},
    )
    return [_patrol(row._mapping) for row in rows]


def with_open_wishes(session: Session, from_on: date, to_on: date) -> list[PatrolRow]:
    """Return the patrols of some days, by day, that go to something somebody wanted and that is not noted as done."""
    rows = session.execute(
        text(
            f"{_PATROLS} WHERE p.on_day BETWEEN :from_on AND :to_on AND p.status NOT IN ('draft', 'cancelled') "
            "AND EXISTS (SELECT FROM route_stop s JOIN wanted_stop w ON w.id = s.wanted_id WHERE s.route_id = r.id "
            "AND w.done_at IS NULL AND w.dropped_at IS NULL) ORDER BY p.on_day, p.id"
        ),
        {"from_on": from_on, "to_on": to_on},
    )
    return [_patrol(row._mapping) for row in rows]


def patrol_by_id(session: Session, patrol_id: int) -> PatrolRow | None:
    """Return one patrol that is no draft."""
    found = session.execute(
        text(f"{_PATROLS} WHERE p.id = :id AND p.status <> 'draft'"), {"id": patrol_id}
    ).one_or_none()
    return None if found is None else _patrol(found._mapping)


def stops_of(session: Session, route_ids: Sequence[int]) -> dict[int, list[StopRow]]:
    """Return the stops of routes that the session sees, in order, by route."""
    scope = session.info.get("scope")
    rows = session.execute(
        text(_STOPS), {"routes": list(route_ids), "everything": bool(scope and scope.everything)}
    )
    found: dict[int, list[StopRow]] = {}
    for row in rows:
        found.setdefault(row.route_id, []).append(StopRow(**row._mapping))
    return found


def members_of(session: Session, patrol_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """Return by patrol who walks it: member id → name; the whole team where nobody is named."""
    found: dict[int, dict[int, str]] = {}
    for row in session.execute(text(f"{_PEOPLE} ORDER BY patrol_id, code"), {"ids": list(patrol_ids)}):
        found.setdefault(row.patrol_id, {})[row.member_id] = row.name
    return found


def devices_of(session: Session, patrol_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """Return by patrol the devices of its team and of those who walk it: device id → who or what it is."""
    rows = session.execute(
        text(
            f"WITH people AS MATERIALIZED ({_PEOPLE}), carried AS ("
            "SELECT p.patrol_id, d.id FROM people p JOIN device d ON d.member_id = p.member_id "
            "UNION SELECT p.id, d.id FROM patrol p JOIN device d ON d.team_id = p.team_id WHERE p.id = ANY(:ids)) "
            "SELECT c.patrol_id, d.id, coalesce(m.name, d.code) AS name FROM carried c JOIN device d ON d.id = c.id "
            "LEFT JOIN member m ON m.id = d.member_id ORDER BY c.patrol_id, d.code"
        ),
        {"ids": list(patrol_ids)},
    )
    found: dict[int, dict[int, str]] = {}
    for row in rows:
        found.setdefault(row.patrol_id, {})[row.id] = row.name
    return found


def words_of(session: Session, patrol_ids: Sequence[int]) -> dict[int, list[StopWord]]:
    """Return by patrol what was said at its stops, the first first."""
    rows = session.execute(
        text(
            "SELECT patrol_id, position, at, outcome, reason, has_findings, note FROM stop_report "
            "WHERE patrol_id = ANY(:ids) ORDER BY patrol_id, at, id"
        ),
        {"ids": list(patrol_ids)},
    )
    found: dict[int, list[StopWord]] = {}
    for row in rows:
        found.setdefault(row.patrol_id, []).append(StopWord(**row._mapping))
    return found


def teams(session: Session) -> list[tuple[int, str, str]]:
    """Return (id, code, name) of every team, by code."""
    return [tuple(row) for row in session.execute(text("SELECT id, code, name FROM team ORDER BY code"))]


def _patrol(row: Any) -> PatrolRow:
    line = None if row["line"] is None else shapely.from_wkb(bytes(row["line"]))
    return PatrolRow(**{**row, "line": line})

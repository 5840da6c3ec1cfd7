"""What plans are made of beside visits: minutes and weights of points, their rules and groups, gaps, and who goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.wanted_rows import PENDING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime, time

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class TeamRow:
    """A team as planning needs it; places are (lon, lat). `zone_ids`: what it keeps to with all below, None: anywhere.

    Its department's code counts as a skill: a point may ask for a department.
    """

    id: int
    code: str
    name: str
    mode: int
    skills: tuple[str, ...]
    depot: tuple[float, float] | None
    end_depot: tuple[float, float] | None
    shift: tuple[time, time]
    rest: tuple[time, time] | None
    rest_minutes: float
    active: bool
    zone_ids: frozenset[int] | None


@dataclass(frozen=True)
class GapRow:
    """A gap of the newest report with a place on it to stand."""

    id: int
    zone_id: int
    zone_code: str
    zone_name: str
    lon: float
    lat: float
    area_m2: float
    score: float


def point_demands(session: Session, point_ids: Collection[int]) -> dict[int, Row[Any]]:
    """Return (minutes, weight, zone_id, opening, skills) by point: its own or its category's, with its rule."""
    rows = session.execute(
        text(
            "SELECT p.id, coalesce(p.service_minutes, c.service_minutes) AS minutes, coalesce(p.weight, c.weight) AS weight, "
            "p.zone_id, r.opening, coalesce(r.skills, '{}') AS skills FROM point p JOIN point_category c "
            "ON c.code = p.category LEFT JOIN point_rule r ON r.point_id = p.id WHERE p.id = ANY(:ids)"
        ),
        {"ids": sorted(point_ids)},
    )
    return {row.id: row for row in rows}


def point_groups(session: Session, point_ids: Collection[int]) -> list[tuple[str, list[int]]]:
    """Return (kind, points) of the groups that hold at least two of these points."""
    rows = session.execute(
        text(
            "SELECT g.kind, array_agg(m.point_id ORDER BY m.point_id) AS points FROM point_group g "
            "JOIN point_group_member m ON m.group_id = g.id WHERE m.point_id = ANY(:ids) "
            "GROUP BY g.id HAVING count(*) > 1 ORDER BY g.id"
        ),
        {"ids": sorted(point_ids)},
    )
    return [(row.kind, list(row.points)) for row in rows]


def planned_points(
    session: Session,
    today: date,
    days: tuple[date, date],
    *,
    now: datetime,
    plan_id: int | None,
    team_ids: Sequence[int],
) -> dict[int, date]:
    """Return when published patrols from today on, not over yet, are to visit points before a plan's last day, by point.

    Not counted: patrols of the plan itself, and on its own days those that other plans have for its teams.
    """
    rows = session.execute(
        text(
            "SELECT rs.point_id, max(t.on_day) AS on_day FROM patrol t JOIN route_stop rs ON rs.route_id = t.route_id "
            f"WHERE {PENDING} AND rs.point_id IS NOT NULL AND t.on_day >= :today "
            "AND t.on_day <= :to_on AND t.plan_id IS DISTINCT FROM CAST(:plan AS int) "
            "AND (t.on_day < :from_on OR t.plan_id IS NULL OR NOT (t.team_id = ANY(:teams))) GROUP BY rs.point_id"
        ),
        {
            "today": today,
            "now": now,
            "from_on": days[0],
            "to_on": days[1],
            "plan": plan_id,
            "teams": list(team_ids),
        },
    )
    return {row.point_id: row.on_day for row in rows}


def last_teams(session: Session, point_ids: Collection[int], before: date) -> dict[int, str]:
    """Return the team that each point was last planned for, by a patrol of a plan before a day."""
    rows = session.execute(
        text(
            "SELECT DISTINCT ON (rs.point_id) rs.point_id, t.code FROM route_stop rs JOIN patrol p ON p.route_id = rs.route_id "
            "JOIN team t ON t.id = p.team_id WHERE rs.point_id = ANY(:ids) AND p.plan_id IS NOT NULL AND p.on_day < :before "
            "AND p.status <> 'cancelled' ORDER BY rs.point_id, p.on_day DESC, p.id DESC"
        ),
        {"ids": sorted(point_ids), "before": before},
    )
    return {row.point_id: row.code for row in rows}


def newest_gaps(
    session: Session,
    today: date,
    days: tuple[date, date],
    zone_ids: Collection[int] | None,
    never_days: int,
    limit: int,
) -> list[GapRow]:
    """Return the gaps of the newest whole-day report, of several the one nearest to a week, the highest score first.

    Without those that somebody wants looked at by the last day anyway, and those that a published patrol is to visit from
    today until the first.
    """
    rows = session.execute(
        text(
            "SELECT g.id, g.zone_id, z.code AS zone_code, coalesce(v.name, z.code) AS zone_name, "
            "ST_X(ST_PointOnSurface(g.geom)) AS lon, ST_Y(ST_PointOnSurface(g.geom)) AS lat, g.area_m2, "
            "g.area_m2 / 10000 * (1 + g.point_weight) * greatest(coalesce(r.to_on - g.last_seen_on, :never), 1) AS score "
            "FROM gap_report r JOIN gap g ON g.report_id = r.id JOIN zone z ON z.id = g.zone_id "
            "LEFT JOIN zone_version v ON v.zone_id = g.zone_id AND (v.valid_from IS NULL OR v.valid_from <= r.to_on) "
            "AND (v.valid_to IS NULL OR v.valid_to > r.to_on) "
            f"WHERE r.id = ({_NEWEST_REPORT}) AND (CAST(:zones AS int[]) IS NULL OR g.zone_id = ANY(:zones)) "
            "AND NOT EXISTS (SELECT FROM wanted_stop w WHERE w.done_at IS NULL AND w.dropped_at IS NULL "
            "AND w.from_on <= :to_on AND ST_Intersects(w.geom, g.geom)) "
            "AND NOT EXISTS (SELECT FROM patrol t JOIN route_stop rs ON rs.route_id = t.route_id "
            "WHERE t.status IN ('published', 'under_way') AND t.on_day >= :today AND t.on_day < :from_on "
            "AND ST_Intersects(rs.geom, g.geom)) "
            "ORDER BY score DESC, g.area_m2 DESC, g.id LIMIT :limit"
        ),
        {
            "zones": None if zone_ids is None else sorted(zone_ids), "never": never_days, "limit": limit,
            "today": today, "from_on": days[0], "to_on": days[1],
        },
    )  # fmt: skip
    return [GapRow(**row._mapping) for row in rows]


_NEWEST_REPORT = "SELECT id FROM gap_report WHERE period = 0 ORDER BY to_on DESC, abs((to_on - from_on) - 6), id DESC LIMIT 1"


def newest_report(session: Session) -> tuple[date, date] | None:
    """Return the window of the report that `newest_gaps` reads."""
    row = session.execute(
        text(f"SELECT from_on, to_on FROM gap_report WHERE id = ({_NEWEST_REPORT})")
    ).one_or_none()
    return None if row is None else (row.from_on, row.to_on)


def teams(session: Session, codes: Collection[str], on: date) -> list[TeamRow]:
    """Return these teams, or all active ones for no codes, by code; their zones with all that lies below them on a day."""
    rows = session.execute(
        text(
            "SELECT t.id, t.code, t.name, t.mode, array_remove(t.skills || d.code, NULL) AS skills, ST_X(t.depot) AS lon, ST_Y(t.depot) AS lat, "
            "ST_X(t.end_depot) AS end_lon, ST_Y(t.end_depot) AS end_lat, t.shift_from, t.shift_to, t.break_from, t.break_to, "
            "t.break_minutes, t.active, (SELECT array_agg(DISTINCT v.zone_id) FROM team_zone k JOIN zone_version v "
            "ON k.zone_id = ANY(v.path) AND (v.valid_from IS NULL OR v.valid_from <= :on) AND (v.valid_to IS NULL OR "
            "v.valid_to > :on) WHERE k.team_id = t.id) AS zones, "
            "EXISTS (SELECT FROM team_zone k WHERE k.team_id = t.id) AS keeps "
            "FROM team t LEFT JOIN department d ON d.id = t.department_id "
            "WHERE (:every AND t.active) OR t.code = ANY(:codes) ORDER BY t.code"
        ),
        {"codes": list(codes), "every": not codes, "on": on},
    )
    return [_team(row) for row in rows]


def _team(row: Row[Any]) -> TeamRow:
    return TeamRow(
        id=row.id,
        code=row.code,
        name=row.name,
        mode=row.mode,
        skills=tuple(row.skills),
        depot=None if row.lon is None else (row.lon, row.lat),
        end_depot=None if row.end_lon is None else (row.end_lon, row.end_lat),
        shift=(row.shift_from, row.shift_to),
        rest=None if row.break_from is None else (row.break_from, row.break_to),
        rest_minutes=row.break_minutes,
        active=row.active,
        zone_ids=frozenset(row.zones or ()) if row.keeps else None,
    )

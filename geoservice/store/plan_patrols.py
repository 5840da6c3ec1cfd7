"""Patrols that a plan published: its routes, stops and people, written and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class NewPatrol:
    """A patrol to be published. `line`: WKB in lon/lat or None. `stops`: one mapping a stop, as `_STOP` has them."""

    code: str
    name: str
    mode: int
    line: bytes | None
    plan_id: int
    on_day: date
    team_id: int
    starts_at: datetime
    ends_at: datetime
    stops: Sequence[Mapping[str, Any]]


_STOP = {
    "point_id": "int",
    "street_id": "int",
    "lon": "float8",
    "lat": "float8",
    "service_minutes": "float8",
    "label": "text",
    "weight": "float8",
    "arrive_s": "float8",
    "leave_s": "float8",
    "wanted_id": "int",
}
_NAMES = ", ".join(_STOP)


def patrols_of(session: Session, plan_id: int) -> list[Row[Any]]:
    """Return (id, route_id, code, status, touched) of a plan's patrols, locked; touched: somebody started it, or it is over."""
    return list(
        session.execute(
            text(
                "SELECT p.id, p.route_id, r.code, p.status, (p.status IN ('under_way', 'done') OR p.started_at IS NOT NULL) "
                "AS touched FROM patrol p JOIN route r ON r.id = p.route_id WHERE p.plan_id = :plan ORDER BY p.id "
                "FOR UPDATE OF p"
            ),
            {"plan": plan_id},
        )
    )


def in_the_way(session: Session, patrol: NewPatrol) -> Row[Any] | None:
    """Return (plan_id, name) of another plan whose patrol has the team at that time."""
    return session.execute(
        text(
            "SELECT l.id, l.name FROM patrol p JOIN plan l ON l.id = p.plan_id WHERE p.on_day = :day AND p.team_id = :team "
            "AND p.plan_id <> :plan AND p.status IN ('published', 'under_way', 'done') AND p.starts_at < :ends AND "
            "p.ends_at > :starts ORDER BY p.id LIMIT 1"
        ),
        {
            "day": patrol.on_day,
            "team": patrol.team_id,
            "plan": patrol.plan_id,
            "starts": patrol.starts_at,
            "ends": patrol.ends_at,
        },
    ).one_or_none()


def publish(session: Session, patrol: NewPatrol) -> int:
    """Write a patrol with its route, stops and the team's members, in place of what the plan published for it before."""
    values = {
        "code": patrol.code, "name": patrol.name, "mode": patrol.mode, "line": patrol.line, "day": patrol.on_day,
        "team": patrol.team_id, "plan": patrol.plan_id, "starts": patrol.starts_at, "ends": patrol.ends_at,
    }  # fmt: skip
    route_id: int = session.execute(
        text(
            "INSERT INTO route (code, name, mode, geom) VALUES (:code, :name, :mode, ST_GeomFromWKB(:line, 4326)) "
            "ON CONFLICT (code) DO UPDATE SET name = :name, mode = :mode, geom = excluded.geom RETURNING id"
        ),
        values,
    ).scalar_one()
    patrol_id: int = session.execute(
        text(
            "INSERT INTO patrol (on_day, route_id, team_id, status, starts_at, ends_at, plan_id) VALUES (:day, :route, "
            ":team, 'published', :starts, :ends, :plan) ON CONFLICT (on_day, team_id, route_id) DO UPDATE SET "
            "status = 'published', starts_at = :starts, ends_at = :ends, plan_id = :plan RETURNING id"
        ),
        {**values, "route": route_id},
    ).scalar_one()
    session.execute(text("DELETE FROM route_stop WHERE route_id = :route"), {"route": route_id})
    _add_stops(session, route_id, patrol.stops)
    session.execute(text("DELETE FROM assignment WHERE patrol_id = :patrol"), {"patrol": patrol_id})
    session.execute(
        text(
            "INSERT INTO assignment (patrol_id, member_id) SELECT :patrol, id FROM member WHERE team_id = :team"
        ),
        {"patrol": patrol_id, "team": patrol.team_id},
    )
    return patrol_id


def _add_stops(session: Session, route_id: int, stops: Sequence[Mapping[str, Any]]) -> None:
    columns = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _STOP.items())
    session.execute(
        text(
            "INSERT INTO route_stop (route_id, position, point_id, street_id, geom, service_minutes, label, weight, arrive_s, "
            "leave_s, wanted_id) SELECT :route, n, point_id, street_id, CASE WHEN point_id IS NULL AND street_id IS NULL "
            "THEN ST_Point(lon, lat, 4326) END, service_minutes, label, weight, arrive_s, leave_s, "
            "(SELECT w.id FROM wanted_stop w WHERE w.id = wanted_id) "
            f"FROM unnest({columns}) WITH ORDINALITY AS t({_NAMES}, n)"
        ),
        {"route": route_id, **{name: [stop[name] for stop in stops] for name in _STOP}},
    )


def cancel(session: Session, patrol_ids: Sequence[int]) -> None:
    """Take patrols back that nobody has started."""
    session.execute(
        text(
            "UPDATE patrol SET status = 'cancelled' WHERE id = ANY(:ids) AND status IN ('draft', 'published')"
        ),
        {"ids": list(patrol_ids)},
    )


def gone(session: Session, table: str, ids: Sequence[int]) -> set[int]:
    """Return which of these points or streets are no longer there; `table`: point or street."""
    known = {
        "point": "SELECT id FROM point WHERE id = ANY(:ids)",
        "street": "SELECT id FROM street WHERE id = ANY(:ids)",
    }
    return set(ids) - set(session.scalars(text(known[table]), {"ids": list(ids)}))

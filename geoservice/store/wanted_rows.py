"""What somebody wants in a plan, until a patrol was there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

# A patrol `t` that may still come: one whose time is over comes no more, whether or not it said that it is done.
PENDING = "t.status IN ('published', 'under_way') AND t.finished_at IS NULL AND (t.ends_at IS NULL OR t.ends_at > :now)"
_PLACE = "coalesce(w.geom, p.geom, ST_LineInterpolatePoint(s.geom, 0.5))"
# A wish is done when a patrol said so at its stop or, for a point, when somebody was there since it was asked for.
_DONE = """
    EXISTS (SELECT FROM route_stop rs JOIN patrol t ON t.route_id = rs.route_id
            JOIN stop_report r ON r.patrol_id = t.id AND r.position = rs.position AND r.outcome = 'done'
            WHERE rs.wanted_id = w.id)
    OR EXISTS (SELECT FROM check_in c WHERE c.point_id = w.point_id AND c.at >= w.asked_at)
    OR (:probable AND EXISTS (SELECT FROM visit v WHERE v.point_id = w.point_id AND v.arrived_at >= w.asked_at))
"""
# Two wishes for a bare place that are nearer than this are one.
SAME_PLACE_M = 15.0


@dataclass(frozen=True)
class NewWanted:
    """What is wanted: a point, a street, or a place at `lonlat`."""

    kind: str
    from_on: date
    point_id: int | None = None
    street_id: int | None = None
    lonlat: tuple[float, float] | None = None
    label: str = ""
    service_minutes: float = 5.0
    weight: float = 1.0


def same(session: Session, new: NewWanted) -> int | None:
    """Return the id of what is wanted already at this point, street or place."""
    found: int | None = session.scalar(
        text(
            "SELECT w.id FROM wanted_stop w WHERE w.done_at IS NULL AND w.dropped_at IS NULL AND (w.point_id = :point "
            "OR w.street_id = :street OR (w.kind = :kind AND w.geom && ST_Expand(ST_Point(:lon, :lat, 4326), 0.001) "
            "AND ST_DWithin(CAST(w.geom AS geography), CAST(ST_Point(:lon, :lat, 4326) AS geography), :near))) "
            "ORDER BY w.id LIMIT 1"
        ),
        {**_place(new), "kind": new.kind, "near": SAME_PLACE_M},
    )
    return found


def add(session: Session, new: NewWanted, *, zone_id: int | None, by: int | None, now: datetime) -> int:
    """Insert what is wanted; of two at once for one point or street the second gets the first's id."""
    wanted_id: int | None = session.scalar(
        text(
            "INSERT INTO wanted_stop (kind, from_on, point_id, street_id, geom, zone_id, label, service_minutes, weight, "
            "asked_by, asked_at) VALUES (:kind, :from_on, :point, :street, CASE WHEN CAST(:lon AS float8) IS NOT NULL THEN "
            "ST_Point(:lon, :lat, 4326) END, :zone, :label, :minutes, :weight, :by, :now) ON CONFLICT DO NOTHING RETURNING id"
        ),
        {
            **_place(new), "kind": new.kind, "from_on": new.from_on, "zone": zone_id, "label": new.label,
            "minutes": new.service_minutes, "weight": new.weight, "by": by, "now": now,
        },
    )  # fmt: skip
    return wanted_id if wanted_id is not None else same(session, new) or 0


def _place(new: NewWanted) -> dict[str, Any]:
    lon, lat = new.lonlat or (None, None)
    return {"point": new.point_id, "street": new.street_id, "lon": lon, "lat": lat}


def zone_at(session: Session, lon: float, lat: float, on: date) -> int | None:
    """Return the narrowest zone that the session sees at a place on a day."""
    found: int | None = session.scalar(
        text(
            "SELECT v.zone_id FROM zone_version v JOIN zone z ON z.id = v.zone_id JOIN zone_level l ON l.code = z.level "
            "WHERE ST_Intersects(v.geom, ST_Point(:lon, :lat, 4326)) AND (v.valid_from IS NULL OR v.valid_from <= :on) "
            "AND (v.valid_to IS NULL OR v.valid_to > :on) ORDER BY l.rank DESC, z.code LIMIT 1"
        ),
        {"lon": lon, "lat": lat, "on": on},
    )
    return found


def point_facts(session: Session, point_id: int) -> Row[Any] | None:
    """Return (name, zone_id, minutes, weight) of a point the session sees."""
    return session.execute(
        text(
            "SELECT p.name, p.zone_id, coalesce(p.service_minutes, c.service_minutes) AS minutes, "
            "coalesce(p.weight, c.weight) AS weight FROM point p JOIN point_category c ON c.code = p.category "
            "WHERE p.id = :id AND p.active"
        ),
        {"id": point_id},
    ).one_or_none()


def street_facts(session: Session, street_id: int) -> Row[Any] | None:
    """Return (name, zone_id, metres) of a street the session sees."""
    return session.execute(
        text(
            "SELECT coalesce(nullif(name, ''), code) AS name, zone_id, ST_Length(CAST(geom AS geography)) AS metres "
            "FROM street WHERE id = :id"
        ),
        {"id": street_id},
    ).one_or_none()


def end_if_done(session: Session, wanted_id: int, now: datetime) -> bool:
    """Mark one wish as done if it is, a track's visit being enough; tell whether it was."""
    done = session.execute(
        text(f"UPDATE wanted_stop w SET done_at = :now WHERE w.id = :id AND ({_DONE}) RETURNING w.id"),
        {"id": wanted_id, "now": now, "probable": True},
    )
    return done.one_or_none() is not None


def drop(session: Session, wanted_id: int, now: datetime) -> bool:
    """Mark what is wanted as dropped; False where nothing open has this id."""
    done = session.execute(
        text(
            "UPDATE wanted_stop SET dropped_at = :now WHERE id = :id AND done_at IS NULL AND dropped_at IS NULL RETURNING id"
        ),
        {"id": wanted_id, "now": now},
    )
    return done.one_or_none() is not None


def settle(session: Session, now: datetime, probable: bool) -> list[int]:
    """Mark as done what was: return the ids. `probable`: a track's visit of a point is enough."""
    rows = session.execute(
        text(
            f"UPDATE wanted_stop w SET done_at = :now WHERE w.done_at IS NULL AND w.dropped_at IS NULL AND ({_DONE}) "
            "RETURNING w.id"
        ),
        {"now": now, "probable": probable},
    )
    return [row.id for row in rows]


def open_ones(session: Session, probable: bool, now: datetime) -> list[Row[Any]]:
    """Return all that waits to be done, the oldest first, with the day on which a patrol not over yet is to be there."""
    return list(
        session.execute(
            text(
                "SELECT w.id, w.kind, coalesce(p.code, s.code, '') AS code, w.label, "
                f"ST_X({_PLACE}) AS lon, ST_Y({_PLACE}) AS lat, CASE WHEN s.id IS NOT NULL THEN ARRAY[ST_X(ST_StartPoint("
                "s.geom)), ST_Y(ST_StartPoint(s.geom)), ST_X(ST_EndPoint(s.geom)), ST_Y(ST_EndPoint(s.geom))] END AS ends, "
                "w.from_on, w.service_minutes, w.weight, "
                "coalesce(w.zone_id, p.zone_id, s.zone_id) AS zone_id, w.point_id, w.street_id, w.asked_at, "
                "u.login AS asked_by, (SELECT max(t.on_day) FROM route_stop rs JOIN patrol t ON t.route_id = rs.route_id "
                f"WHERE rs.wanted_id = w.id AND {PENDING}) AS planned_on "
                "FROM wanted_stop w LEFT JOIN point p ON p.id = w.point_id LEFT JOIN street s ON s.id = w.street_id "
                "LEFT JOIN app_user u ON u.id = w.asked_by "
                "WHERE w.done_at IS NULL AND w.dropped_at IS NULL "
                f"AND {_PLACE} IS NOT NULL AND NOT ({_DONE}) ORDER BY w.from_on, w.id"
            ),
            {"probable": probable, "now": now},
        )
    )

"""Requests for patrols: found, added, answered, listed with what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely
from geoalchemy2 import WKBElement
from sqlalchemy import select, text

from geoservice.store.patrol_requests import PatrolRequest, PatrolRequestStep

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

OPEN = ("asked", "wanted")
# What was put into a plan and taken out of it again waits for an answer as if nobody had given one.
_STATE = (
    "CASE WHEN r.state <> 'wanted' THEN r.state WHEN w.id IS NULL OR w.dropped_at IS NOT NULL THEN 'asked' "
    "WHEN t.id IS NOT NULL THEN 'planned' ELSE 'wanted' END"
)
_PATROL = (
    "LEFT JOIN LATERAL (SELECT p.id, p.on_day, m.name AS team, l.published_at FROM route_stop s "
    "JOIN patrol p ON p.route_id = s.route_id JOIN team m ON m.id = p.team_id LEFT JOIN plan l ON l.id = p.plan_id "
    "WHERE s.wanted_id = r.wanted_id AND p.status IN ('published', 'under_way', 'done') "
    "ORDER BY p.on_day DESC, p.id DESC LIMIT 1) t ON true"
)
_LISTED = (
    f"SELECT r.id, r.kind, {_STATE} AS state, r.point_id, coalesce(pt.code, z.code, '') AS code, r.label, r.area_m2, "
    "r.days_unseen, r.asked_at, u.name AS asked_by, t.id AS patrol_id, t.on_day AS planned_on, t.team, "
    "t.published_at AS planned_at, "
    "ST_X(coalesce(pt.geom, ST_PointOnSurface(r.ground))) AS lon, ST_Y(coalesce(pt.geom, ST_PointOnSurface(r.ground))) AS lat "
    "FROM patrol_request r JOIN app_user u ON u.id = r.asked_by LEFT JOIN point pt ON pt.id = r.point_id "
    f"LEFT JOIN zone z ON z.id = r.zone_id LEFT JOIN wanted_stop w ON w.id = r.wanted_id {_PATROL}"
)


def lock_asking(session: Session) -> None:
    """Until commit nobody else asks: two clicks at once would both find that nobody has."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('patrol request'))"))


def point_seen(session: Session, point_id: int) -> Row[Any] | None:
    """Return (name, code, zone_id) of a point the session sees."""
    return session.execute(
        text("SELECT name, code, zone_id FROM point WHERE id = :id AND active"), {"id": point_id}
    ).one_or_none()


def open_for_point(session: Session, point_id: int) -> PatrolRequest | None:
    """Return the request for a point that nobody has answered or fulfilled yet."""
    return session.scalars(
        select(PatrolRequest).where(PatrolRequest.point_id == point_id, PatrolRequest.state.in_(OPEN))
    ).first()


def open_at(session: Session, lon: float, lat: float) -> PatrolRequest | None:
    """Return the request for ground that holds a place and that nobody has answered or fulfilled yet."""
    return session.scalars(
        select(PatrolRequest)
        .where(PatrolRequest.state.in_(OPEN))
        .where(text("ST_Intersects(ground, ST_Point(:lon, :lat, 4326))").bindparams(lon=lon, lat=lat))
        .order_by(PatrolRequest.id)
    ).first()


def add(session: Session, request: PatrolRequest, ground: BaseGeometry | None) -> PatrolRequest:
    """Insert a request, with the ground of a blind spot."""
    request.ground = None if ground is None else WKBElement(shapely.to_wkb(ground), srid=4326)
    session.add(request)
    session.flush()
    return request


def add_step(
    session: Session, request_id: int, step: str, *, by: int | None, at: datetime, note: str = ""
) -> None:
    """Note what somebody did about a request."""
    session.add(PatrolRequestStep(request_id=request_id, step=step, by=by, at=at, note=note))
    session.flush()


def has_asked(session: Session, request_id: int, user_id: int) -> bool:
    """Tell whether somebody is among those who asked for it."""
    found = select(PatrolRequestStep.id).where(
        PatrolRequestStep.request_id == request_id,
        PatrolRequestStep.by == user_id,
        PatrolRequestStep.step == "asked",
    )
    return session.execute(found.limit(1)).first() is not None


def locked(session: Session, request_id: int) -> PatrolRequest | None:
    """Return a request the session sees, which nobody else answers until commit."""
    return session.scalars(
        select(PatrolRequest).where(PatrolRequest.id == request_id).with_for_update()
    ).one_or_none()


def place_of(session: Session, request_id: int) -> tuple[float, float]:
    """Return lon, lat of a place inside a blind spot that was asked for."""
    row = session.execute(
        text(
            "SELECT ST_X(p) AS lon, ST_Y(p) AS lat FROM (SELECT ST_PointOnSurface(ground) AS p FROM patrol_request WHERE id = :id) q"
        ),
        {"id": request_id},
    ).one()
    return row.lon, row.lat


def is_wish_open(session: Session, wanted_id: int | None) -> bool:
    """Tell whether what a request led to still waits to be planned or done."""
    query = "SELECT EXISTS (SELECT FROM wanted_stop WHERE id = :id AND dropped_at IS NULL)"
    return bool(session.scalar(text(query), {"id": wanted_id}))


def listed(session: Session, *, since: datetime, most: int, waiting_only: bool = False) -> list[Row[Any]]:
    """Return the requests that the session sees, those that wait first, the newest first; closed ones as old as `since`.

    `waiting_only`: those that nobody has answered.
    """
    found = f"SELECT * FROM ({_LISTED} WHERE r.state IN ('asked', 'wanted') OR r.asked_at >= :since) AS q"
    kept = " WHERE state = 'asked'" if waiting_only else ""
    order = " ORDER BY state <> 'asked', state IN ('declined', 'seen'), asked_at DESC, id DESC LIMIT :most"
    return list(session.execute(text(found + kept + order), {"since": since, "most": most}))


def count_waiting(session: Session) -> int:
    """Count the requests that the session sees and nobody has answered."""
    query = (
        "SELECT count(*) FROM patrol_request r LEFT JOIN wanted_stop w ON w.id = r.wanted_id WHERE r.state = 'asked' "
        "OR (r.state = 'wanted' AND (w.id IS NULL OR w.dropped_at IS NOT NULL))"
    )
    return int(session.scalar(text(query)) or 0)


def steps_of(session: Session, request_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Return the steps (step, by, who, at, note) of each request, the first first; `by` and `who` None: the tracks."""
    rows = session.execute(
        text(
            "SELECT s.request_id, s.step, s.by, u.name AS who, s.at, s.note FROM patrol_request_step s "
            "LEFT JOIN app_user u ON u.id = s.by WHERE s.request_id = ANY (:ids) ORDER BY s.id"
        ),
        {"ids": list(request_ids)},
    )
    found: dict[int, list[Row[Any]]] = {one: [] for one in request_ids}
    for row in rows:
        found[row.request_id].append(row)
    return found


def done_elsewhere(session: Session, *, probable: bool) -> list[int]:
    """Return the open requests whose stop a patrol did, or at whose point somebody was since; `probable`: a track is enough."""
    rows = session.execute(
        text(
            "SELECT r.id FROM patrol_request r LEFT JOIN wanted_stop w ON w.id = r.wanted_id "
            "WHERE r.state IN ('asked', 'wanted') AND (w.done_at IS NOT NULL "
            "OR EXISTS (SELECT FROM check_in c WHERE c.point_id = r.point_id AND c.at >= r.asked_at) "
            "OR (:probable AND EXISTS (SELECT FROM visit v WHERE v.point_id = r.point_id AND v.arrived_at >= r.asked_at))) "
            "ORDER BY r.id"
        ),
        {"probable": probable},
    )
    return [row.id for row in rows]


def open_grounds(session: Session) -> list[tuple[Row[Any], BaseGeometry]]:
    """Return (id, since_on, period) and the ground of each blind spot that is asked for and not known to be seen."""
    rows = session.execute(
        text(
            "SELECT id, since_on, period, ST_AsBinary(ground) AS geom FROM patrol_request "
            "WHERE kind = 'gap' AND state IN ('asked', 'wanted') ORDER BY id"
        )
    ).all()
    return list(zip(rows, shapely.from_wkb([bytes(row.geom) for row in rows]), strict=True))


def set_seen(session: Session, request_ids: Collection[int]) -> None:
    """Note that what was asked for was seen."""
    session.execute(
        text("UPDATE patrol_request SET state = 'seen' WHERE id = ANY (:ids)"), {"ids": sorted(request_ids)}
    )

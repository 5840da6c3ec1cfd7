"""Where cases are: near-duplicates, how often the like was there before, and the ground they lie on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store import case_rows
from geoservice.store.near_rows import M_PER_DEGREE

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

    from sqlalchemy.orm import Session

    from geoservice.store.case_rows import CaseView

# The box lets the index answer; metres are then measured on the ellipsoid.
_PLACE = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
_WITHIN = (
    f"c.geom && ST_Expand({_PLACE}, :reach / ({M_PER_DEGREE} * cos(radians(:lat))), :reach / {M_PER_DEGREE}) "
    f"AND ST_Distance(c.geom::geography, {_PLACE}::geography) <= :reach"
)
_KNOWN = {
    "point": "SELECT EXISTS (SELECT FROM point WHERE id = :id)",
    "street": "SELECT EXISTS (SELECT FROM street WHERE id = :id)",
    "patrol": "SELECT EXISTS (SELECT FROM patrol WHERE id = :id)",
    "check_in": "SELECT EXISTS (SELECT FROM check_in WHERE id = :id)",
    "department": "SELECT EXISTS (SELECT FROM department WHERE id = :id)",
    "leader": "SELECT EXISTS (SELECT FROM leader WHERE id = :id)",
    "role": "SELECT EXISTS (SELECT FROM contract_role WHERE code = :id)",
}


def near_duplicates(
    session: Session,
    kind: str,
    place: tuple[float, float],
    at: datetime,
    *,
    reach_m: float,
    within: timedelta,
) -> list[CaseView]:
    """Return the cases of a kind that were reported near a place and an instant, the nearest first; no joined or rejected ones."""
    values = {**_place(place, reach_m), "kind": kind, "first": at - within, "last": at + within}
    return case_rows.views(
        session,
        f"SELECT c.* FROM patrol_case c WHERE {_WITHIN} AND c.kind = :kind AND c.reported_at BETWEEN :first AND :last "
        "AND c.state NOT IN ('joined', 'rejected')",
        f"ST_Distance(c.geom::geography, {_PLACE}::geography), c.id",
        values,
    )


def count_before(
    session: Session, case_id: int, *, point_id: int | None, reach_m: float, within: timedelta
) -> int:
    """Count the cases of a case's kind at its point, or near its place, that had been closed within a time before it."""
    same_place = "c.point_id = :point" if point_id is not None else _WITHIN
    query = (
        f"SELECT count(*) FROM patrol_case c, patrol_case n WHERE n.id = :id AND {same_place} AND c.kind = n.kind "
        "AND c.closed_at <= n.reported_at AND c.closed_at > n.reported_at - :within AND c.id <> n.id"
    )
    place = session.execute(
        text("SELECT ST_X(geom), ST_Y(geom) FROM patrol_case WHERE id = :id"), {"id": case_id}
    ).one()
    values = {**_place((place[0], place[1]), reach_m), "id": case_id, "point": point_id, "within": within}
    return int(session.scalar(text(query), values) or 0)


def path_of(session: Session, zone_id: int | None, on: date) -> tuple[int, ...]:
    """Return the zones from the widest down to a zone, as of a day; () for none."""
    found = session.scalar(
        text(
            "SELECT v.path FROM zone_version v WHERE v.zone_id = :id AND (v.valid_from IS NULL OR v.valid_from <= :on) "
            "AND (v.valid_to IS NULL OR v.valid_to > :on)"
        ),
        {"id": zone_id, "on": on},
    )
    return tuple(found or ())


def is_known(session: Session, noun: str, row_id: int | str) -> bool:
    """Tell whether there is a point, street, patrol, check_in, department or leader of an id, or a role of a code."""
    return bool(session.scalar(text(_KNOWN[noun]), {"id": row_id}))


def _place(place: tuple[float, float], reach_m: float) -> dict[str, Any]:
    return {"lon": place[0], "lat": place[1], "reach": reach_m}

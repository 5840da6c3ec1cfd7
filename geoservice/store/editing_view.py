"""What an editor sees of the ground: zones of a level, points and streets in a view, lists of them, exact to the last digit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.zone_versions import VALID_ON

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

_ZONES = f"""
    SELECT v.zone_id AS id, z.level, z.code, v.name, v.parent_id, p.code AS parent_code, v.row_version, v.attributes,
           ST_AsBinary(v.geom) AS geom
    FROM zone_version v JOIN zone z ON z.id = v.zone_id LEFT JOIN zone p ON p.id = v.parent_id
    WHERE {VALID_ON}
"""
_POINTS = """
    SELECT id, code, category, name, address, required_interval_days, service_minutes, weight, active, row_version, attributes,
           ST_AsBinary(geom) AS geom
    FROM point WHERE true
"""
_STREETS = """
    SELECT id, code, name, street_class, one_way, length_m, row_version, attributes, ST_AsBinary(geom) AS geom FROM street
    WHERE true
"""
_IN_BOX = " AND {geom} && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
_LIKE = " AND ({code} ILIKE :like ESCAPE '\\' OR {name} ILIKE :like ESCAPE '\\')"

Box = tuple[float, float, float, float]


def zones_in_view(session: Session, level: str, box: Box, day: date, limit: int) -> list[dict[str, Any]]:
    """Zones of a level that meet a box (west, south, east, north) on `day`; `geom` is WKB."""
    sql = f"{_ZONES} AND z.level = :level {_IN_BOX.format(geom='v.geom')} ORDER BY z.code LIMIT :limit"
    return _rows(session, sql, {"level": level, "day": day, "limit": limit, **_corners(box)})


def points_in_view(session: Session, box: Box, limit: int) -> list[dict[str, Any]]:
    """Points in use in a box; `geom` is WKB."""
    sql = f"{_POINTS} AND active {_IN_BOX.format(geom='geom')} ORDER BY code LIMIT :limit"
    return _rows(session, sql, {"limit": limit, **_corners(box)})


def streets_in_view(session: Session, box: Box, limit: int) -> list[dict[str, Any]]:
    """Streets that meet a box, the longest where there are more than `limit`; `geom` is WKB."""
    sql = f"{_STREETS} {_IN_BOX.format(geom='geom')} ORDER BY length_m DESC NULLS FIRST, code LIMIT :limit"
    return _rows(session, sql, {"limit": limit, **_corners(box)})


def zone_to_edit(session: Session, zone_id: int, day: date) -> dict[str, Any] | None:
    """One zone as of a day."""
    return next(iter(_rows(session, f"{_ZONES} AND v.zone_id = :id", {"id": zone_id, "day": day})), None)


def point_to_edit(session: Session, point_id: int) -> dict[str, Any] | None:
    """One point."""
    return next(iter(_rows(session, f"{_POINTS} AND id = :id", {"id": point_id})), None)


def street_to_edit(session: Session, street_id: int) -> dict[str, Any] | None:
    """One street."""
    return next(iter(_rows(session, f"{_STREETS} AND id = :id", {"id": street_id})), None)


def street_classes(session: Session) -> list[str]:
    """The classes that streets have, the most frequent first."""
    sql = "SELECT street_class FROM street GROUP BY street_class ORDER BY count(*) DESC, street_class"
    return list(session.scalars(text(sql)))


def listed_zones(session: Session, level: str, like: str, day: date) -> list[dict[str, Any]]:
    """Zones of a level whose code or name is `like`, without their borders."""
    sql = (
        "SELECT v.zone_id AS id, z.code, v.name, p.code AS kind FROM zone_version v JOIN zone z ON z.id = v.zone_id "
        f"LEFT JOIN zone p ON p.id = v.parent_id WHERE {VALID_ON} AND z.level = :level "
        f"{_LIKE.format(code='z.code', name='v.name')} ORDER BY z.code"
    )
    return _rows(session, sql, {"level": level, "day": day, "like": like})


def listed_points(session: Session, like: str) -> list[dict[str, Any]]:
    """Points whose code or name is `like`, without their places."""
    like_sql = _LIKE.format(code="code", name="name")
    sql = f"SELECT id, code, name, category AS kind FROM point WHERE true {like_sql} ORDER BY code"
    return _rows(session, sql, {"like": like})


def listed_streets(session: Session, like: str) -> list[dict[str, Any]]:
    """Streets whose code or name is `like`, without their lines."""
    like_sql = _LIKE.format(code="code", name="name")
    sql = f"SELECT id, code, name, street_class AS kind FROM street WHERE true {like_sql} ORDER BY code"
    return _rows(session, sql, {"like": like})


def whole_view(session: Session, level: str, day: date) -> Box | None:
    """The box around the zones of a level that this session sees, or else around whatever zones there are."""
    sql = (
        "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Extent(v.geom) AS e FROM zone_version v "
        f"JOIN zone z ON z.id = v.zone_id WHERE {VALID_ON} AND (z.level = :level OR CAST(:level AS text) IS NULL)) s"
    )
    for wanted in (level, None):
        west, south, east, north = session.execute(text(sql), {"day": day, "level": wanted}).one()
        if west is not None:
            return west, south, east, north
    return None


def levels_in_use(session: Session, day: date) -> list[str]:
    """Levels that have zones on `day`, the widest first."""
    sql = (
        "SELECT l.code FROM zone_level l WHERE EXISTS (SELECT FROM zone_version v JOIN zone z ON z.id = v.zone_id "
        f"WHERE z.level = l.code AND {VALID_ON}) ORDER BY l.rank"
    )
    return list(session.scalars(text(sql), {"day": day}))


def zone_id_of(session: Session, code: str, level: str, day: date) -> int | None:
    """The zone that a code means as the parent of a zone of `level`: of the nearest wider level; None: there is none."""
    sql = (
        "SELECT z.id FROM zone z JOIN zone_level l ON l.code = z.level JOIN zone_version v ON v.zone_id = z.id "
        f"WHERE z.code = :code AND {VALID_ON} AND l.rank < (SELECT rank FROM zone_level WHERE code = :level) "
        "ORDER BY l.rank DESC LIMIT 1"
    )
    found: int | None = session.scalar(text(sql), {"code": code, "level": level, "day": day})
    return found


def was_ever_seen(session: Session, table: str, column: str, thing_id: int) -> bool:
    """Tell whether this session sees rows of a thing, or notes of rows that are gone."""
    noted = "(before ->> 'zone_id')::integer" if table == "zone_version" else "row_id"
    sql = (
        f"SELECT EXISTS (SELECT FROM {table} WHERE {column} = :id) "
        f"OR EXISTS (SELECT FROM row_change WHERE noun = :noun AND {noted} = :id)"
    )
    return bool(session.scalar(text(sql), {"id": thing_id, "noun": table}))


def _rows(session: Session, sql: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in session.execute(text(sql), asked)]


def _corners(box: Box) -> dict[str, float]:
    return dict(zip(("west", "south", "east", "north"), box, strict=True))

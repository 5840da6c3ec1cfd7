"""What the checks of the ground read: zones with their borders, points close together, shapes near a file's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    Box = tuple[float, float, float, float]  # west, south, east, north

VALID_ON = "(v.valid_from IS NULL OR v.valid_from <= :on) AND (v.valid_to IS NULL OR v.valid_to > :on)"


@dataclass(frozen=True)
class ZoneBorder:
    """A zone of a day with its border in lon/lat."""

    zone_id: int
    level: str
    code: str
    name: str
    parent_id: int | None
    row_version: int
    geom: BaseGeometry


@dataclass(frozen=True)
class ZoneName:
    """A zone of a day without its border; `lon` and `lat` lie inside it."""

    zone_id: int
    level: str
    code: str
    name: str
    parent_id: int | None
    lon: float
    lat: float


@dataclass(frozen=True)
class ParentName:
    """A zone that has others below it, and how many."""

    code: str
    name: str
    children: int


@dataclass(frozen=True)
class ActivePoints:
    """Points in use, one a place of each column; `lonlat` (n, 2)."""

    codes: list[str]
    names: list[str]
    lonlat: NDArray[np.float64]


def zone_borders(
    session: Session, on: date, *, level: str | None = None, parent_id: int | None = None
) -> list[ZoneBorder]:
    """Return zones of a day with their borders, in order of code; of one level, below one zone."""
    rows = session.execute(
        text(
            f"""
            SELECT v.zone_id, z.level, z.code, v.name, v.parent_id, v.row_version, ST_AsBinary(v.geom) AS geom
            FROM zone_version v JOIN zone z ON z.id = v.zone_id
            WHERE {VALID_ON} AND (CAST(:level AS text) IS NULL OR z.level = :level)
              AND (CAST(:parent AS int) IS NULL OR v.parent_id = :parent)
            ORDER BY z.code, v.zone_id
            """
        ),
        {"on": on, "level": level, "parent": parent_id},
    ).all()
    return _borders(rows)


def borders_of(session: Session, on: date, zone_ids: Sequence[int]) -> dict[int, ZoneBorder]:
    """Return the zones of a day that have these ids."""
    rows = session.execute(
        text(
            f"""
            SELECT v.zone_id, z.level, z.code, v.name, v.parent_id, v.row_version, ST_AsBinary(v.geom) AS geom
            FROM zone_version v JOIN zone z ON z.id = v.zone_id
            WHERE {VALID_ON} AND v.zone_id = ANY(:ids)
            """
        ),
        {"on": on, "ids": list(zone_ids)},
    ).all()
    return {border.zone_id: border for border in _borders(rows)}


def zone_names(session: Session, on: date) -> list[ZoneName]:
    """Return all zones of a day, the widest level first, then by code."""
    rows = session.execute(
        text(
            f"""
            SELECT v.zone_id, z.level, z.code, v.name, v.parent_id,
                   ST_X(ST_Centroid(ST_Envelope(v.geom))), ST_Y(ST_Centroid(ST_Envelope(v.geom)))
            FROM zone_version v JOIN zone z ON z.id = v.zone_id JOIN zone_level l ON l.code = z.level
            WHERE {VALID_ON} ORDER BY l.rank, z.code, v.zone_id
            """
        ),
        {"on": on},
    )
    return [ZoneName(*row) for row in rows]


def parents_of(session: Session, on: date, level: str) -> list[ParentName]:
    """Return the zones that have zones of a level directly below them on a day, in order of code."""
    rows = session.execute(
        text(
            f"""
            SELECT p.code, coalesce(max(n.name), p.code), count(DISTINCT v.zone_id)
            FROM zone_version v JOIN zone z ON z.id = v.zone_id JOIN zone p ON p.id = v.parent_id
            LEFT JOIN zone_version n ON n.zone_id = p.id AND n.valid_to IS NULL
            WHERE z.level = :level AND {VALID_ON} GROUP BY p.id, p.code ORDER BY p.code
            """
        ),
        {"on": on, "level": level},
    )
    return [ParentName(*row) for row in rows]


def active_points(session: Session) -> ActivePoints:
    """Return every active point, in order of code."""
    row = session.execute(
        text(
            "SELECT coalesce(array_agg(code), '{}') AS codes, coalesce(array_agg(name), '{}') AS names, "
            "ST_AsBinary(ST_Collect(array_agg(geom))) AS places "
            "FROM (SELECT code, name, geom FROM point WHERE active ORDER BY code) p"
        )
    ).one()
    places = shapely.from_wkb(bytes(row.places)) if row.places else None
    return ActivePoints(row.codes, row.names, shapely.get_coordinates(places))


def ground_bounds(session: Session) -> Box | None:
    """Return the box around every border that has no end; None without one."""
    row = session.execute(
        text(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) "
            "FROM (SELECT ST_Extent(geom) AS e FROM zone_version WHERE valid_to IS NULL) v WHERE e IS NOT NULL"
        )
    ).one_or_none()
    return None if row is None else (float(row[0]), float(row[1]), float(row[2]), float(row[3]))


def borders_near(session: Session, box: Box, limit: int) -> dict[str, NDArray[np.object_]]:
    """Return level → borders without end that reach into a box, at most `limit` each, the widest level first."""
    rows = session.execute(
        text(
            """
            SELECT level, geom FROM (
                SELECT z.level, l.rank, ST_AsBinary(v.geom) AS geom,
                       row_number() OVER (PARTITION BY z.level ORDER BY z.id) AS number
                FROM zone_version v JOIN zone z ON z.id = v.zone_id JOIN zone_level l ON l.code = z.level
                WHERE v.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) AND v.valid_to IS NULL
            ) near WHERE number <= :most ORDER BY rank
            """
        ),
        {**_edges(box), "most": limit},
    ).all()
    shapes, levels = _shapes(rows), np.array([row.level for row in rows], dtype=object)
    return {level: shapes[levels == level] for level in dict.fromkeys(levels)}


def streets_near(session: Session, box: Box, limit: int) -> NDArray[np.object_]:
    """Return streets that reach into a box."""
    return _near(session, "street", box, limit)


def points_near(session: Session, box: Box, limit: int) -> NDArray[np.object_]:
    """Return points inside a box."""
    return _near(session, "point", box, limit)


def _borders(rows: Sequence[Any]) -> list[ZoneBorder]:
    return [
        ZoneBorder(row.zone_id, row.level, row.code, row.name, row.parent_id, row.row_version, geom)
        for row, geom in zip(rows, _shapes(rows), strict=True)
    ]


def _near(session: Session, table: str, box: Box, limit: int) -> NDArray[np.object_]:
    rows = session.execute(
        text(
            f"SELECT ST_AsBinary(geom) AS geom FROM {table} "
            "WHERE geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) ORDER BY id LIMIT :most"
        ),
        {**_edges(box), "most": limit},
    ).all()
    return _shapes(rows)


def _edges(box: Box) -> dict[str, float]:
    return dict(zip(("west", "south", "east", "north"), box, strict=True))


def _shapes(rows: Sequence[Any]) -> NDArray[np.object_]:
    shapes: NDArray[np.object_] = np.empty(len(rows), dtype=np.object_)
    shapes[:] = shapely.from_wkb([bytes(row.geom) for row in rows])
    return shapes

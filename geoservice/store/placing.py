"""Which zone a point or a street stands in today: kept in a column, so that row-level security need not measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

# From the polygons' side, each looking into the index of the small things; the deepest level wins, then the code.
PLACE = """
    WITH place AS (
        SELECT DISTINCT ON (t.id) t.id, v.zone_id
        FROM zone_version v JOIN zone z ON z.id = v.zone_id JOIN zone_level l ON l.code = z.level
        CROSS JOIN LATERAL (
            SELECT s.id FROM {table} s WHERE s.geom && v.geom AND ST_Intersects(v.geom, {spot})
        ) t
        WHERE (v.valid_from IS NULL OR v.valid_from <= :on) AND (v.valid_to IS NULL OR v.valid_to > :on)
        ORDER BY t.id, l.rank DESC, z.code
    )
    UPDATE {table} u SET zone_id = place.zone_id
    FROM {table} t LEFT JOIN place ON place.id = t.id
    WHERE u.id = t.id AND u.zone_id IS DISTINCT FROM place.zone_id
"""
SPOTS = {"point": "s.geom", "street": "ST_LineInterpolatePoint(s.geom, 0.5)"}


def place_points(session: Session, on: date) -> int:
    """Set the zone of every point as of `on` → how many moved."""
    return _place(session, "point", on)


def place_streets(session: Session, on: date) -> int:
    """Set the zone of every street, by its midpoint, as of `on` → how many moved."""
    return _place(session, "street", on)


def _place(session: Session, table: str, on: date) -> int:
    result = session.execute(text(PLACE.format(table=table, spot=SPOTS[table])), {"on": on})
    return int(result.rowcount)  # type: ignore[attr-defined]

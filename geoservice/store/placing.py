"""Which zone a point or a street stands in today: kept in a column, so that row-level security need not measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from geoservice.store.bulk import run_in_chunks

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

# From the polygons' side, each looking into the index of the small things; the deepest level wins, then the code.
# MATERIALIZED and OFFSET 0 keep the planner from turning the order round: right after an import it has no statistics,
# and the other order takes a hundred times as long.
PLACES = """
    WITH ground AS MATERIALIZED (
        SELECT v.zone_id, v.geom, l.rank, z.code
        FROM zone_version v JOIN zone z ON z.id = v.zone_id JOIN zone_level l ON l.code = z.level
        WHERE (v.valid_from IS NULL OR v.valid_from <= :on) AND (v.valid_to IS NULL OR v.valid_to > :on)
    )
    SELECT DISTINCT ON (t.id) t.id, g.zone_id
    FROM ground g
    CROSS JOIN LATERAL (
        SELECT s.id FROM {table} s WHERE s.geom && g.geom AND ST_Intersects(g.geom, {spot}) OFFSET 0
    ) t
    ORDER BY t.id, g.rank DESC, g.code
"""
SPOTS = {"point": "s.geom", "street": "ST_LineInterpolatePoint(s.geom, 0.5)"}


def place_points(session: Session, on: date) -> int:
    """Set the zone of every point as of `on` → how many moved."""
    return _place(session, "point", on)


def place_streets(session: Session, on: date) -> int:
    """Set the zone of every street, by its midpoint, as of `on` → how many moved."""
    return _place(session, "street", on)


def _place(session: Session, table: str, on: date) -> int:
    found = session.execute(text(PLACES.format(table=table, spot=SPOTS[table])), {"on": on})
    places = {row.id: row.zone_id for row in found}
    stored = session.execute(text(f"SELECT id, zone_id FROM {table}"))
    moved = [(row.id, places.get(row.id)) for row in stored if row.zone_id != places.get(row.id)]
    run_in_chunks(
        session,
        f"UPDATE {table} t SET zone_id = r.zone_id "
        "FROM unnest(CAST(:ids AS int[]), CAST(:zone_ids AS int[])) AS r(id, zone_id) WHERE t.id = r.id",
        {"ids": [key for key, _ in moved], "zone_ids": [zone_id for _, zone_id in moved]},
    )
    return len(moved)

"""Which zone a point or a street stands in today: kept in a column, so that row-level security need not measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

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
    SELECT DISTINCT ON (t.{key}) t.{key}, g.zone_id
    FROM ground g
    CROSS JOIN LATERAL (
        SELECT s.{key} FROM {table} s WHERE s.geom && g.geom AND ST_Intersects(g.geom, {spot}) AND {chosen} OFFSET 0
    ) t
    ORDER BY t.{key}, g.rank DESC, g.code
"""
SPOTS = {"point": "s.geom", "street": "ST_LineInterpolatePoint(s.geom, 0.5)"}


def place_points(session: Session, on: date) -> int:
    """Set the zone of every point as of `on` → how many moved."""
    return _place(session, "point", on)


def place_other_points(session: Session, on: date, batch_id: int) -> int:
    """Set the zone of every point that a batch did not write as of `on` → how many moved."""
    return _place(session, "point", on, "s.batch_id IS DISTINCT FROM :batch", batch=batch_id)


def place_streets(session: Session, on: date) -> int:
    """Set the zone of every street, by its midpoint, as of `on` → how many moved."""
    return _place(session, "street", on)


def place_incoming(session: Session, on: date) -> None:
    """Say in the temporary table `incoming_place` in which zone each point of `incoming` stands on `on`."""
    if session.execute(text("SELECT EXISTS (SELECT FROM zone_version)")).scalar_one():
        session.execute(text("CREATE INDEX ON pg_temp.incoming USING gist (geom)"))
    session.execute(text("DROP TABLE IF EXISTS pg_temp.incoming_place"))
    session.execute(
        text(
            "CREATE TEMPORARY TABLE incoming_place ON COMMIT DROP AS "
            + PLACES.format(table="incoming", key="number", spot="s.geom", chosen="true")
        ),
        {"on": on},
    )
    session.execute(text("ANALYZE pg_temp.incoming_place"))


def _place(session: Session, table: str, on: date, chosen: str = "true", **values: int) -> int:
    if not session.execute(
        text(f"SELECT EXISTS (SELECT FROM {table} s WHERE {chosen})"), values
    ).scalar_one():
        return 0
    places = PLACES.format(table=table, key="id", spot=SPOTS[table], chosen=chosen)
    moved: Any = session.execute(
        text(
            f"""
            UPDATE {table} t SET zone_id = f.zone_id
            FROM (SELECT s.id, p.zone_id FROM {table} s LEFT JOIN ({places}) p ON p.id = s.id WHERE {chosen}) f
            WHERE t.id = f.id AND t.zone_id IS DISTINCT FROM f.zone_id
            """
        ),
        {"on": on, **values},
    )
    return int(moved.rowcount)

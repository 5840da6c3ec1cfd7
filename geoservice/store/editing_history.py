"""What is noted of the rows of one thing: each change with the row before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.undo_rows import COLUMNS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

TABLES = {"zone": "zone_version", "point": "point", "street": "street"}
# The rows of a zone are its versions, also those that are gone.
_WHICH = {
    "zone": "(c.before ->> 'zone_id')::integer = :id OR c.row_id IN (SELECT id FROM zone_version WHERE zone_id = :id)",
    "point": "c.row_id = :id",
    "street": "c.row_id = :id",
}
_ALIVE = {"zone": "t.zone_id = :id", "point": "t.id = :id", "street": "t.id = :id"}


@dataclass(frozen=True)
class Note:
    """One change of one row; `before` and `after` as JSON, geometry as EWKB in hexadecimal. `at` None: not known."""

    at: datetime | None
    by: str | None
    batch: int | None
    undone: bool
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def notes_of(session: Session, noun: str, thing_id: int) -> list[Note]:
    """Every change of a thing's rows in the order in which they happened, each row's coming included."""
    table = TABLES[noun]
    columns = ", ".join(
        f"'{name}', " + ("encode(ST_AsEWKB(t.geom), 'hex')" if name == "geom" else f"t.{name}")
        for name in COLUMNS[table].split(", ")
    )
    sql = f"""
        WITH alive AS (SELECT t.id AS row_id, jsonb_build_object({columns}) AS row FROM {table} t WHERE {_ALIVE[noun]}),
        noted AS (SELECT c.* FROM row_change c WHERE c.noun = '{table}' AND ({_WHICH[noun]})),
        steps AS (
            SELECT n.id, n.at, n.user_id, n.batch_id, n.action, n.row_id, n.before,
                   CASE WHEN n.action <> 'delete' THEN
                       coalesce(lead(n.before) OVER (PARTITION BY n.row_id ORDER BY n.id), a.row) END AS after
            FROM noted n LEFT JOIN alive a ON a.row_id = n.row_id
        ),
        came AS (
            SELECT DISTINCT ON (s.row_id) s.row_id, s.row, (s.row ->> 'batch_id')::int AS batch_id
            FROM (SELECT row_id, before AS row, id FROM noted UNION ALL SELECT row_id, row, NULL FROM alive) s
            ORDER BY s.row_id, s.id NULLS LAST
        ),
        every AS (
            SELECT s.at, s.user_id, s.batch_id, s.action, s.before, s.after, s.id AS rank FROM steps s
            UNION ALL
            SELECT b.created_at, b.created_by, c.batch_id, 'insert', NULL, c.row, 0
            FROM came c LEFT JOIN import_batch b ON b.id = c.batch_id WHERE c.row IS NOT NULL
        )
        SELECT e.at, u.name AS by, e.batch_id AS batch, b.undone_at IS NOT NULL AND e.at >= b.undone_at AS undone, e.action,
               e.before, e.after
        FROM every e LEFT JOIN app_user u ON u.id = e.user_id LEFT JOIN import_batch b ON b.id = e.batch_id
        ORDER BY e.rank, e.at NULLS FIRST
    """
    rows = session.execute(text(sql), {"id": thing_id})
    return [Note(**{**row._mapping, "undone": bool(row.undone)}) for row in rows]


def zone_codes(session: Session, zone_ids: set[int]) -> dict[int, str]:
    """Id → code of zones."""
    sql = "SELECT id, code FROM zone WHERE id = ANY(:ids)"
    return {row.id: row.code for row in session.execute(text(sql), {"ids": sorted(zone_ids)})}

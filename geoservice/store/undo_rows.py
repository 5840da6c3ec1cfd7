"""Putting rows back to what they were before an import, and what stands in the way of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

CODES_SHOWN = 5

# noun → its columns as `row_change.before` keeps them, beside `row_version`, which only ever grows.
COLUMNS = {
    "zone_version": "zone_id, name, parent_id, path, geom, valid_from, valid_to, attributes, batch_id",
    "exclusion": "code, kind, name, reason, geom, valid_from, valid_to, created_by, batch_id",
    "point": "code, category, name, address, geom, required_interval_days, service_minutes, weight, active, attributes, batch_id",
    "street": "code, name, street_class, one_way, geom, attributes, batch_id",
    "contract": "leader_id, role, zone_id, street_id, point_id, valid_from, valid_to, batch_id",
    "check_in": "point_id, member_id, at, received_at, has_findings, note, lon, lat, distance_m, client_uuid, batch_id",
}
VERSIONED = frozenset({"zone_version", "point", "street"})

# What makes two rows of a noun versions of one thing.
SAME = {
    "zone_version": "v.zone_id = r.zone_id",
    "exclusion": "v.code = r.code",
    "contract": "(v.leader_id, v.role, coalesce(v.zone_id, 0), coalesce(v.street_id, 0), coalesce(v.point_id, 0)) = "
    "(r.leader_id, r.role, coalesce(r.zone_id, 0), coalesce(r.street_id, 0), coalesce(r.point_id, 0))",
}

# How people call a row, from `row` as JSON.
LABELS = {
    "zone_version": "(SELECT z.code FROM zone z WHERE z.id = (row ->> 'zone_id')::int)",
    "contract": "(SELECT l.name FROM leader l WHERE l.id = (row ->> 'leader_id')::int)",
    "check_in": "(SELECT p.code FROM point p WHERE p.id = (row ->> 'point_id')::int)",
}

# What the import found: the first note of each row that it changed. Those that it had itself brought are not among `found`.
_FOUND = """
    first AS MATERIALIZED (
        SELECT DISTINCT ON (row_id) row_id, id, before FROM row_change
        WHERE batch_id = :batch AND noun = :noun ORDER BY row_id, id
    ),
    found AS MATERIALIZED (
        SELECT * FROM first WHERE (before ->> 'batch_id')::int IS DISTINCT FROM :batch
    )
"""
# A note as the row that it was; not by the type's name, for `point` is also a type of PostgreSQL's own.
_ROW = "CROSS JOIN LATERAL jsonb_populate_record((SELECT e FROM {noun} e WHERE false), f.before) r"

# An import that was undone stands in nobody's way: what it and its undoing did is even.
_STANDS = "NOT EXISTS (SELECT FROM import_batch b WHERE b.id = {row}.batch_id AND b.undone_at IS NOT NULL)"

_WAITS = "c.done_at IS NULL AND c.dropped_at IS NULL"
# References from rows that would stay to rows that would go.
REFERENCES = {
    "point": {
        "check_in": "SELECT p.code FROM check_in c JOIN point p ON p.id = c.point_id WHERE c.point_id = ANY(:ids)",
        "contract": "SELECT p.code FROM contract c JOIN point p ON p.id = c.point_id WHERE c.point_id = ANY(:ids)",
        "route": "SELECT p.code FROM route_stop c JOIN point p ON p.id = c.point_id WHERE c.point_id = ANY(:ids)",
        "case": "SELECT p.code FROM patrol_case c JOIN point p ON p.id = c.point_id WHERE c.point_id = ANY(:ids)",
        "inspection": "SELECT p.code FROM inspection_task c JOIN point p ON p.id = c.point_id WHERE c.point_id = ANY(:ids)",
        "wanted": f"SELECT p.code FROM wanted_stop c JOIN point p ON p.id = c.point_id WHERE c.point_id = ANY(:ids) AND {_WAITS}",
    },
    "street": {
        "contract": "SELECT s.code FROM contract c JOIN street s ON s.id = c.street_id WHERE c.street_id = ANY(:ids)",
        "route": "SELECT s.code FROM route_stop c JOIN street s ON s.id = c.street_id WHERE c.street_id = ANY(:ids)",
        "case": "SELECT s.code FROM patrol_case c JOIN street s ON s.id = c.street_id WHERE c.street_id = ANY(:ids)",
        "wanted": f"SELECT s.code FROM wanted_stop c JOIN street s ON s.id = c.street_id WHERE c.street_id = ANY(:ids) AND {_WAITS}",
    },
    "zone": {
        "contract": "SELECT z.code FROM contract c JOIN zone z ON z.id = c.zone_id WHERE c.zone_id = ANY(:ids)",
        "zone": "SELECT z.code FROM zone_version c JOIN zone z ON z.id = c.parent_id WHERE c.parent_id = ANY(:ids)",
        "case": "SELECT z.code FROM patrol_case c JOIN zone z ON z.id = c.zone_id WHERE c.zone_id = ANY(:ids)",
        "report": "SELECT z.code FROM citizen_report c JOIN zone z ON z.id = c.zone_id WHERE c.zone_id = ANY(:ids)",
        "user": "SELECT z.code FROM app_user c JOIN zone z ON z.id = c.scope_zone_id WHERE c.scope_zone_id = ANY(:ids)",
    },
}

NAMING_A_LEADER = (
    ("contract", "leader_id"),
    ("app_user", "leader_id"),
    ("patrol_case", "leader_id"),
    ("supervision_order", "leader_id"),
    ("deputy", "leader_id"),
    ("deputy", "deputy_id"),
    ("shared_map", "leader_id"),
)


@dataclass(frozen=True)
class LaterChange:
    """A change that came after an import, to one of its rows: of what, by whom, when."""

    code: str
    by: str | None
    at: datetime | None


def inserted_ids(session: Session, noun: str, batch_id: int) -> list[int]:
    """Rows that the import brought and that are still there."""
    sql = f"WITH {_FOUND} SELECT t.id FROM {noun} t WHERE t.batch_id = :batch AND t.id NOT IN (SELECT row_id FROM found)"
    return list(session.scalars(text(sql), {"noun": noun, "batch": batch_id}))


def later_changes(session: Session, noun: str, batch_id: int) -> list[LaterChange]:
    """Changes since the import to rows that it brought, changed or removed, one a row, the newest first."""
    label = LABELS.get(noun, "row ->> 'code'")
    sql = f"""
        WITH {_FOUND},
        since AS (
            SELECT c.before AS row, c.user_id, c.at, c.row_id
            FROM found f JOIN row_change c ON c.noun = :noun AND c.row_id = f.row_id AND c.id > f.id
            WHERE c.batch_id IS DISTINCT FROM :batch AND {_STANDS.format(row="c")}
            UNION ALL
            SELECT c.before, c.user_id, c.at, c.row_id FROM row_change c
            WHERE c.noun = :noun AND (c.before ->> 'batch_id')::int = :batch AND c.batch_id IS DISTINCT FROM :batch
              AND {_STANDS.format(row="c")}
            {_newer_versions(noun)}
        )
        SELECT DISTINCT ON (s.row_id) coalesce({label}, '?') AS code, u.name AS by, s.at
        FROM since s LEFT JOIN app_user u ON u.id = s.user_id ORDER BY s.row_id, s.at DESC
    """
    rows = session.execute(text(sql), {"noun": noun, "batch": batch_id})
    return sorted((LaterChange(**row._mapping) for row in rows), key=_newest, reverse=True)


def users_of(session: Session, noun: str, ids: Sequence[int]) -> Iterator[tuple[str, list[str]]]:
    """What refers to rows that would go: its kind, and the codes of the rows."""
    for kind, sql in REFERENCES.get(noun, {}).items():
        if codes := sorted(set(session.scalars(text(sql), {"ids": list(ids)}))):
            yield kind, codes


def delete_rows(session: Session, noun: str, ids: Sequence[int]) -> int:
    """Delete rows → how many went."""
    gone: Any = session.execute(text(f"DELETE FROM {noun} WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return int(gone.rowcount)


def newest_row_version(session: Session, noun: str, batch_id: int) -> int:
    """The highest row version among what the import wrote: what comes back gets a higher one, so that nobody who has
    seen the import's rows takes the old ones for them.
    """
    if noun not in VERSIONED:
        return 0
    sql = f"SELECT coalesce(max(row_version), 0) FROM {noun} WHERE batch_id = :batch"
    return int(session.execute(text(sql), {"batch": batch_id}).scalar_one())


def restore_rows(session: Session, noun: str, batch_id: int, newest: int) -> int:
    """Put rows back as the import found them, also those that it deleted, with versions above `newest` → how many."""
    names = COLUMNS[noun].split(", ")
    values = ", ".join(f"r.{name}" for name in names)
    row = _ROW.format(noun=noun)
    newer = ", row_version = greatest(t.row_version, :newest) + 1" if noun in VERSIONED else ""
    version, next_version = (
        (", row_version", ", greatest(r.row_version, :newest) + 1") if noun in VERSIONED else ("", "")
    )
    asked = {"noun": noun, "batch": batch_id, "newest": newest}
    updated: Any = session.execute(
        text(
            f"WITH {_FOUND} UPDATE {noun} t SET ({COLUMNS[noun]}) = ROW({values}){newer} "
            f"FROM found f {row} WHERE t.id = f.row_id"
        ),
        asked,
    )
    # The update is not among the first notes of its rows: what is read here is what it read.
    inserted: Any = session.execute(
        text(
            f"WITH {_FOUND} INSERT INTO {noun} (id, {COLUMNS[noun]}{version}) SELECT f.row_id, {values}{next_version} "
            f"FROM found f {row} WHERE NOT EXISTS (SELECT FROM {noun} t WHERE t.id = f.row_id)"
        ),
        asked,
    )
    return int(updated.rowcount + inserted.rowcount)


def zones_of(session: Session, version_ids: Sequence[int]) -> list[int]:
    """The zones of versions."""
    sql = "SELECT DISTINCT zone_id FROM zone_version WHERE id = ANY(:ids)"
    return list(session.scalars(text(sql), {"ids": list(version_ids)}))


def bare_zones(session: Session, zone_ids: Sequence[int], batch_id: int) -> list[int]:
    """Those of some zones that have no version left, and that undoing another import would not need again."""
    sql = f"""
        SELECT z.id FROM zone z WHERE z.id = ANY(:ids)
          AND NOT EXISTS (SELECT FROM zone_version v WHERE v.zone_id = z.id)
          AND NOT EXISTS (
              SELECT FROM row_change c WHERE c.noun = 'zone_version' AND (c.before ->> 'zone_id')::int = z.id
                AND c.batch_id IS NOT NULL AND c.batch_id <> :batch AND {_STANDS.format(row="c")}
          )
    """
    return list(session.scalars(text(sql), {"ids": list(zone_ids), "batch": batch_id}))


def delete_leaders(session: Session, codes: Sequence[str], batch_id: int) -> int:
    """Delete leaders that an import made, but those whom anything names now, or whom undoing another would need → how many."""
    sql = f"""
        DELETE FROM leader l WHERE l.code = ANY(:codes)
          AND {" AND ".join(f"NOT EXISTS (SELECT FROM {table} t WHERE t.{column} = l.id)" for table, column in NAMING_A_LEADER)}
          AND NOT EXISTS (
              SELECT FROM row_change c WHERE c.noun = 'contract' AND (c.before ->> 'leader_id')::int = l.id
                AND c.batch_id IS DISTINCT FROM :batch AND {_STANDS.format(row="c")}
          )
    """
    gone: Any = session.execute(text(sql), {"codes": list(codes), "batch": batch_id})
    return int(gone.rowcount)


def tracks_of(session: Session, batch_id: int) -> list[int]:
    """The tracks that an import brought."""
    return list(
        session.scalars(text("SELECT id FROM track WHERE batch_id = :id ORDER BY id"), {"id": batch_id})
    )


def _newer_versions(noun: str) -> str:
    """SQL: what came later in the days of a row that is to be restored."""
    if noun not in SAME:
        return ""
    return f"""
            UNION ALL
            SELECT to_jsonb(r), coalesce(c.user_id, b.created_by), coalesce(c.at, b.created_at), v.id
            FROM found f {_ROW.format(noun=noun)}
            JOIN {noun} v ON {SAME[noun]} AND v.id <> f.row_id
             AND daterange(v.valid_from, v.valid_to) && daterange(r.valid_from, r.valid_to)
            LEFT JOIN import_batch b ON b.id = v.batch_id
            LEFT JOIN row_change c ON c.noun = :noun AND c.row_id = v.id AND c.action = 'insert'
            WHERE v.batch_id IS DISTINCT FROM :batch AND v.id NOT IN (SELECT row_id FROM found)
    """


def _newest(change: LaterChange) -> float:
    return change.at.timestamp() if change.at else 0.0

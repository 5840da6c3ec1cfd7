"""Writing exclusions: versioned by code, each version a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.bulk import run_in_chunks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class ExclusionRow:
    """One version of an exclusion; `geom` is WKB of a MultiPolygon in 4326."""

    code: str
    kind: str
    name: str
    reason: str
    geom: bytes
    valid_from: date | None
    valid_to: date | None


TYPES = {
    "code": "text",
    "kind": "text",
    "name": "text",
    "reason": "text",
    "geom": "bytea",
    "valid_from": "date",
    "valid_to": "date",
}
_NAMES = ", ".join(TYPES)
_CASTS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in TYPES.items())


def stored_exclusions(session: Session) -> list[tuple[int, ExclusionRow]]:
    """Every version of every exclusion with its id, the oldest first."""
    sql = f"SELECT id, {_NAMES.replace('geom', 'ST_AsBinary(geom) AS geom')} FROM exclusion ORDER BY valid_from NULLS FIRST"
    found = []
    for row in session.execute(text(sql)).mappings():
        values = {name: row[name] for name in TYPES}
        found.append((int(row["id"]), ExclusionRow(**{**values, "geom": bytes(row["geom"])})))
    return found


def end_exclusions(session: Session, ids: Sequence[int], day: date) -> None:
    """End versions on `day`; those that began on it or later vanish."""
    sql = "DELETE FROM exclusion WHERE id = ANY(CAST(:ids AS int[])) AND valid_from >= :day"
    run_in_chunks(session, sql, {"ids": ids}, {"day": day})
    sql = "UPDATE exclusion SET valid_to = :day WHERE id = ANY(CAST(:ids AS int[]))"
    run_in_chunks(session, sql, {"ids": ids}, {"day": day})


def insert_exclusions(session: Session, rows: Sequence[ExclusionRow], batch_id: int, by: int | None) -> None:
    """Insert versions."""
    sql = f"""
        INSERT INTO exclusion ({_NAMES}, created_by, batch_id)
        SELECT code, kind, name, reason, ST_GeomFromWKB(geom, 4326), valid_from, valid_to, :by, :batch
        FROM unnest({_CASTS}) AS r({_NAMES})
    """
    run_in_chunks(session, sql, _columns(rows), {"batch": batch_id, "by": by})


def rewrite_exclusions(
    session: Session, ids: Sequence[int], rows: Sequence[ExclusionRow], batch_id: int
) -> None:
    """Change versions in place (their validity stays); where the border changed, a trigger has its mask made anew."""
    sql = f"""
        UPDATE exclusion e SET kind = r.kind, name = r.name, reason = r.reason, geom = ST_GeomFromWKB(r.geom, 4326),
               batch_id = :batch
        FROM unnest(CAST(:id AS int[]), {_CASTS}) AS r(id, {_NAMES}) WHERE e.id = r.id
    """
    run_in_chunks(session, sql, {"id": ids, **_columns(rows)}, {"batch": batch_id})


def _columns(rows: Sequence[ExclusionRow]) -> dict[str, list[Any]]:
    return {name: [getattr(row, name) for row in rows] for name in TYPES}

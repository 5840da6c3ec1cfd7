"""What an import would do, written where it stays when the import itself is taken back, and read for lists and maps."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, text

from geoservice.store.bulk import run_in_chunks
from geoservice.store.draft_outcomes import COPIED, outcomes_sql
from geoservice.store.drafts import DraftItem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

BUFFER_BYTES = 1 << 20


@dataclass(frozen=True)
class ProblemItem:
    """A row that was repaired or rejected, with its shape as the file has it and as it would be stored (WKB)."""

    number: int
    problem: Mapping[str, Any]
    before: bytes | None = None
    after: bytes | None = None


class Hashed:
    """A file that is written to and known by what went into it."""

    def __init__(self, sink: IO[bytes] | None) -> None:
        self._sink = sink
        self._digest = hashlib.sha256()

    def write(self, part: bytes) -> int:
        """Take the next bytes."""
        self._digest.update(part)
        return self._sink.write(part) if self._sink else len(part)

    def hexdigest(self) -> str:
        """Return by what the whole is known."""
        return self._digest.hexdigest()


def copy_outcomes(session: Session, kind: str, values: Mapping[str, Any], sink: IO[bytes] | None) -> str:
    """Write what an import of this transaction did to `sink`, for `copy_items` (None: nowhere); return its hash."""
    hashed = Hashed(sink)
    with _cursor(session) as cursor:
        query = cursor.mogrify(outcomes_sql(kind), dict(values)).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", hashed, size=BUFFER_BYTES)
    return hashed.hexdigest()


def copy_items(session: Session, source: IO[bytes]) -> None:
    """Make items of what `copy_outcomes` wrote."""
    with _cursor(session) as cursor:
        cursor.copy_expert(
            f"COPY draft_item ({', '.join(COPIED)}) FROM STDIN (FORMAT binary)", source, size=BUFFER_BYTES
        )


def add_problems(session: Session, draft_id: int, outcome: str, problems: Sequence[ProblemItem]) -> None:
    """Make items of rows that were repaired or rejected."""
    sql = """
        INSERT INTO draft_item (draft_id, outcome, number, problem, before, after)
        SELECT :draft, :outcome, number, CAST(problem AS jsonb), ST_GeomFromWKB(before, 4326), ST_GeomFromWKB(after, 4326)
        FROM unnest(CAST(:numbers AS int[]), CAST(:problems AS text[]), CAST(:before AS bytea[]), CAST(:after AS bytea[]))
             AS r(number, problem, before, after)
    """
    columns: dict[str, Sequence[Any]] = {
        "numbers": [each.number for each in problems],
        "problems": [json.dumps(each.problem, ensure_ascii=False) for each in problems],
        "before": [each.before for each in problems],
        "after": [each.after for each in problems],
    }
    run_in_chunks(session, sql, columns, {"draft": draft_id, "outcome": outcome})


def delete_items(session: Session, draft_id: int) -> None:
    """Remove the items of a draft."""
    session.execute(delete(DraftItem).where(DraftItem.draft_id == draft_id))


def page_of_items(session: Session, draft_id: int, outcome: str, *, first: int, size: int) -> list[Any]:
    """Return items of one outcome by their numbers, from `first` on: number, code, name, problem, changes."""
    query = (
        select(DraftItem.number, DraftItem.code, DraftItem.name, DraftItem.problem, DraftItem.changes)
        .where(
            DraftItem.draft_id == draft_id,
            DraftItem.outcome == outcome,
            DraftItem.number >= first,
            DraftItem.number < first + size,
        )
        .order_by(DraftItem.number)
    )
    return list(session.execute(query))


def count_items(session: Session, draft_id: int) -> dict[str, int]:
    """Return outcome → how many items of a draft have it."""
    query = (
        select(DraftItem.outcome, func.count())
        .where(DraftItem.draft_id == draft_id)
        .group_by(DraftItem.outcome)
    )
    return {outcome: int(count) for outcome, count in session.execute(query)}


def extent(session: Session, draft_id: int) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north of all shapes of a draft; None when it has none."""
    sql = """
        SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
        FROM (SELECT ST_Extent(s.geom) AS box FROM draft_item i, LATERAL (VALUES (i.before), (i.after)) AS s(geom)
              WHERE i.draft_id = :draft) AS all_of_it
        WHERE box IS NOT NULL
    """
    row = session.execute(text(sql), {"draft": draft_id}).one_or_none()
    return None if row is None else tuple(row)


def shapes_within(
    session: Session,
    draft_id: int,
    bounds: tuple[float, float, float, float],
    *,
    limit: int,
    tolerance: float,
) -> list[Any]:
    """Return up to `limit` shapes that meet `bounds`, what differs first: outcome, number, code, name, side, geometry as GeoJSON.

    Corners that stand out by less than `tolerance` (degrees) are left out.
    """
    sql = """
        WITH sides AS (
            SELECT i.outcome, i.number, i.code, i.name, s.side, s.geom
            FROM draft_item i, LATERAL (VALUES ('before', i.before), ('after', i.after)) AS s(side, geom)
            WHERE i.draft_id = :draft AND s.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
            ORDER BY array_position(ARRAY['changed', 'removed', 'repaired', 'rejected', 'new', 'unchanged'], i.outcome),
                     i.number, s.side DESC
            LIMIT :limit
        )
        SELECT outcome, number, code, name, side, ST_AsGeoJSON(ST_Simplify(geom, :tolerance, true), 6) AS shape FROM sides
    """
    west, south, east, north = bounds
    values = {"west": west, "south": south, "east": east, "north": north}
    return list(
        session.execute(text(sql), {**values, "draft": draft_id, "limit": limit, "tolerance": tolerance})
    )


def _cursor(session: Session):  # type: ignore[no-untyped-def]  # psycopg2's cursor, typed by its stubs as a private class
    return session.connection().connection.cursor()

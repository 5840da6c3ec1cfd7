"""Keeping the paths of zones right when a zone above them moves in the hierarchy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.bulk import run_in_chunks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

# Versions that hold on :day or later and whose path is not their parent's (as of when they hold) and themselves.
WRONG = """
    SELECT v.id, v.valid_to, CAST(p.path || v.zone_id AS text) AS path,
           v.valid_from IS NULL OR v.valid_from < :day AS began_before
    FROM zone_version v JOIN zone_version p ON p.zone_id = v.parent_id
     AND (p.valid_from IS NULL OR p.valid_from <= greatest(v.valid_from, :day))
     AND (p.valid_to IS NULL OR p.valid_to > greatest(v.valid_from, :day))
    WHERE (v.valid_to IS NULL OR v.valid_to > :day) AND v.path <> p.path || v.zone_id
"""


def realign_paths(session: Session, day: date, batch_id: int | None, *, in_place: bool) -> int:
    """Give every zone the path of its parent from `day` on → how many versions were set right.

    A version that began before `day` is split there, so that its past stays under the old parent; with
    `in_place` the path is corrected for its past too. Runs once a level of the hierarchy.
    """
    count = 0
    while wrong := session.execute(text(WRONG), {"day": day}).all():
        count += len(wrong)
        split = [row for row in wrong if row.began_before and not in_place]
        _split(session, split, day, batch_id)
        _set_paths(session, [row for row in wrong if in_place or not row.began_before])
    return count


def _split(session: Session, rows: Sequence[Any], day: date, batch_id: int | None) -> None:
    columns = {
        "ids": [row.id for row in rows],
        "valid_tos": [row.valid_to for row in rows],
        "paths": [row.path for row in rows],
    }
    run_in_chunks(
        session,
        "UPDATE zone_version SET valid_to = :day, row_version = row_version + 1 WHERE id = ANY(CAST(:ids AS int[]))",
        {"ids": columns["ids"]},
        {"day": day},
    )
    run_in_chunks(
        session,
        """
        INSERT INTO zone_version (zone_id, name, parent_id, path, geom, valid_from, valid_to, attributes, batch_id,
                                  row_version)
        SELECT v.zone_id, v.name, v.parent_id, CAST(r.path AS int[]), v.geom, :day, r.valid_to, v.attributes, :batch,
               v.row_version + 1
        FROM unnest(CAST(:ids AS int[]), CAST(:valid_tos AS date[]), CAST(:paths AS text[])) AS r(id, valid_to, path)
        JOIN zone_version v ON v.id = r.id
        """,
        columns,
        {"day": day, "batch": batch_id},
    )


def _set_paths(session: Session, rows: Sequence[Any]) -> None:
    run_in_chunks(
        session,
        """
        UPDATE zone_version v SET path = CAST(r.path AS int[]), row_version = v.row_version + 1
        FROM unnest(CAST(:ids AS int[]), CAST(:paths AS text[])) AS r(id, path) WHERE v.id = r.id
        """,
        {"ids": [row.id for row in rows], "paths": [row.path for row in rows]},
    )

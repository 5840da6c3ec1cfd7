"""Computations as recorded: what each read, refused and wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session


def start_run(session: Session, from_on: date, to_on: date, now: datetime, job_id: int | None) -> int:
    """Record that a computation of a window began; return its id."""
    run_id: int = session.execute(
        text(
            "INSERT INTO coverage_run (from_on, to_on, started_at, job_id) VALUES (:from_on, :to_on, :now, :job) "
            "RETURNING id"
        ),
        {"from_on": from_on, "to_on": to_on, "now": now, "job": job_id},
    ).scalar_one()
    return run_id


def finish_run(
    session: Session, run_id: int, counts: dict[str, int], refused: dict[str, int], now: datetime
) -> None:
    """Record what a computation did; `counts` has fixes, segments and tiles."""
    session.execute(
        text(
            "UPDATE coverage_run SET finished_at = :now, fix_count = :fixes, segment_count = :segments, "
            "tile_count = :tiles, refused = CAST(:refused AS jsonb) WHERE id = :id"
        ),
        {"id": run_id, "now": now, "refused": json.dumps(refused), **counts},
    )

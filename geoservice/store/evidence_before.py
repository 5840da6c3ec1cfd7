"""What a case looked like when it was found: its own photos, those of the finding or the check-in that it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_ORIGIN = """
    SELECT r.case_id, e.id FROM inspection_result r JOIN evidence e ON e.task_id = r.task_id AND e.item_id = r.item_id
    WHERE r.case_id = ANY(CAST(:cases AS int[]))
    UNION ALL
    SELECT c.id, e.id FROM patrol_case c JOIN evidence e ON e.check_in_id = c.check_in_id WHERE c.id = ANY(CAST(:cases AS int[]))
"""
_BEFORE = f"""
    SELECT e.case_id, e.id FROM evidence e WHERE e.case_id = ANY(CAST(:cases AS int[])) AND e.stage = 'before'
    UNION ALL {_ORIGIN}
"""


def origin_ids(session: Session, case_id: int, limit: int) -> list[int]:
    """Return the first photos of what a case was made of: findings of inspections, a check-in."""
    sql = f"WITH origin (case_id, id) AS ({_ORIGIN}) SELECT DISTINCT id FROM origin ORDER BY id LIMIT :limit"
    return list(session.scalars(text(sql), {"cases": [case_id], "limit": limit}))


def prints_before(session: Session, case_id: int) -> list[tuple[int, bytes, int | None]]:
    """Return (id, SHA-256, perceptual hash) of every photo of a case before the work."""
    sql = f"""
        WITH before (case_id, id) AS ({_BEFORE})
        SELECT DISTINCT p.evidence_id, p.sha256, p.phash FROM before b JOIN evidence_print p ON p.evidence_id = b.id
        ORDER BY p.evidence_id
    """
    rows = session.execute(text(sql), {"cases": [case_id]})
    return [(row.evidence_id, bytes(row.sha256), row.phash) for row in rows]


def served_before(
    session: Session, case_ids: Sequence[int], until: datetime, most: int
) -> dict[int, list[str]]:
    """Case → the names of the first served copies of its photos before the work, at most so many of each."""
    sql = f"""
        WITH before (case_id, id) AS ({_BEFORE})
        SELECT DISTINCT b.case_id, e.id, e.served FROM before b JOIN evidence e ON e.id = b.id WHERE e.at < :until
        ORDER BY e.id
    """
    found: dict[int, list[str]] = {}
    for row in session.execute(text(sql), {"cases": list(case_ids), "until": until}):
        mine = found.setdefault(row.case_id, [])
        if len(mine) < most:
            mine.append(str(row.served))
    return found

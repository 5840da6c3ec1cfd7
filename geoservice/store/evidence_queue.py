"""Photos that wait for somebody to judge them, and what was made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.evidence import EvidenceVerdict

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

# "Unclear" leaves a photo open, and so does a flag that was raised after it was judged.
_JUDGED = (
    "EXISTS (SELECT 1 FROM evidence_verdict v WHERE v.evidence_id = f.evidence_id AND v.verdict <> 'unclear' "
    "AND v.at >= f.raised_at)"
)


def flagged(
    session: Session, *, is_open: bool, code: str | None, before_id: int | None, limit: int
) -> list[int]:
    """Return the ids of flagged photos that this session may see, the newest first, below `before_id`."""
    sql = f"""
        SELECT f.evidence_id FROM evidence_flag f JOIN evidence e ON e.id = f.evidence_id
        WHERE {"NOT " if is_open else ""}{_JUDGED} AND (CAST(:code AS text) IS NULL OR f.code = :code)
          AND (CAST(:before AS bigint) IS NULL OR f.evidence_id < :before)
        GROUP BY f.evidence_id ORDER BY f.evidence_id DESC LIMIT :limit
    """
    return list(session.scalars(text(sql), {"code": code, "before": before_id, "limit": limit}))


def open_by_code(session: Session) -> dict[str, int]:
    """Flag → how many photos bear it that nobody judged."""
    sql = f"""
        SELECT f.code, count(*) AS number FROM evidence_flag f JOIN evidence e ON e.id = f.evidence_id
        WHERE NOT {_JUDGED} GROUP BY f.code
    """
    return {row.code: row.number for row in session.execute(text(sql))}


def count_open(session: Session) -> int:
    """Count the photos that wait for somebody."""
    sql = f"""
        SELECT count(DISTINCT f.evidence_id) FROM evidence_flag f JOIN evidence e ON e.id = f.evidence_id WHERE NOT {_JUDGED}
    """
    return int(session.execute(text(sql)).scalar_one())


def flags_of(session: Session, evidence_id: int) -> list[Row[Any]]:
    """Return (code, values, other_id, raised_at) of one photo."""
    sql = 'SELECT code, "values", other_id, raised_at FROM evidence_flag WHERE evidence_id = :id ORDER BY raised_at, code'
    return list(session.execute(text(sql), {"id": evidence_id}))


def verdicts_of(session: Session, evidence_id: int) -> list[Row[Any]]:
    """Return (verdict, note, at, name) of one photo, the newest first."""
    sql = (
        "SELECT v.verdict, v.note, v.at, coalesce(u.name, '') AS name FROM evidence_verdict v LEFT JOIN app_user u ON u.id = v.by "
        "WHERE v.evidence_id = :id ORDER BY v.id DESC"
    )
    return list(session.execute(text(sql), {"id": evidence_id}))


def add_verdict(
    session: Session, evidence_id: int, verdict: str, note: str, by: int | None, at: datetime
) -> None:
    """Note what somebody made of a photo; earlier verdicts stay."""
    session.add(EvidenceVerdict(evidence_id=evidence_id, verdict=verdict, note=note, by=by, at=at))
    session.flush()

"""Import batches as people read them: what came in, and what it refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import aliased

from geoservice.errors import NotFound
from geoservice.store.imports import ImportBatch
from geoservice.store.people import AppUser

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

PROBLEMS_SHOWN = 1000
# The last entry may stand for many rows; see formats/tables.py.
_ONLY_COUNTED = """
    CASE WHEN import_batch.rejected -> -1 ->> 'code' = 'more_rows_refused'
         THEN (import_batch.rejected -> -1 -> 'values' ->> 'count')::int - 1 ELSE 0 END
"""


@dataclass(frozen=True)
class BatchRow:
    """One import in a list."""

    id: int
    kind: str
    files: list[Any]
    detected: dict[str, Any]
    new_count: int
    changed_count: int
    unchanged_count: int
    removed_count: int
    rejected_count: int
    repaired_count: int
    created_at: datetime
    created_by: str | None
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True)
class BatchDetail:
    """One import with what it refused and repaired, as far as `PROBLEMS_SHOWN` reaches."""

    row: BatchRow
    rejected: list[Any]
    repaired: list[Any]


def recent_batches(session: Session, limit: int, *, only_by: int | None = None) -> list[BatchRow]:
    """Return the newest imports first; `only_by` leaves out what others brought in."""
    query = _rows().order_by(ImportBatch.id.desc()).limit(limit)
    if only_by is not None:
        query = query.where(ImportBatch.created_by == only_by)
    return [BatchRow(*row) for row in session.execute(query)]


def read_batch(session: Session, batch_id: int, *, only_by: int | None = None) -> BatchDetail:
    """Return one import; raises NotFound, also for somebody else's where `only_by` is given."""
    row = session.execute(_rows().where(ImportBatch.id == batch_id)).one_or_none()
    batch = session.get(ImportBatch, batch_id)
    if row is None or batch is None or (only_by is not None and batch.created_by != only_by):
        raise NotFound
    return BatchDetail(BatchRow(*row), batch.rejected[:PROBLEMS_SHOWN], batch.repaired[:PROBLEMS_SHOWN])


def _rows() -> Select[Any]:
    undoer = aliased(AppUser)
    return (
        select(
            ImportBatch.id,
            ImportBatch.kind,
            ImportBatch.files,
            ImportBatch.detected,
            ImportBatch.new_count,
            ImportBatch.changed_count,
            ImportBatch.unchanged_count,
            ImportBatch.removed_count,
            func.jsonb_array_length(ImportBatch.rejected) + literal_column(_ONLY_COUNTED),
            func.jsonb_array_length(ImportBatch.repaired),
            ImportBatch.created_at,
            AppUser.name,
            ImportBatch.undone_at,
            undoer.name,
        )
        .outerjoin(AppUser, AppUser.id == ImportBatch.created_by)
        .outerjoin(undoer, undoer.id == ImportBatch.undone_by)
    )

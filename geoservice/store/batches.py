"""Writing import batches: one lock, one savepoint, one row and one audit entry an import."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text, update

from geoservice.store.audit import AuditEntry
from geoservice.store.bulk import analyze_roughly
from geoservice.store.gap_rows import mark_stale
from geoservice.store.imports import ImportBatch
from geoservice.store.people import AppUser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

# So many new rows make old statistics worthless.
MANY = 500
# Imports that move ground wait for each other: each of them also sets which zone a point or a street stands in.
GROUND = frozenset({"zones", "points", "streets", "exclusions"})


def lock(session: Session, kind: str) -> None:
    """Wait until no other import of this kind is under way; held until the transaction ends."""
    name = "ground" if kind in GROUND else kind
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('import'), hashtext(:name))"), {"name": name})


@contextmanager
def savepoint(session: Session) -> Iterator[Callable[[], None]]:
    """Open a savepoint → what takes everything since then back; an error takes it back too."""
    nested = session.begin_nested()
    try:
        yield nested.rollback
    except BaseException:
        if nested.is_active:
            nested.rollback()
        raise
    if nested.is_active:
        nested.commit()


def add_batch(
    session: Session,
    *,
    kind: str,
    files: list[Any],
    options: dict[str, Any],
    by: int | None,
    at: datetime,
) -> int:
    """Open a batch → its id."""
    batch = ImportBatch(kind=kind, files=files, options=options, created_by=by, created_at=at)
    session.add(batch)
    session.flush()
    return batch.id


def finish_batch(session: Session, batch_id: int, values: Mapping[str, Any]) -> None:
    """Set what a batch found and did."""
    session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(**values))


def add_audit(
    session: Session, *, kind: str, batch_id: int, by: int | None, at: datetime, detail: dict[str, Any]
) -> None:
    """Write the audit entry of an import."""
    session.add(
        AuditEntry(
            at=at,
            user_id=by,
            action=f"import.{kind}",
            object_kind="import_batch",
            object_id=str(batch_id),
            detail=detail,
        )
    )
    session.flush()


def settle(session: Session, written: int, *tables: str) -> None:
    """After an import wrote things: gaps are to be found anew, and after many the planner must know of them."""
    if written:
        mark_stale(session)
    if written > MANY:
        analyze_roughly(session, ", ".join(tables))


def user_id_of(session: Session, login: str) -> int | None:
    """The id of an active account by its login."""
    return session.scalar(
        select(AppUser.id).where(func.lower(AppUser.login) == login.lower(), AppUser.active.is_(True))
    )

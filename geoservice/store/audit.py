"""The audit trail: append-only, each entry hashed together with the one before."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, func, insert, text
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base, statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


class AuditEntry(Base):
    """Who did what, when. The hashes are set by a trigger, which also refuses change and deletion."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    action: Mapped[str]
    object_kind: Mapped[str] = mapped_column(server_default=text("''"))
    object_id: Mapped[str] = mapped_column(server_default=text("''"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    previous_hash: Mapped[bytes] = mapped_column(BYTEA, server_default=text("''::bytea"))
    hash: Mapped[bytes] = mapped_column(BYTEA, server_default=text("''::bytea"))


def record(
    session: Session,
    by: int | None,
    action: str,
    object_kind: str = "",
    object_id: str = "",
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Note that user `by` (None: the system itself) did `action` (noun.verb) to an object; return the entry's id.

    Entries are one chain, so writers wait for each other until they commit: record last in a transaction.
    """
    entry = insert(AuditEntry).values(
        user_id=by, action=action, object_kind=object_kind, object_id=object_id, detail=dict(detail or {})
    )
    return session.execute(entry.returning(AuditEntry.id)).scalar_one()


def verify_chain(session: Session) -> int | None:
    """Return the id of the first entry whose content or link does not fit its hash; None when all fit.

    What can't be seen from inside: entries cut off at the end. Compare `chain_head` with one noted elsewhere.
    """
    broken: int | None = session.scalar(text(statement("verify_audit_chain")))
    return broken


def chain_head(session: Session) -> tuple[int, bytes] | None:
    """Return id and hash of the newest entry, to be noted outside this database."""
    row = session.execute(text("SELECT id, hash FROM audit_entry ORDER BY id DESC LIMIT 1")).one_or_none()
    return None if row is None else (row.id, bytes(row.hash))

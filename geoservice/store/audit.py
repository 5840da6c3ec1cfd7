"""The audit trail: append-only, each entry hashed together with the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, func, text
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base


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

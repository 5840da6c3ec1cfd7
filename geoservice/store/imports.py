"""Import batches: what came in, by whom, what it did, and what it refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base

# In `detected`: codes of the leaders that an import of contracts had to make.
LEADERS_MADE = "leaders_made"


class ImportBatch(Base):
    """One import of one kind. Rows it made carry its id."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('zones', 'points', 'streets', 'tracks', 'contracts', 'exclusions', 'check_ins')",
            name="kind_known",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    files: Mapped[list[Any]] = mapped_column(JSONB)  # [{"name", "sha256", "bytes"}]
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    detected: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'")
    )  # encoding, crs, layer
    new_count: Mapped[int] = mapped_column(server_default=text("0"))
    changed_count: Mapped[int] = mapped_column(server_default=text("0"))
    unchanged_count: Mapped[int] = mapped_column(server_default=text("0"))
    removed_count: Mapped[int] = mapped_column(server_default=text("0"))
    rejected: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))  # Problem as JSON
    repaired: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))

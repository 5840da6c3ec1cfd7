"""Imports that are looked at before they are applied: the files, what was made of them, what they would do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.zones import SRID


class ImportDraft(Base):
    """One import on the desk. `kind` is None until it is chosen; `job_id` is the newest background work for it."""

    __tablename__ = "import_draft"
    __table_args__ = (
        CheckConstraint(
            "state IN ('received', 'looked', 'checked', 'applied', 'dropped')", name="state_known"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=text("'received'"))
    files: Mapped[list[Any]] = mapped_column(JSONB)  # [{"name", "sha256", "bytes"}]
    choices: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    seen: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    batch_id: Mapped[int | None] = mapped_column(
        ForeignKey("import_batch.id", ondelete="SET NULL"), index=True
    )
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    row_version: Mapped[int] = mapped_column(server_default=text("1"))


class DraftItem(Base):
    """One thing that an import would bring, change or refuse, with its shape before and after (lon/lat)."""

    __tablename__ = "draft_item"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('new', 'changed', 'unchanged', 'removed', 'repaired', 'rejected')",
            name="outcome_known",
        ),
    )

    draft_id: Mapped[int] = mapped_column(ForeignKey("import_draft.id", ondelete="CASCADE"), primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(server_default=text("''"))
    name: Mapped[str] = mapped_column(server_default=text("''"))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # field → [before, after]
    before: Mapped[WKBElement | None] = mapped_column(Geometry("GEOMETRY", srid=SRID, spatial_index=False))
    after: Mapped[WKBElement | None] = mapped_column(Geometry("GEOMETRY", srid=SRID, spatial_index=False))


class ColumnMapping(Base):
    """Which columns of a header (its fields' hash) hold what, as somebody last said: offered again next time."""

    __tablename__ = "column_mapping"

    kind: Mapped[str] = mapped_column(primary_key=True)
    header: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSONB)
    used_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

"""Reports of a day, week, month or quarter (日巡查, 周调度, 月评比, 季通报), and the formula they rank by."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base


class ScoreFormula(Base):
    """Weights that rankings are made with; a change makes a new one, so that old reports keep theirs."""

    __tablename__ = "score_formula"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    weights: Mapped[dict[str, Any]] = mapped_column(JSONB)  # indicator → weight
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    valid_from: Mapped[date]


class Report(Base):
    """One report. While `published_at` is None it is a draft; afterwards content and hash stand still (a trigger sees to it)."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint("kind IN ('day', 'week', 'month', 'quarter')", name="kind_known"),
        CheckConstraint("to_on >= from_on", name="days_order"),
        Index("ix_report_kind", "kind", "from_on"),
        Index(
            "uq_report_published",
            "kind",
            "from_on",
            unique=True,
            postgresql_where=text("published_at IS NOT NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date]
    number: Mapped[str] = mapped_column(unique=True)
    formula_id: Mapped[int | None] = mapped_column(ForeignKey("score_formula.id"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    inputs_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    remarks: Mapped[str] = mapped_column(server_default=text("''"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DigestTarget(Base):
    """Where the digest of a published report is sent: an Apprise address, which holds a secret and is shown to nobody."""

    __tablename__ = "digest_target"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str]
    kinds: Mapped[list[Any]] = mapped_column(JSONB)  # ["week", "month"]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    last_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_error: Mapped[str] = mapped_column(server_default=text("''"))

"""What rows of the ground were before they changed: kept by triggers, read for history and undo."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class RowChange(Base):
    """One change of a row of zone_version, point, street, exclusion, contract or check_in (`noun`: the table).

    `before` is the row as it was, without what is derived from it, its geometry as EWKB in hexadecimal; None for a row that
    came. What an import inserts is not noted here: it carries the import's batch.
    """

    __tablename__ = "row_change"
    __table_args__ = (
        Index("ix_row_change_noun_row_id", "noun", "row_id"),
        Index("ix_row_change_batch_id", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        Index(
            "ix_row_change_zone_id",
            text("((before ->> 'zone_id')::integer)"),
            postgresql_where=text("noun = 'zone_version'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    user_id: Mapped[int | None]
    batch_id: Mapped[int | None]
    noun: Mapped[str]
    row_id: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str]  # insert, update, delete
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


def sign(session: Session, by: int | None, batch_id: int | None = None) -> None:
    """Say who makes the changes of this transaction from now on, and for which import."""
    session.execute(
        text("SELECT set_config('app.user_id', :by, true), set_config('app.batch_id', :batch, true)"),
        {"by": "" if by is None else str(by), "batch": "" if batch_id is None else str(batch_id)},
    )

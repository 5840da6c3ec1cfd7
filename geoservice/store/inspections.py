"""Checklists, inspections, what was found at each point."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base


class Checklist(Base):
    """One version of what is looked at in points of a category (测评体系); published ones stand still."""

    __tablename__ = "checklist"
    __table_args__ = (UniqueConstraint("category", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(ForeignKey("point_category.code"))
    version: Mapped[int]
    name: Mapped[str]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    valid_from: Mapped[date | None]  # None: a draft


class ChecklistItem(Base):
    """One thing to look at: its standard, its weight, and what must be shown for it."""

    __tablename__ = "checklist_item"
    __table_args__ = (
        UniqueConstraint("checklist_id", "code"),
        CheckConstraint("weight > 0", name="weight_positive"),
        CheckConstraint("evidence IN ('none', 'on_fail', 'always')", name="evidence_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    checklist_id: Mapped[int] = mapped_column(ForeignKey("checklist.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str]
    title: Mapped[str]
    standard: Mapped[str]
    weight: Mapped[float]
    evidence: Mapped[str] = mapped_column(server_default=text("'on_fail'"))
    case_kind: Mapped[str | None] = mapped_column(
        ForeignKey("case_kind.code"), index=True
    )  # what a fail becomes


class Inspection(Base):
    """An order to inspect: which points, by whom, when; a sample keeps its seed."""

    __tablename__ = "inspection"
    __table_args__ = (
        CheckConstraint("kind IN ('open', 'covert', 'random', 'directed', 'fixed')", name="kind_known"),
        CheckConstraint("to_on >= from_on", name="days_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    from_on: Mapped[date] = mapped_column(index=True)
    to_on: Mapped[date]
    seed: Mapped[int | None] = mapped_column(BigInteger)
    spec: Mapped[dict[str, Any]] = mapped_column(
        JSONB
    )  # how the points were chosen: strata, sizes, frame's hash
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class InspectionTask(Base):
    """One point of an inspection on one day, for one inspector, with the checklist of that day."""

    __tablename__ = "inspection_task"
    __table_args__ = (
        UniqueConstraint("inspection_id", "point_id", "on_day"),
        Index("ix_inspection_task_inspector_id", "inspector_id", "on_day"),
        Index("ix_inspection_task_point_id", "point_id", "done_at"),
        Index("ix_inspection_task_done_at", "done_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    on_day: Mapped[date]
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    checklist_id: Mapped[int] = mapped_column(ForeignKey("checklist.id"), index=True)
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    score: Mapped[
        float | None
    ]  # per cent of the weight that applied; None while open or when nothing applied
    note: Mapped[str] = mapped_column(server_default=text("''"))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    client_uuid: Mapped[UUID | None] = mapped_column(unique=True)


class InspectionHandover(Base):
    """A task that passed to another inspector before it was done."""

    __tablename__ = "inspection_handover"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("inspection_task.id", ondelete="CASCADE"), index=True)
    from_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    note: Mapped[str] = mapped_column(server_default=text("''"))


class InspectionResult(Base):
    """What was found of one item at one point."""

    __tablename__ = "inspection_result"
    __table_args__ = (CheckConstraint("result IN ('pass', 'fail', 'not_applicable')", name="result_known"),)

    task_id: Mapped[int] = mapped_column(
        ForeignKey("inspection_task.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(ForeignKey("checklist_item.id"), primary_key=True, index=True)
    result: Mapped[str]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("patrol_case.id"), index=True)

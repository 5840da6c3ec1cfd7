"""Orders of supervision (提醒函, 督办函, 三色督办单): the rules that raise them, and each with its receipt and reply."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base

KINDS = "('reminder', 'green', 'yellow', 'red', 'talk')"


class OrderRule(Base):
    """When an order of a kind is raised, and to whom it goes; one switched off raises nothing.

    A change ends a row and begins another, so that what fell due before is judged by the rule of then.
    """

    __tablename__ = "order_rule"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        CheckConstraint("num_nonnulls(elapsed, reworks, repeats) >= 1", name="some_cause"),
        CheckConstraint("valid_to >= valid_from", name="valid_order"),
        Index("uq_order_rule_kind", "kind", unique=True, postgresql_where=text("valid_to IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    elapsed: Mapped[float | None]  # share of the deadline that is gone: 0.7, 1, 1.5, 2
    reworks: Mapped[int | None]  # so many reworks
    repeats: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True)
    )  # {"of": "yellow", "count": 2, "within": "quarter"}; "row": one after another
    recipients: Mapped[list[Any]] = mapped_column(JSONB)  # ["department", "leader", "superior"]
    reply_hours: Mapped[float] = mapped_column(server_default=text("24"))  # working hours to reply in
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    valid_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # None: since ever
    valid_to: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # None: the rule of now


class SupervisionOrder(Base):
    """One order. `cause` with the case makes it this one and no other, so a job that runs twice raises it once."""

    __tablename__ = "supervision_order"
    __table_args__ = (
        UniqueConstraint("cause"),
        CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        CheckConstraint("num_nonnulls(case_id, department_id, leader_id) >= 1", name="about_something"),
        Index("ix_supervision_order_raised_at", "raised_at"),
        Index("ix_supervision_order_department_id", "department_id", "kind"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # 督2026-0001
    kind: Mapped[str]
    cause: Mapped[
        str
    ]  # "case 17 clock 4 yellow", "department 3 quarter 2026Q4 red": what can only happen once
    why: Mapped[dict[str, Any]] = mapped_column(JSONB)  # a code and its values
    case_id: Mapped[int | None] = mapped_column(ForeignKey("patrol_case.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("leader.id"), index=True)
    recipients: Mapped[list[Any]] = mapped_column(
        JSONB, server_default=text("'[]'")
    )  # names as they were then
    document: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'")
    )  # everything the page prints
    raised_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True)
    )  # when it fell due, not when the job ran
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    reply_due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # receipt, 签收
    received_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    reply: Mapped[str] = mapped_column(server_default=text("''"))
    replied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    replied_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    withdrawn_why: Mapped[str] = mapped_column(server_default=text("''"))


class OrderDesk(Base):
    """Who issues orders, and by which rules and calendar the watched cases were looked at last; one row."""

    __tablename__ = "order_desk"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    office: Mapped[str] = mapped_column(server_default=text("''"))  # empty: named after the city
    basis: Mapped[bytes | None] = mapped_column(LargeBinary)


class CaseWatch(Base):
    """When a case is to be looked at for orders: at once after each change of its clocks (triggers), later by its clocks."""

    __tablename__ = "case_watch"

    case_id: Mapped[int] = mapped_column(ForeignKey("patrol_case.id"), primary_key=True, autoincrement=False)
    look_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("'epoch'"), index=True
    )


class DepartmentWatch(Base):
    """A department whose orders are to be counted again."""

    __tablename__ = "department_watch"

    department_id: Mapped[int] = mapped_column(
        ForeignKey("department.id"), primary_key=True, autoincrement=False
    )


class Numbering(Base):
    """The last number given out in a series of a year or a day; its row is locked while one is taken."""

    __tablename__ = "numbering"

    series: Mapped[str] = mapped_column(primary_key=True)  # "order 2026", "case 20261122", "report 2026"
    last: Mapped[int] = mapped_column(server_default=text("0"))

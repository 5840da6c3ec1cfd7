"""Cases of the closed loop: what was seen, every step of it, its clocks, and what was asked for on the way."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.zones import SRID


class CaseKind(Base):
    """What kinds of problem there are, which clock runs for them, and how much of it each stage may take."""

    __tablename__ = "case_kind"
    __table_args__ = (
        CheckConstraint(
            "clock IN ('urgent_hours', 'working_hours', 'working_days', 'natural_days')", name="clock_known"
        ),
        CheckConstraint("handle_limit > 0 AND open_limit > 0 AND verify_limit > 0", name="limits_positive"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    clock: Mapped[str]  # domain.clocks.Clock, of handling
    handle_limit: Mapped[float]  # hours or days, as the clock counts
    open_limit: Mapped[float] = mapped_column(
        server_default=text("2")
    )  # working hours from report until it is rejected or assigned
    verify_limit: Mapped[float] = mapped_column(
        server_default=text("4")
    )  # working hours from reply to verification
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    role: Mapped[str | None] = mapped_column(
        ForeignKey("contract_role.code")
    )  # who of a ground answers for it
    weight: Mapped[float] = mapped_column(server_default=text("1"))
    photo_needed: Mapped[bool] = mapped_column(server_default=text("true"))  # a reply needs one
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class Case(Base):
    """One problem at one place. `state` is domain.cases.State; what it was before is in its steps."""

    __tablename__ = "patrol_case"
    __table_args__ = (
        CheckConstraint(
            "source IN ('patrol', 'inspection', 'citizen', 'gap', 'leader', 'desk', 'import')",
            name="source_known",
        ),
        CheckConstraint("ST_IsValid(geom) AND NOT ST_IsEmpty(geom)", name="geom_valid"),
        Index("ix_patrol_case_geom", "geom", postgresql_using="gist"),
        Index("ix_patrol_case_state", "state", "id"),
        Index("ix_patrol_case_due_at", "due_at", "id", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_patrol_case_department_id", "department_id", "id"),
        Index("ix_patrol_case_leader_id", "leader_id", "id"),
        Index("ix_patrol_case_reported_by", "reported_by", "id"),
        Index("ix_patrol_case_zone_id", "zone_id", "reported_at"),
        Index("ix_patrol_case_point_id", "point_id", "kind"),
        Index("ix_patrol_case_reported_at", "reported_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # 20261122-0001, by the day of the report; compared byte by byte, so that a range finds what begins alike.
    number: Mapped[str] = mapped_column(String(collation="C"), unique=True)
    kind: Mapped[str] = mapped_column(ForeignKey("case_kind.code"), index=True)
    state: Mapped[str]
    source: Mapped[str]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default=text("''"))
    geom: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    address: Mapped[str] = mapped_column(server_default=text("''"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))  # the leaf it lies in, of that day
    point_id: Mapped[int | None] = mapped_column(ForeignKey("point.id"))
    street_id: Mapped[int | None] = mapped_column(ForeignKey("street.id"), index=True)
    reported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    reported_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    patrol_id: Mapped[int | None] = mapped_column(ForeignKey("patrol.id", ondelete="SET NULL"), index=True)
    check_in_id: Mapped[int | None] = mapped_column(
        ForeignKey("check_in.id", ondelete="SET NULL"), index=True
    )
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))  # who handles it now
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("leader.id"))  # who answers for the ground
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)  # who took it on
    # Of the clock that runs now; None while it stands still, and when nothing is left to be done in time.
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    assigned_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    handle_due_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True)
    )  # by which it must be put right
    replied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # the last reply
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reworks: Mapped[int] = mapped_column(server_default=text("0"))
    reopened: Mapped[int] = mapped_column(server_default=text("0"))
    postponed: Mapped[int] = mapped_column(server_default=text("0"))
    joined_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("patrol_case.id"), index=True
    )  # a near-duplicate
    recurrence: Mapped[int] = mapped_column(
        server_default=text("0")
    )  # how many of its kind were here before, 反复
    row_version: Mapped[int] = mapped_column(server_default=text("1"))
    client_uuid: Mapped[UUID | None] = mapped_column(unique=True)


class CaseStep(Base):
    """One thing that happened to a case; append-only, a trigger refuses change and deletion."""

    __tablename__ = "case_step"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        Index("ix_case_step_at", "at", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("patrol_case.id"))
    number: Mapped[int]  # 1, 2, 3 … in the order they took effect
    action: Mapped[str]  # domain.cases.Action
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    # When it took effect: by the clock of whoever did it, but never before the step before (domain.cases.takes_effect_at).
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)  # None: the system
    note: Mapped[str] = mapped_column(server_default=text("''"))  # why
    given: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    client_uuid: Mapped[UUID | None] = mapped_column(unique=True)


class CaseClock(Base):
    """One run of a clock of a case: a stage, from when, how much, by when, and what stopped it."""

    __tablename__ = "case_clock"
    __table_args__ = (
        CheckConstraint("stage IN ('open', 'handle', 'verify')", name="stage_known"),
        Index("ix_case_clock_case_id", "case_id"),
        Index("ix_case_clock_running", "due_at", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("patrol_case.id"))
    stage: Mapped[str]
    clock: Mapped[str]
    limit: Mapped[float]  # hours or days, as the clock counts, postponements included
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    paused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # suspended since, 挂账
    pauses: Mapped[list[Any]] = mapped_column(
        JSONB, server_default=text("'[]'")
    )  # [[from, to] …] that are over
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DeadlineMove(Base):
    """A deadline that was moved, and why: no deadline moves without a row here."""

    __tablename__ = "deadline_move"
    __table_args__ = (
        CheckConstraint("cause IN ('postponed', 'resumed', 'calendar', 'shifts')", name="cause_known"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("case_clock.id"), index=True)
    cause: Mapped[str]
    old_due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    new_due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)


class CaseRequest(Base):
    """Somebody asks for more time (延期), for the clock to rest (挂账), or that a decision be taken back (申诉)."""

    __tablename__ = "case_request"
    __table_args__ = (
        CheckConstraint("kind IN ('postpone', 'suspend', 'appeal')", name="kind_known"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_at_once"),
        CheckConstraint("decision IN ('granted', 'refused')", name="decision_known"),
        Index(
            "uq_case_request_open", "case_id", "kind", unique=True, postgresql_where=text("decision IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("patrol_case.id"), index=True)
    kind: Mapped[str]
    wanted: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'")
    )  # {"limit": 2}, {"until": day}
    reason: Mapped[str]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decision: Mapped[str | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    note: Mapped[str] = mapped_column(server_default=text("''"))


class WorkShift(Base):
    """Hours of a working day that working-hours clocks count; several a day (a midday rest lies between)."""

    __tablename__ = "work_shift"
    __table_args__ = (CheckConstraint("minute_to > minute_from", name="order"),)

    minute_from: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of the local day
    minute_to: Mapped[int]


class Deputy(Base):
    """Who stands in for somebody that answers for ground, from a day until before another."""

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("valid_to > valid_from", name="valid_order"),
        CheckConstraint("deputy_id <> leader_id", name="somebody_else"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    leader_id: Mapped[int] = mapped_column(ForeignKey("leader.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("leader.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    reason: Mapped[str] = mapped_column(server_default=text("''"))

"""Plans of patrols: what was asked, every state they went through, and what waits to be planned."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.zones import SRID


class Plan(Base):
    """Patrols of several teams over a few days. `version_number` names the version that counts; undo goes back to another."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("to_on >= from_on", name="days_order"),
        CheckConstraint(
            "state IN ('asked', 'ready', 'failed', 'published', 'withdrawn')", name="state_known"
        ),
        CheckConstraint("kind IN ('points', 'streets')", name="kind_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default=text("'points'"))
    from_on: Mapped[date] = mapped_column(index=True)
    to_on: Mapped[date]
    state: Mapped[str] = mapped_column(server_default=text("'asked'"))
    wish: Mapped[dict[str, Any]] = mapped_column(JSONB)  # what was asked: zones, teams, options
    version_number: Mapped[int] = mapped_column(server_default=text("0"))
    published_number: Mapped[int | None]  # the version that was published last
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id", ondelete="SET NULL"), index=True)
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PlanVersion(Base):
    """One state of a plan: its patrols with ordered stops and times, and what is left out with reasons."""

    __tablename__ = "plan_version"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    change: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))  # what made it
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class PlanCosts(Base):
    """What it costs to go between the places of a plan, by mode: kept so that an edit is timed at once."""

    __tablename__ = "plan_costs"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    mode: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    places: Mapped[dict[str, Any]] = mapped_column(JSONB)  # key → row of the matrices
    payload: Mapped[bytes] = mapped_column(LargeBinary)  # numpy archive: seconds, metres


class WantedStop(Base):
    """Somebody wants this in a plan: a gap, an overdue point, a street, a place. It waits until a patrol was there."""

    __tablename__ = "wanted_stop"
    __table_args__ = (
        CheckConstraint("num_nonnulls(point_id, street_id, geom) = 1", name="one_place"),
        CheckConstraint("kind IN ('gap', 'point', 'street', 'place')", name="kind_known"),
        CheckConstraint("service_minutes >= 0 AND weight >= 0", name="not_negative"),
        Index("ix_wanted_stop_geom", "geom", postgresql_using="gist"),
        Index("uq_wanted_stop_point", "point_id", unique=True, postgresql_where=text("done_at IS NULL AND dropped_at IS NULL")),
        Index("uq_wanted_stop_street", "street_id", unique=True, postgresql_where=text("done_at IS NULL AND dropped_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    from_on: Mapped[date] = mapped_column(index=True)  # not to be planned earlier
    point_id: Mapped[int | None] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), index=True)
    street_id: Mapped[int | None] = mapped_column(ForeignKey("street.id", ondelete="CASCADE"), index=True)
    geom: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id", ondelete="SET NULL"), index=True)
    label: Mapped[str] = mapped_column(server_default=text("''"))
    service_minutes: Mapped[float] = mapped_column(server_default=text("5"))
    weight: Mapped[float] = mapped_column(server_default=text("1"))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dropped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

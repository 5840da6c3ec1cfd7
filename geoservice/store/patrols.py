"""Routes (a planned order of stops) and patrols (a dated route given to a team)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.zones import SRID


class Route(Base):
    """A planned order of stops, with the line it follows once that is known."""

    __tablename__ = "route"
    __table_args__ = (
        CheckConstraint("mode BETWEEN 1 AND 3", name="mode_known"),
        CheckConstraint("geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom))", name="geom_valid"),
        Index("ix_route_geom", "geom", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    mode: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))  # domain.tracks.Mode
    geom: Mapped[WKBElement | None] = mapped_column(Geometry("LINESTRING", srid=SRID, spatial_index=False))


class RouteStop(Base):
    """The nth stop of a route: a point, a street, or a bare place."""

    __tablename__ = "route_stop"
    __table_args__ = (
        CheckConstraint("num_nonnulls(point_id, street_id, geom) = 1", name="one_place"),
        CheckConstraint("position > 0", name="position_positive"),
    )

    route_id: Mapped[int] = mapped_column(ForeignKey("route.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    point_id: Mapped[int | None] = mapped_column(ForeignKey("point.id"), index=True)
    street_id: Mapped[int | None] = mapped_column(ForeignKey("street.id"), index=True)
    geom: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    service_minutes: Mapped[float | None]
    label: Mapped[str] = mapped_column(server_default=text("''"))  # what a bare place is
    weight: Mapped[float] = mapped_column(server_default=text("1"))
    arrive_s: Mapped[float | None]  # planned, seconds after the patrol's start
    leave_s: Mapped[float | None]
    wanted_id: Mapped[int | None] = mapped_column(
        ForeignKey("wanted_stop.id", ondelete="SET NULL"), index=True
    )


class Patrol(Base):
    """A route on a day, given to a team."""

    __tablename__ = "patrol"
    __table_args__ = (
        UniqueConstraint("on_day", "team_id", "route_id"),
        CheckConstraint(
            "status IN ('draft', 'published', 'under_way', 'done', 'cancelled')", name="status_known"
        ),
        CheckConstraint("ends_at > starts_at", name="time_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    on_day: Mapped[date] = mapped_column(index=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    status: Mapped[str] = mapped_column(server_default=text("'draft'"))
    starts_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id", ondelete="SET NULL"), index=True)
    template_id: Mapped[int | None] = mapped_column(
        ForeignKey("patrol_template.id", ondelete="SET NULL"), index=True
    )
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # as the phone said
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Assignment(Base):
    """A patrol member who walks a patrol."""

    __tablename__ = "assignment"

    patrol_id: Mapped[int] = mapped_column(ForeignKey("patrol.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True, index=True)


class StopReport(Base):
    """What a patrol said at a stop that is no point (points have check-ins), or why it was skipped."""

    __tablename__ = "stop_report"
    __table_args__ = (
        CheckConstraint("outcome IN ('done', 'skipped')", name="outcome_known"),
        CheckConstraint("(outcome = 'skipped') = (reason IS NOT NULL)", name="skipped_with_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patrol_id: Mapped[int] = mapped_column(ForeignKey("patrol.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]  # of the route's stop
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str]
    reason: Mapped[str | None]  # why it was skipped: closed, no_access, no_time, not_needed, other
    has_findings: Mapped[bool] = mapped_column(server_default=text("false"))
    note: Mapped[str] = mapped_column(server_default=text("''"))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    client_uuid: Mapped[UUID | None] = mapped_column(unique=True)

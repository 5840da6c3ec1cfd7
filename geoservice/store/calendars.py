"""The city's own working days, recurring patrols, and secret links to calendars."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, LargeBinary, SmallInteger, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base


class CalendarDay(Base):
    """A day that differs here from the country's calendar: work on a holiday, or rest on a working day."""

    __tablename__ = "calendar_day"

    on_day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(server_default=text("''"))
    set_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class PatrolTemplate(Base):
    """A patrol that recurs: a team on these weekdays (1 Monday … 7 Sunday), a route of its own or whatever is planned."""

    __tablename__ = "patrol_template"
    __table_args__ = (
        CheckConstraint("days IN ('all', 'working', 'resting')", name="days_known"),
        CheckConstraint("ends > starts", name="time_order"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity_order"),
        CheckConstraint("weekdays <@ ARRAY[1,2,3,4,5,6,7]::smallint[] AND cardinality(weekdays) > 0", name="weekdays_known"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    route_id: Mapped[int | None] = mapped_column(ForeignKey("route.id"), index=True)
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    days: Mapped[str] = mapped_column(server_default=text("'working'"))
    starts: Mapped[time]
    ends: Mapped[time]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # exclusive


class CalendarFeed(Base):
    """A secret link under which a team's patrols can be subscribed to; only the hash of the secret is kept."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    name: Mapped[str] = mapped_column(Text, server_default=text("''"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

"""What leaders ask patrols to look at, and every step of what came of it."""

from __future__ import annotations

from datetime import date, datetime

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.zones import SRID

STATES = "'asked', 'wanted', 'declined', 'seen'"


class PatrolRequest(Base):
    """Somebody asks that a patrol looks at a blind spot (its `ground`) or a point; `state` is the last step's.

    `since_on`: the first day whose tracks may answer it; `period`: the part of the day that the blind spot was one of.
    """

    __tablename__ = "patrol_request"
    __table_args__ = (
        CheckConstraint("kind IN ('gap', 'point')", name="kind_known"),
        CheckConstraint(f"state IN ({STATES})", name="state_known"),
        CheckConstraint(
            "CASE kind WHEN 'gap' THEN ground IS NOT NULL ELSE point_id IS NOT NULL END", name="one_place"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'asked'"), index=True)
    point_id: Mapped[int | None] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), index=True)
    ground: Mapped[WKBElement | None] = mapped_column(Geometry("GEOMETRY", srid=SRID, spatial_index=False))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id", ondelete="SET NULL"), index=True)
    label: Mapped[str]
    area_m2: Mapped[float | None]
    days_unseen: Mapped[int | None]
    period: Mapped[int | None] = mapped_column(SmallInteger)
    since_on: Mapped[date]
    asked_by: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    wanted_id: Mapped[int | None] = mapped_column(
        ForeignKey("wanted_stop.id", ondelete="SET NULL"), index=True
    )


class PatrolRequestStep(Base):
    """One thing that was done about a request; `by` None: the tracks did it."""

    __tablename__ = "patrol_request_step"
    __table_args__ = (CheckConstraint(f"step IN ({STATES})", name="step_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("patrol_request.id", ondelete="CASCADE"), index=True)
    step: Mapped[str]
    by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    note: Mapped[str] = mapped_column(server_default=text("''"))

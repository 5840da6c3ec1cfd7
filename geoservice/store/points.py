"""Inspection points and their categories."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.checked_geometry import VALID_GEOMETRY
from geoservice.store.zones import SRID


class PointCategory(Base):
    """A kind of point with what it requires unless the point says otherwise."""

    __tablename__ = "point_category"
    __table_args__ = (
        CheckConstraint("required_interval_days > 0", name="interval_positive"),
        CheckConstraint("service_minutes >= 0", name="service_not_negative"),
        CheckConstraint("weight >= 0", name="weight_not_negative"),
        CheckConstraint(
            "visit_radius_m > 0 AND visit_radius_m <= 200 AND visit_dwell_s >= 0", name="visit_positive"
        ),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    required_interval_days: Mapped[float] = mapped_column(server_default=text("7"))
    service_minutes: Mapped[float] = mapped_column(server_default=text("10"))
    weight: Mapped[float] = mapped_column(server_default=text("1"))
    visit_radius_m: Mapped[float | None]  # None: the setting
    visit_dwell_s: Mapped[float | None]


class Point(Base):
    """A place that patrols must look at. None in interval, minutes or weight: the category's."""

    __tablename__ = "point"
    __table_args__ = (
        CheckConstraint(VALID_GEOMETRY, name="geom_valid"),
        CheckConstraint("required_interval_days > 0", name="interval_positive"),
        CheckConstraint("service_minutes >= 0", name="service_not_negative"),
        CheckConstraint("weight >= 0", name="weight_not_negative"),
        Index("ix_point_geom", "geom", postgresql_using="gist"),
        Index("ix_point_batch_id", "batch_id", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    category: Mapped[str]  # of PointCategory, checked by a trigger a statement
    name: Mapped[str]
    address: Mapped[str] = mapped_column(server_default=text("''"))
    geom: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    required_interval_days: Mapped[float | None]
    service_minutes: Mapped[float | None]
    weight: Mapped[float | None]
    # The leaf zone it stands in today, kept by the imports: row-level security compares it and need not measure.
    zone_id: Mapped[int | None] = mapped_column(index=True)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    batch_id: Mapped[int | None]  # the import that wrote it last; imports are never deleted
    row_version: Mapped[int] = mapped_column(server_default=text("1"))


class PointRule(Base):
    """When a point may be visited and by whom. `opening`: [{"days": [1…7], "from": "08:00", "to": "11:30"}], None: always."""

    __tablename__ = "point_rule"

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), primary_key=True)
    opening: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))


class PointGroup(Base):
    """Points that one patrol must visit together, or that must never be on the same patrol."""

    __tablename__ = "point_group"
    __table_args__ = (CheckConstraint("kind IN ('together', 'apart')", name="kind_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]


class PointGroupMember(Base):
    """A point of such a group."""

    __tablename__ = "point_group_member"

    group_id: Mapped[int] = mapped_column(ForeignKey("point_group.id", ondelete="CASCADE"), primary_key=True)
    point_id: Mapped[int] = mapped_column(
        ForeignKey("point.id", ondelete="CASCADE"), primary_key=True, index=True
    )

"""Zones: an identity (level and code) with borders that change over time."""

from __future__ import annotations

from datetime import date
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Integer

from geoservice.store.base import Base
from geoservice.store.checked_geometry import VALID_GEOMETRY

SRID = 4326


class ZoneLevel(Base):
    """A level of the hierarchy; rank 1 is the widest. A deployment may add its own."""

    __tablename__ = "zone_level"

    code: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger, unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]


class Zone(Base):
    """What stays when a border moves: contracts, scopes and gaps refer to this."""

    __tablename__ = "zone"
    __table_args__ = (UniqueConstraint("level", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]  # of a level that exists: checked once a statement
    code: Mapped[str]


class ZoneVersion(Base):
    """A zone's name, parent and border from `valid_from` (None: since ever) until before `valid_to`."""

    __tablename__ = "zone_version"
    __table_args__ = (
        CheckConstraint(VALID_GEOMETRY, name="geom_valid"),
        CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to", name="valid_order"
        ),
        CheckConstraint("path[cardinality(path)] = zone_id", name="path_ends_here"),
        Index("ix_zone_version_batch_id", "batch_id", postgresql_using="brin"),
        Index("ix_zone_version_path", "path", postgresql_using="gin"),
        Index("ix_zone_version_geom", "geom", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Of zones that exist, checked once a statement; without its zone a version goes, without its parent it can't be.
    zone_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(index=True)
    path: Mapped[list[int]] = mapped_column(ARRAY(Integer))  # zone ids from the root down to this zone
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False))
    # Made from the border, None or false until then: how many cells its mask has, and whether streets are cut to it.
    cell_count: Mapped[int | None]
    streets_cut: Mapped[bool] = mapped_column(server_default=text("false"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    batch_id: Mapped[int | None]  # the import that wrote it last; imports are never deleted
    row_version: Mapped[int] = mapped_column(server_default=text("1"))

"""The rasters in the database: what was seen, what is a zone's ground, what is excluded from it.

A bitmap is `bit(65536)`: 256 × 256 cells of one tile, bit `row * 256 + column` counted from the tile's south-west corner.
"""

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
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, BIT, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.zones import SRID

TILE_BITS = 65536


class Deployment(Base):
    """The one row that says on which raster every bitmap here was made, and whether the data is a demo."""

    __tablename__ = "deployment"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, server_default=text("1"))
    metric_epsg: Mapped[int]
    cell_m: Mapped[float]
    # What the stored day bitmaps were filled with (reaches, limits, periods, time zone); another value: rebuild.
    fill_settings: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    is_demo: Mapped[bool] = mapped_column(server_default=text("false"))


class CoverageTile(Base):
    """The cells of one tile seen on one local day in one period (1 day, 2 evening, 3 night)."""

    __tablename__ = "coverage_tile"

    day: Mapped[date] = mapped_column(primary_key=True)
    period: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    tx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ty: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bits: Mapped[str] = mapped_column(BIT(TILE_BITS))


class CoverageWeek(Base):
    """The OR of a calendar week's tiles, all periods: a month is four of these and a few days instead of thirty."""

    __tablename__ = "coverage_week"

    monday: Mapped[date] = mapped_column(primary_key=True)
    tx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ty: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bits: Mapped[str] = mapped_column(BIT(TILE_BITS))


class DeviceDay(Base):
    """How far the fixes of a device on a local day have been turned into bits.

    Set dirty when fixes arrive or go; `rebuild` when some came before what was already covered, or went away, so that
    a segment may have vanished and OR is not enough; `rematch` when only what it shows of streets, points and tiny zones
    must be looked at again.
    """

    __tablename__ = "device_day"
    __table_args__ = (
        Index("ix_device_day_dirty", "day", "device_id", postgresql_where=text("dirty OR rematch")),
    )

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    dirty: Mapped[bool] = mapped_column(server_default=text("true"))
    rebuild: Mapped[bool] = mapped_column(server_default=text("false"))
    rematch: Mapped[bool] = mapped_column(server_default=text("true"))
    covered_through: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    segment_count: Mapped[int] = mapped_column(server_default=text("0"))
    refused: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))  # reason → how many
    street_refused: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'")
    )  # reason → metres
    modes: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default=text("'{1,2,3}'"))
    # Keys (domain.coverage.pack_keys, slot 0) of the tiles it touched: whom to ask again when one must be rebuilt.
    tiles: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))


class ZoneMask(Base):
    """The cells whose centre lies in one version of a zone."""

    __tablename__ = "zone_mask"

    zone_version_id: Mapped[int] = mapped_column(
        ForeignKey("zone_version.id", ondelete="CASCADE"), primary_key=True
    )
    tx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ty: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bits: Mapped[str] = mapped_column(BIT(TILE_BITS))


class Exclusion(Base):
    """Ground that no patrol can or must see: water, a closed compound, a hill."""

    __tablename__ = "exclusion"
    __table_args__ = (
        CheckConstraint("ST_IsValid(geom) AND NOT ST_IsEmpty(geom)", name="geom_valid"),
        CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to", name="valid_order"
        ),
        ExcludeConstraint(
            (text("code"), "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="ex_exclusion_validity",
            using="gist",
        ),
        Index("ix_exclusion_geom", "geom", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(server_default=text("''"))
    reason: Mapped[str] = mapped_column(server_default=text("''"))
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False))
    cell_count: Mapped[int | None]  # of its mask; None until that is made
    streets_cut: Mapped[bool] = mapped_column(server_default=text("false"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    batch_id: Mapped[int | None] = mapped_column(index=True)  # imports are never deleted


class ExclusionMask(Base):
    """The cells whose centre lies in an exclusion."""

    __tablename__ = "exclusion_mask"

    exclusion_id: Mapped[int] = mapped_column(
        ForeignKey("exclusion.id", ondelete="CASCADE"), primary_key=True
    )
    tx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ty: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bits: Mapped[str] = mapped_column(BIT(TILE_BITS))


class CoverageRun(Base):
    """One computation over a window of days: what it read, refused and wrote."""

    __tablename__ = "coverage_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    fix_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    segment_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    tile_count: Mapped[int] = mapped_column(server_default=text("0"))
    refused: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class GapReport(Base):
    """The gaps of the whole city in one window, as computed at `computed_at`; stale once new bits touch the window.

    `revised_from` is when it was computed before, `late_fixes` how many fixes of the window arrived since then.
    """

    __tablename__ = "gap_report"
    __table_args__ = (UniqueConstraint("from_on", "to_on", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    period: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))  # 0: the whole day
    revised_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    late_fixes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    stale: Mapped[bool] = mapped_column(server_default=text("false"))


class Gap(Base):
    """A connected patch of a zone that nobody saw in the window of its report."""

    __tablename__ = "gap"
    __table_args__ = (
        CheckConstraint("ST_IsValid(geom) AND NOT ST_IsEmpty(geom)", name="geom_valid"),
        Index("ix_gap_geom", "geom", postgresql_using="gist"),
        Index("ix_gap_report_zone", "report_id", "zone_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("gap_report.id", ondelete="CASCADE"))
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"), index=True)
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False))
    area_m2: Mapped[float]
    last_seen_on: Mapped[date | None]
    point_count: Mapped[int] = mapped_column(server_default=text("0"))
    point_weight: Mapped[float] = mapped_column(server_default=text("0"))

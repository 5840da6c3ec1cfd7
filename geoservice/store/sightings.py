"""What each device's day shows of streets, points and tiny zones, and what people checked in.

Rows of a device's day are a function of its fixes alone: whenever the day is computed again they are replaced as a whole,
so order, repetition and batching of what arrives cannot matter. Pieces of a street are kept 64 to a word; bit `i` of word
`w` is piece `64 * w + i` from the start of the line.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import REAL
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.zones import SRID


class StreetSeen(Base):
    """The pieces of a street that a device's fixes support on a day, in a period."""

    __tablename__ = "street_seen"
    __table_args__ = (Index("ix_street_seen_street_id", "street_id", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    period: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    pieces: Mapped[int] = mapped_column(BigInteger)


class Visit(Base):
    """A stay of a device within a point's radius for at least the dwell that counts."""

    __tablename__ = "visit"
    __table_args__ = (Index("ix_visit_point_id", "point_id", "arrived_at"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), primary_key=True)
    arrived_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    left_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    dwell_s: Mapped[float] = mapped_column(REAL)
    nearest_m: Mapped[float] = mapped_column(REAL)
    period: Mapped[int] = mapped_column(SmallInteger)  # of the arrival


class TinyZoneSeen(Base):
    """The ground of a zone of a few cells only that a device saw, exactly."""

    __tablename__ = "tiny_zone_seen"

    day: Mapped[date] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    zone_version_id: Mapped[int] = mapped_column(
        ForeignKey("zone_version.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    period: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False))


class CheckIn(Base):
    """Somebody says he was at a point, and whether all was well there."""

    __tablename__ = "check_in"
    __table_args__ = (
        Index("ix_check_in_point_id", "point_id", "at"),
        Index("ix_check_in_at", "at"),
        Index("ix_check_in_batch_id", "batch_id", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    has_findings: Mapped[bool]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    lon: Mapped[float | None]  # where the phone was, if it said so
    lat: Mapped[float | None]
    distance_m: Mapped[float | None]  # from there to the point
    client_uuid: Mapped[UUID | None] = mapped_column(unique=True)
    batch_id: Mapped[int | None]  # the import that wrote it last; imports are never deleted


class ZoneStreet(Base):
    """The pieces of a street whose midpoint lies in one version of a zone: a street's mask."""

    __tablename__ = "zone_street"

    zone_version_id: Mapped[int] = mapped_column(
        ForeignKey("zone_version.id", ondelete="CASCADE"), primary_key=True
    )
    street_id: Mapped[int] = mapped_column(
        ForeignKey("street.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    word: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    pieces: Mapped[int] = mapped_column(BigInteger)


class ExclusionStreet(Base):
    """The pieces of a street whose midpoint lies in an exclusion."""

    __tablename__ = "exclusion_street"

    exclusion_id: Mapped[int] = mapped_column(
        ForeignKey("exclusion.id", ondelete="CASCADE"), primary_key=True
    )
    street_id: Mapped[int] = mapped_column(
        ForeignKey("street.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    word: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    pieces: Mapped[int] = mapped_column(BigInteger)


class PlaceChange(Base):
    """A tile on which a street, a point or a tiny zone came, went or moved; triggers write it, the cover job takes it."""

    __tablename__ = "place_change"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    tile: Mapped[int] = mapped_column(BigInteger)

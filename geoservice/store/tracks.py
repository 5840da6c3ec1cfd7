"""Tracks as received and their fixes: the truth that every bitmap is computed from."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB, REAL
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base


class Track(Base):
    """One batch of fixes of one device as it came in: a file, or an upload of a phone."""

    __tablename__ = "track"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), index=True)
    mode: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))  # domain.tracks.Mode
    source: Mapped[str]  # file name, or the protocol it came by
    client_uuid: Mapped[UUID | None] = mapped_column(unique=True)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    ended_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    fix_count: Mapped[int]
    refused: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))  # reason → how many
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    batch_id: Mapped[int | None] = mapped_column(index=True)  # imports are never deleted


class Fix(Base):
    """One GPS position. 35 million a month: partitioned by month, plain columns, one index.

    `recorded_at` is the device's clock, `received_at` ours. A second fix of a device at the same instant is the
    same fix. NaN in accuracy, speed or heading: the device did not say. No foreign keys: a check a row would double the
    cost of the bulk insert, which is the only writer and takes both ids from rows it just made or read.
    """

    __tablename__ = "fix"
    __table_args__ = (
        CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="on_earth"),
        CheckConstraint("mode BETWEEN 1 AND 3", name="mode_known"),
        {"postgresql_partition_by": "RANGE (recorded_at)"},
    )

    device_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    track_id: Mapped[int] = mapped_column(BigInteger)
    lon: Mapped[float] = mapped_column(DOUBLE_PRECISION)
    lat: Mapped[float] = mapped_column(DOUBLE_PRECISION)
    accuracy_m: Mapped[float] = mapped_column(REAL, server_default=text("'NaN'"))
    speed_mps: Mapped[float] = mapped_column(REAL, server_default=text("'NaN'"))
    heading_deg: Mapped[float] = mapped_column(REAL, server_default=text("'NaN'"))
    mode: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))


class QuarantinedFix(Base):
    """A position that can't be believed yet: its device's clock is far ahead. Kept as it came, counted nowhere."""

    __tablename__ = "quarantined_fix"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"), primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    lon: Mapped[float] = mapped_column(DOUBLE_PRECISION)
    lat: Mapped[float] = mapped_column(DOUBLE_PRECISION)


class Arrival(Base):
    """Live fixes of a device's local day came in, the earliest of them at `first_at`: that day waits to be marked dirty.

    Rows are only added here, so that a phone never waits for the computation that holds its day. No foreign key, as of
    fixes.
    """

    __tablename__ = "arrival"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    device_id: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

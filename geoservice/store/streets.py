"""Streets: the lines that patrols walk and that leaders contract."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.zones import SRID


class Street(Base):
    """One stretch of street; several rows may share a name."""

    __tablename__ = "street"
    __table_args__ = (
        CheckConstraint("ST_IsValid(geom) AND NOT ST_IsEmpty(geom)", name="geom_valid"),
        Index("ix_street_geom", "geom", postgresql_using="gist"),
        Index("ix_street_batch_id", "batch_id", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(server_default=text("''"), index=True)
    street_class: Mapped[str] = mapped_column(server_default=text("'unclassified'"))
    one_way: Mapped[bool] = mapped_column(server_default=text("false"))
    geom: Mapped[WKBElement] = mapped_column(Geometry("LINESTRING", srid=SRID, spatial_index=False))
    # Made from the line, None until then: its length in the metric CRS and how many pieces it is cut into.
    length_m: Mapped[float | None]
    piece_count: Mapped[int | None]
    zone_id: Mapped[int | None] = mapped_column(index=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    batch_id: Mapped[int | None]  # the import that wrote it last; imports are never deleted
    row_version: Mapped[int] = mapped_column(server_default=text("1"))

"""Writing points, many at a time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from geoservice.store.bulk import run_in_chunks
from geoservice.store.points import PointCategory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class PointRow:
    """A point as it is stored; `geom` is WKB of a Point in 4326. None: the category's."""

    code: str
    category: str
    name: str
    address: str
    geom: bytes
    required_interval_days: float | None
    service_minutes: float | None
    weight: float | None
    active: bool
    attributes: dict[str, Any]


TYPES = {
    "code": "text",
    "category": "text",
    "name": "text",
    "address": "text",
    "geom": "bytea",
    "required_interval_days": "double precision",
    "service_minutes": "double precision",
    "weight": "double precision",
    "active": "boolean",
    "attributes": "text",
}
_NAMES = ", ".join(TYPES)
_UNNESTED = (
    f"unnest({', '.join(f'CAST(:{name} AS {kind}[])' for name, kind in TYPES.items())}) AS r({_NAMES})"
)


DEFAULT_CATEGORY = "other"


def categories(session: Session) -> list[PointCategory]:
    """Every category of points."""
    return list(session.scalars(select(PointCategory).order_by(PointCategory.code)))


def insert_points(session: Session, points: Sequence[tuple[PointRow, str]], batch_id: int) -> None:
    """Insert points, each with its attributes as JSON."""
    sql = f"""
        INSERT INTO point ({_NAMES}, batch_id)
        SELECT code, category, name, address, ST_GeomFromWKB(geom, 4326), required_interval_days, service_minutes,
               weight, active, CAST(attributes AS jsonb), :batch
        FROM {_UNNESTED}
    """
    run_in_chunks(session, sql, _columns(points), {"batch": batch_id})


def point_ids(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """Code → id of the points that exist."""
    sql = text("SELECT code, id FROM point WHERE code = ANY(CAST(:codes AS text[]))")
    return {row.code: row.id for row in session.execute(sql, {"codes": list(codes)})}


def _columns(points: Sequence[tuple[PointRow, str]]) -> dict[str, list[Any]]:
    columns = {item.name: [getattr(point, item.name) for point, _ in points] for item in fields(PointRow)}
    return {**columns, "attributes": [attributes for _, attributes in points]}

"""Writing points, many at a time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from geoservice.store.bulk import run_in_chunks
from geoservice.store.checked_geometry import geometry_checked
from geoservice.store.incoming import joined_whole, take_in
from geoservice.store.placing import place_incoming
from geoservice.store.points import PointCategory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

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


# What did not change may stand in another zone since.
PLACE_AGAIN = """
    UPDATE point p SET zone_id = i.zone_id FROM incoming r LEFT JOIN incoming_place i ON i.number = r.number
    WHERE p.code = r.code AND p.zone_id IS DISTINCT FROM i.zone_id
"""
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


def merge_points(
    session: Session, columns: Mapping[str, Sequence[Any]], batch_id: int, on: date
) -> tuple[int, int]:
    """Insert the points that are new and change those that differ → how many of each.

    `columns` hold `code`, `geom` (WKB of a place with finite coordinates) and `attributes` (JSON), and what else the file tells of TYPES; what
    it does not tell stays as it is stored. Each gets the zone it stands in on `on`; a point without a name is called by its code.
    """
    told = {**dict.fromkeys(["code", "geom", "attributes"]), **dict.fromkeys(columns)}
    kinds = {**TYPES, "geom": "geometry(Point, 4326)", "attributes": "jsonb", "number": "int"}
    numbers = range(len(columns["code"]))
    take_in(
        session, "incoming", {name: kinds[name] for name in (*told, "number")}, {**columns, "number": numbers}
    )
    place_incoming(session, on)
    values = {name: f"r.{name}" for name in told} | {"active": "true"}
    if "name" in told:
        values["name"] = "coalesce(nullif(r.name, ''), r.code)"
    with joined_whole(session):
        changed = session.execute(text(_changing(values)), {"batch": batch_id})
        with geometry_checked(session):
            added = session.execute(text(_adding(values)), {"batch": batch_id})
        if _count(added) + _count(changed) < len(numbers):
            session.execute(text(PLACE_AGAIN))
    return _count(added), _count(changed)


def _changing(values: Mapping[str, str]) -> str:
    """The statement that overwrites stored points with what differs."""
    told = {name: value for name, value in values.items() if name != "code"}
    names = ", ".join(f"p.{name}" for name in told)
    return f"""
        UPDATE point p SET {", ".join(f"{name} = {value}" for name, value in told.items())}, zone_id = i.zone_id,
               batch_id = :batch, row_version = p.row_version + 1
        FROM incoming r LEFT JOIN incoming_place i ON i.number = r.number
        WHERE p.code = r.code AND ({names}) IS DISTINCT FROM ({", ".join(told.values())})
    """


def _adding(values: Mapping[str, str]) -> str:
    """The statement that inserts the points whose codes are new."""
    filled = {"category": f"'{DEFAULT_CATEGORY}'", "name": "r.code", **values}
    return f"""
        INSERT INTO point ({", ".join(filled)}, zone_id, batch_id)
        SELECT {", ".join(filled.values())}, i.zone_id, :batch
        FROM incoming r LEFT JOIN incoming_place i ON i.number = r.number
        WHERE NOT EXISTS (SELECT FROM point p WHERE p.code = r.code)
    """


def _count(result: Any) -> int:
    return int(result.rowcount)


def point_ids(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """Code → id of the points that exist."""
    sql = text("SELECT code, id FROM point WHERE code = ANY(CAST(:codes AS text[]))")
    return {row.code: row.id for row in session.execute(sql, {"codes": list(codes)})}


def _columns(points: Sequence[tuple[PointRow, str]]) -> dict[str, list[Any]]:
    columns = {item.name: [getattr(point, item.name) for point, _ in points] for item in fields(PointRow)}
    return {**columns, "attributes": [attributes for _, attributes in points]}


def codes_kept(session: Session, batch_id: int) -> list[str]:
    """Return the codes of the points that were merged last and that the batch left as they were."""
    sql = "SELECT p.code FROM incoming r JOIN point p ON p.code = r.code WHERE p.batch_id IS DISTINCT FROM :batch"
    with joined_whole(session):
        return list(session.scalars(text(sql), {"batch": batch_id}))

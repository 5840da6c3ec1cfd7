"""Writing streets, many at a time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.bulk import in_chunks, run_in_chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class StreetRow:
    """A street as it is stored; `geom` is WKB of a LineString in 4326, drawn the way traffic goes if it is one-way."""

    code: str
    name: str
    street_class: str
    one_way: bool
    geom: bytes
    attributes: dict[str, Any]


TYPES = {
    "code": "text",
    "name": "text",
    "street_class": "text",
    "one_way": "boolean",
    "geom": "bytea",
    "attributes": "text",
}
_NAMES = ", ".join(TYPES)
_UNNESTED = (
    f"unnest({', '.join(f'CAST(:{name} AS {kind}[])' for name, kind in TYPES.items())}) AS r({_NAMES})"
)


def stored_streets(session: Session, codes: Sequence[str]) -> dict[str, StreetRow]:
    """Code → the stored street, for those of `codes` that exist."""
    sql = f"""
        SELECT {_NAMES.replace("geom", "ST_AsBinary(geom) AS geom")} FROM street
        WHERE code = ANY(CAST(:codes AS text[]))
    """
    rows = (row._mapping for row in in_chunks(session, sql, {"codes": codes}))
    return {row["code"]: StreetRow(**{**row, "geom": bytes(row["geom"])}) for row in rows}


def insert_streets(session: Session, streets: Sequence[tuple[StreetRow, str]], batch_id: int) -> None:
    """Insert streets, each with its attributes as JSON."""
    sql = f"""
        INSERT INTO street ({_NAMES}, batch_id)
        SELECT code, name, street_class, one_way, ST_GeomFromWKB(geom, 4326), CAST(attributes AS jsonb), :batch
        FROM {_UNNESTED}
    """
    run_in_chunks(session, sql, _columns(streets), {"batch": batch_id})


def update_streets(session: Session, streets: Sequence[tuple[StreetRow, str]], batch_id: int) -> None:
    """Overwrite streets by their codes."""
    sql = f"""
        UPDATE street s SET name = r.name, street_class = r.street_class, one_way = r.one_way,
               geom = ST_GeomFromWKB(r.geom, 4326), attributes = CAST(r.attributes AS jsonb), batch_id = :batch,
               row_version = s.row_version + 1
        FROM {_UNNESTED} WHERE s.code = r.code
    """
    run_in_chunks(session, sql, _columns(streets), {"batch": batch_id})


def street_ids(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """Code → id of the streets that exist."""
    sql = text("SELECT code, id FROM street WHERE code = ANY(CAST(:codes AS text[]))")
    return {row.code: row.id for row in session.execute(sql, {"codes": list(codes)})}


def _columns(streets: Sequence[tuple[StreetRow, str]]) -> dict[str, list[Any]]:
    columns = {item.name: [getattr(street, item.name) for street, _ in streets] for item in fields(StreetRow)}
    return {**columns, "attributes": [attributes for _, attributes in streets]}

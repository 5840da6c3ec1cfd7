"""Zones of a file in a temporary table: which are stored as they are, which are unknown, and these inserted, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.bulk import analyze_roughly
from geoservice.store.checked_geometry import geometry_checked
from geoservice.store.incoming import (
    WITHIN,
    Packed,
    count_in,
    joined_whole,
    make_table,
    pack,
    pour,
    stretches,
)
from geoservice.store.zone_versions import VALID_ON

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

KINDS = {
    "number": "int",
    "code": "text",
    "name": "text",
    "parent_id": "int",
    "geom": "geometry(MultiPolygon, 4326)",
    "attributes": "jsonb",
}

# Geometries are equal here when they are the same to the last bit.
COMPARED = f"""
    CREATE TEMPORARY TABLE incoming_known ON COMMIT DROP AS
    SELECT r.number, bool_or({VALID_ON} AND v.geom = r.geom AND v.attributes = r.attributes{{told}}) AS is_same
    FROM incoming_zone r JOIN zone z ON z.code = r.code AND z.level = :level JOIN zone_version v ON v.zone_id = z.id
    GROUP BY r.number
"""
TOLD = {"name": "v.name = r.name", "parent_id": "v.parent_id IS NOT DISTINCT FROM r.parent_id"}
UNKNOWN = "NOT EXISTS (SELECT FROM incoming_known k WHERE k.number = r.number)"
ADD_ZONES = f"""
    INSERT INTO zone (level, code)
    SELECT :level, r.code FROM incoming_zone r
    WHERE {WITHIN} AND {UNKNOWN} AND NOT EXISTS (SELECT FROM zone z WHERE z.level = :level AND z.code = r.code)
    ORDER BY r.number
"""
# The path of a parent is the one it has on the day, else the one it had or will have nearest to it.
ADD_VERSIONS = f"""
    WITH parent AS MATERIALIZED (
        SELECT DISTINCT ON (v.zone_id) v.zone_id, v.path FROM zone_version v
        WHERE v.zone_id IN (SELECT DISTINCT r.parent_id FROM incoming_zone r)
        ORDER BY v.zone_id, ({VALID_ON}) DESC, v.valid_from DESC NULLS LAST
    )
    INSERT INTO zone_version (zone_id, name, parent_id, path, geom, valid_from, attributes, batch_id)
    SELECT z.id, coalesce(r.name, r.code), r.parent_id, coalesce(p.path, '{{}}') || z.id, r.geom, :since, r.attributes, :batch
    FROM incoming_zone r JOIN zone z ON z.code = r.code AND z.level = :level LEFT JOIN parent p ON p.zone_id = r.parent_id
    WHERE {WITHIN} AND {UNKNOWN}
"""


def pack_zones(columns: Mapping[str, Sequence[Any]], first: int = 0) -> Packed:
    """Zones, each once, numbered from `first`, ready to be taken in: columns of KINDS; without `name` or `parent_id` these are not told.

    Their borders are valid: nobody looks at them again.
    """
    return pack(KINDS, {"number": range(first, first + len(columns["code"])), **columns})


def take_in_zones(session: Session, parts: Iterable[Packed]) -> None:
    """Put zones into the temporary table."""
    make_table(session, "incoming_zone", KINDS)
    for packed in parts:
        pour(session, "incoming_zone", packed)
    count_in(session, "incoming_zone", KINDS)


def compare(session: Session, level: str, day: date, told: Collection[str]) -> dict[int, bool]:
    """Number of each zone taken in that has versions → whether it is, as far as it is told, stored just so on `day`."""
    equal = "".join(f" AND {same}" for name, same in TOLD.items() if name in told)
    session.execute(text("DROP TABLE IF EXISTS pg_temp.incoming_known"))
    with joined_whole(session):
        session.execute(text(COMPARED.format(told=equal)), {"level": level, "day": day})
    analyze_roughly(session, "pg_temp.incoming_known")
    rows = session.execute(text("SELECT number, is_same FROM incoming_known"))
    return {number: bool(is_same) for number, is_same in rows}


def add_unknown(
    session: Session, level: str, day: date, since: date | None, batch_id: int | None
) -> Iterator[int]:
    """Insert the zones taken in that have no version, valid from `since` (None: ever); their parents as of `day`.

    Yields how many, a part of them after the other.
    """
    values = {"level": level, "day": day, "since": since, "batch": batch_id}
    for bounds in stretches(session, "incoming_zone"):
        with joined_whole(session), geometry_checked(session):
            session.execute(text(ADD_ZONES), {**values, **bounds})
            added: Any = session.execute(text(ADD_VERSIONS), {**values, **bounds})
        yield int(added.rowcount)

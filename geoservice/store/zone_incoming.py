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
NOT_STORED = "NOT EXISTS (SELECT FROM zone z WHERE z.level = :level AND z.code = r.code)"
ADD_ZONES = f"""
    INSERT INTO zone (level, code) SELECT :level, r.code FROM incoming_zone r WHERE {WITHIN} {{but}} ORDER BY r.number
"""
# The path of a parent is the one it has on the day, else the one it had or will have nearest to it.
ADD_VERSIONS = f"""
    WITH parent AS MATERIALIZED (
        SELECT DISTINCT ON (v.zone_id) v.zone_id, v.path FROM zone_version v
        WHERE v.zone_id IN (SELECT DISTINCT r.parent_id FROM incoming_zone r)
        ORDER BY v.zone_id, ({VALID_ON}) DESC, v.valid_from DESC NULLS LAST
    )
    INSERT INTO zone_version (zone_id, name, parent_id, path, geom, valid_from, attributes, batch_id)
    SELECT z.id, coalesce(r.name, r.code), r.parent_id, coalesce(p.path, '{{{{}}}}') || z.id, r.geom, :since, r.attributes, :batch
    FROM incoming_zone r JOIN zone z ON z.code = r.code AND z.level = :level LEFT JOIN parent p ON p.zone_id = r.parent_id
    WHERE {WITHIN} {{but}}
"""


def pack_zones(columns: Mapping[str, Sequence[Any]], first: int = 0) -> Packed:
    """Zones, each once, numbered from `first`, ready to be taken in: columns of KINDS; without `name` or `parent_id` these are not told.

    Their borders are valid: nobody looks at them again.
    """
    return pack(KINDS, {"number": range(first, first + len(columns["code"])), **columns})


class IncomingZones:
    """Zones taken in, and what they mean for those of their level that are stored.

    What is new is valid from `since` (None: ever), written by `batch_id`; parents are as of `day`.
    """

    def __init__(
        self, session: Session, level: str, day: date, since: date | None, batch_id: int | None
    ) -> None:
        self._session = session
        self._level = {"level": level, "day": day}
        self._values = {**self._level, "since": since, "batch": batch_id}

    def take_in(self, parts: Iterable[Packed]) -> None:
        """Put zones into the temporary table, instead of those that are there."""
        make_table(self._session, "incoming_zone", KINDS)
        for packed in parts:
            pour(self._session, "incoming_zone", packed)
        count_in(self._session, "incoming_zone", KINDS)

    def compare(self, told: Collection[str]) -> dict[int, bool]:
        """Number of each zone taken in that has versions → whether it is, as far as it is told, stored just so on the day."""
        equal = "".join(f" AND {same}" for name, same in TOLD.items() if name in told)
        self._session.execute(text("DROP TABLE IF EXISTS pg_temp.incoming_known"))
        with joined_whole(self._session):
            self._session.execute(text(COMPARED.format(told=equal)), self._level)
        analyze_roughly(self._session, "pg_temp.incoming_known")
        rows = self._session.execute(text("SELECT number, is_same FROM incoming_known"))
        return {number: bool(is_same) for number, is_same in rows}

    def add_unknown(self) -> Iterator[int]:
        """Insert the zones taken in that have no version, as they were compared → how many, a part of them after the other."""
        return self._add(f"AND {UNKNOWN} AND {NOT_STORED}", f"AND {UNKNOWN}")

    def add_all(self) -> Iterator[int]:
        """Insert all zones taken in, none of which is stored → how many, a part of them after the other."""
        return self._add("", "")

    def _add(self, but_zones: str, but_versions: str) -> Iterator[int]:
        for bounds in stretches(self._session, "incoming_zone"):
            values = {**self._values, **bounds}
            with joined_whole(self._session), geometry_checked(self._session):
                self._session.execute(text(ADD_ZONES.format(but=but_zones)), values)
                added: Any = self._session.execute(text(ADD_VERSIONS.format(but=but_versions)), values)
            yield int(added.rowcount)

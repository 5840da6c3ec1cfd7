"""Points of a file in a temporary table: which are stored as they are, which differ, which are new, each asked and written at once."""

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
from geoservice.store.placing import place_incoming
from geoservice.store.point_rows import DEFAULT_CATEGORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

KINDS = {
    "number": "int",
    "code": "text",
    "category": "text",
    "name": "text",
    "address": "text",
    "geom": "geometry(Point, 4326)",
    "required_interval_days": "double precision",
    "service_minutes": "double precision",
    "weight": "double precision",
    "attributes": "jsonb",
}
KNOWN = """
    CREATE TEMPORARY TABLE incoming_known ON COMMIT DROP AS
    SELECT r.number, p.id, ({stored}) IS NOT DISTINCT FROM ({told}) AS is_same FROM incoming r JOIN point p ON p.code = r.code
"""
CHANGE = """
    UPDATE point p SET {changes}, zone_id = i.zone_id, batch_id = :batch, row_version = p.row_version + 1
    FROM incoming_known k JOIN incoming r ON r.number = k.number LEFT JOIN incoming_place i ON i.number = k.number
    WHERE p.id = k.id AND NOT k.is_same
"""
# What did not change may stand in another zone since.
PLACE_AGAIN = """
    UPDATE point p SET zone_id = i.zone_id FROM incoming_known k LEFT JOIN incoming_place i ON i.number = k.number
    WHERE p.id = k.id AND k.is_same AND p.zone_id IS DISTINCT FROM i.zone_id
"""
ADD = f"""
    INSERT INTO point ({{names}}, zone_id, batch_id)
    SELECT {{told}}, i.zone_id, :batch FROM incoming r LEFT JOIN incoming_place i ON i.number = r.number
    WHERE {WITHIN} {{but}}
"""
UNKNOWN = "NOT EXISTS (SELECT FROM incoming_known k WHERE k.number = r.number)"


def pack_points(columns: Mapping[str, Sequence[Any]], first: int = 0) -> Packed:
    """Points, each once, numbered from `first`, ready to be taken in: columns of KINDS; what is missing is not told."""
    return pack(KINDS, {"number": range(first, first + len(columns["code"])), **columns})


class IncomingPoints:
    """Points taken in, and what they mean for those that are stored; each gets the zone it stands in on a day.

    They tell `code`, `geom` (of finite coordinates), `attributes` and any other columns of KINDS, all of them the same. What they do
    not tell stays as it is stored; a point without a name is called by its code.
    """

    def __init__(self, session: Session, batch_id: int) -> None:
        self._session = session
        self._batch = {"batch": batch_id}
        self._values: dict[str, str] = {}
        self._but = ""

    def stand_alone(self) -> bool:
        """Whether no point is stored that these could be, and no zone in which they could stand."""
        sql = "SELECT NOT EXISTS (SELECT FROM point) AND NOT EXISTS (SELECT FROM zone_version)"
        return bool(self._session.execute(text(sql)).scalar_one())

    def take_in(self, parts: Iterable[Packed], on: date) -> None:
        """Put points into the temporary table, instead of those that are there, and find the zones they stand in."""
        for place, packed in enumerate(parts):
            if not place:
                self._values = {name: f"r.{name}" for name in packed.names if name != "number"}
                if "name" in self._values:
                    self._values["name"] = "coalesce(nullif(r.name, ''), r.code)"
                kinds = {name: kind for name, kind in KINDS.items() if name in packed.names}
                make_table(self._session, "incoming", kinds)
            pour(self._session, "incoming", packed)
        count_in(self._session, "incoming", {name: KINDS[name] for name in ("number", *self._values)})
        place_incoming(self._session, on)

    def compare(self) -> dict[int, bool]:
        """Number of each point taken in that is stored → whether it is, as far as it is told, stored just so."""
        told = self._told_again()
        self._session.execute(text("DROP TABLE IF EXISTS pg_temp.incoming_known"))
        stored = ", ".join(f"p.{name}" for name in told)
        with joined_whole(self._session):
            self._session.execute(text(KNOWN.format(stored=stored, told=", ".join(told.values()))))
        analyze_roughly(self._session, "pg_temp.incoming_known")
        self._but = f"AND {UNKNOWN}"
        rows = self._session.execute(text("SELECT number, is_same FROM incoming_known"))
        return {number: bool(is_same) for number, is_same in rows}

    def change(self) -> None:
        """Overwrite what differs, and place what does not differ anew."""
        changes = ", ".join(f"{name} = {value}" for name, value in self._told_again().items())
        with joined_whole(self._session):
            self._session.execute(text(CHANGE.format(changes=changes)), self._batch)
            self._session.execute(text(PLACE_AGAIN))

    def add(self) -> Iterator[int]:
        """Insert what is new (all of it, if it was not compared) → how many, a part of them after the other."""
        filled = {"category": f"'{DEFAULT_CATEGORY}'", "name": "r.code", **self._values}
        adding = text(ADD.format(names=", ".join(filled), told=", ".join(filled.values()), but=self._but))
        for bounds in stretches(self._session, "incoming"):
            with joined_whole(self._session), geometry_checked(self._session):
                added: Any = self._session.execute(adding, {**self._batch, **bounds})
            yield int(added.rowcount)

    def _told_again(self) -> dict[str, str]:
        """What is told of a point that is stored: that it is in use, too."""
        return {name: value for name, value in self._values.items() if name != "code"} | {"active": "true"}

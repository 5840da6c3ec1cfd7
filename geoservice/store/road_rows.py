"""Streets as planning reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class RoadRow(NamedTuple):
    """A street: its line as WKB in lon/lat, and what decides who may use it and how."""

    street_id: int
    code: str
    name: str
    street_class: str
    one_way: bool
    wkb: bytes
    attributes: dict[str, Any]


def roads(session: Session) -> list[RoadRow]:
    """Return every street, in order of id."""
    rows = session.execute(
        text(
            "SELECT id, code, name, street_class, one_way, ST_AsBinary(geom) AS wkb, attributes FROM street ORDER BY id"
        )
    )
    return [RoadRow(*row) for row in rows]

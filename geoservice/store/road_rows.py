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


Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def roads(session: Session, box: Box | None = None) -> list[RoadRow]:
    """Return every street, or those that come into a box, in order of id."""
    rows = session.execute(
        text(
            "SELECT id, code, name, street_class, one_way, ST_AsBinary(geom) AS wkb, attributes FROM street "
            "WHERE CAST(:west AS float8) IS NULL OR geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) ORDER BY id"
        ),
        dict(zip(("west", "south", "east", "north"), box or (None,) * 4, strict=True)),
    )
    return [RoadRow(*row) for row in rows]


def roads_around(session: Session, box: Box) -> list[RoadRow]:
    """Return every street that comes into a box, also beyond the session's ground: a way home may lead over others'.

    The transaction sees the whole city for this one statement only.
    """
    was = session.scalar(text("SELECT coalesce(current_setting('app.everything', true), '')"))
    widen = text("SELECT set_config('app.everything', :seen, true)")
    session.execute(widen, {"seen": "on"})
    found = roads(session, box)
    session.execute(widen, {"seen": was})
    return found

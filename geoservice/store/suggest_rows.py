"""The streets near gaps: where a patrol could go to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import text

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class NearStreet:
    """A street; `geometry` is a LineString in lon/lat."""

    code: str
    name: str
    street_class: str
    attributes: dict[str, Any]
    geometry: shapely.Geometry


def streets_near(session: Session, boxes: NDArray[Any]) -> list[NearStreet]:
    """Return the streets whose boxes meet one of `boxes` (n, 4: west, south, east, north in degrees), by code."""
    rows = session.execute(
        text(
            "SELECT s.code, s.name, s.street_class, s.attributes, ST_AsBinary(s.geom) AS wkb FROM street s "
            "WHERE s.id IN (SELECT near.id FROM unnest(CAST(:west AS float8[]), CAST(:south AS float8[]), "
            "CAST(:east AS float8[]), CAST(:north AS float8[])) AS box(w, s, e, n) "
            "JOIN street near ON near.geom && ST_MakeEnvelope(w, s, e, n, 4326)) ORDER BY s.code"
        ),
        {name: boxes[:, at].tolist() for at, name in enumerate(("west", "south", "east", "north"))},
    )
    return [
        NearStreet(row.code, row.name, row.street_class, row.attributes, shapely.from_wkb(bytes(row.wkb)))
        for row in rows
    ]

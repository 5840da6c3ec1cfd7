"""Streets as they are measured: their lines, and which of their pieces were seen, lie in a zone or are excluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.domain.street_tags import WORDS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class StreetLine:
    """A street that is cut: its line (WKB, lon/lat), its pieces, its attributes if they say anything of levels."""

    street_id: int
    wkb: bytes
    piece_count: int
    attributes: dict[str, Any] | None


# Few streets say anything of bridges and tunnels; the attributes of the others need not travel.
TELLING = f"attributes::text ~* '{'|'.join(WORDS)}'"


def street_lines(session: Session, around: tuple[float, float, float, float] | None) -> list[StreetLine]:
    """Return the streets that are cut, in order of id: all, or those whose boxes meet (west, south, east, north)."""
    where = "" if around is None else "AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
    rows = session.execute(
        text(
            f"SELECT id, ST_AsBinary(geom) AS wkb, piece_count, CASE WHEN {TELLING} THEN attributes END AS attributes "
            f"FROM street WHERE piece_count IS NOT NULL {where} ORDER BY id"
        ),
        {} if around is None else dict(zip(("west", "south", "east", "north"), around, strict=True)),
    )
    return [StreetLine(row.id, row.wkb, row.piece_count, row.attributes) for row in rows]

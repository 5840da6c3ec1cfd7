"""What the city's map asks of its ground: where a level lies, how wide its zones are, which of them covers a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

_OF_LEVEL = """
    FROM zone_version v JOIN zone z ON z.id = v.zone_id
    WHERE z.level = :level AND daterange(v.valid_from, v.valid_to) @> CAST(:on AS date)
"""


@dataclass(frozen=True)
class LevelGround:
    """Where the zones of a level lie (west, south, east, north) and how wide one is on average, in degrees."""

    bounds: tuple[float, float, float, float]
    width: float


def level_ground(session: Session, level: str, on: date) -> LevelGround | None:
    """Return the ground of a level on a day; None where it has no zone."""
    row = session.execute(
        text(
            "SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box), width FROM (SELECT ST_Extent(v.geom) AS box,"
            f" avg(ST_XMax(v.geom) - ST_XMin(v.geom)) AS width {_OF_LEVEL}) found WHERE box IS NOT NULL"
        ),
        {"level": level, "on": on},
    ).one_or_none()
    return None if row is None else LevelGround((row[0], row[1], row[2], row[3]), row.width)


def zone_at(session: Session, level: str, on: date, lon: float, lat: float) -> int | None:
    """Return the zone of a level that covers a place on a day; the first by code where two do."""
    found: int | None = session.scalar(
        text(
            f"SELECT z.id {_OF_LEVEL} AND ST_Covers(v.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) ORDER BY z.code LIMIT 1"
        ),
        {"level": level, "on": on, "lon": lon, "lat": lat},
    )
    return found


def has_streets(session: Session) -> bool:
    """Tell whether the session sees any street."""
    return session.scalar(text("SELECT EXISTS (SELECT FROM street)")) is True

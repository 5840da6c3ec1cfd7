"""What points and streets lie near a place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

M_PER_DEGREE = 110_574
"""Metres of a degree of latitude at the equator, where it is shortest: boxes made with it are never too small."""


@dataclass(frozen=True)
class Near:
    """A point or street and how far it is."""

    kind: str
    code: str
    distance_m: float


_NEAR = """
    SELECT :kind AS kind, code, ST_Distance(geom::geography, CAST(place AS geography)) AS distance_m
    FROM {table} CROSS JOIN (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS place) AS asked
    WHERE geom && ST_Expand(place, :wide, :high) AND {wanted}
    AND ST_Distance(geom::geography, CAST(place AS geography)) <= :reach ORDER BY distance_m, code LIMIT :most
"""
_WANTED = {"point": "active", "street": "true"}


def things_near(
    session: Session, kind: str, place: tuple[float, float], reach_m: float, *, most: int
) -> list[Near]:
    """Return the active points, or the streets, within `reach_m` of a place, the nearest first."""
    lon, lat = place
    high = reach_m / M_PER_DEGREE
    rows = session.execute(
        text(_NEAR.format(table=kind, wanted=_WANTED[kind])),
        {
            "kind": kind,
            "lon": lon,
            "lat": lat,
            "high": high,
            "wide": high / max(math.cos(math.radians(lat)), 0.01),
            "reach": reach_m,
            "most": most,
        },
    )
    return [Near(*row) for row in rows]

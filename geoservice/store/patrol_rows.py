"""Patrols as planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session


def planned_lines(session: Session, day: date) -> list[tuple[BaseGeometry, int]]:
    """Return (line in lon/lat, mode) of every route planned for a day; cancelled patrols don't count."""
    rows = session.execute(
        text(
            "SELECT ST_AsBinary(r.geom) AS wkb, r.mode FROM patrol p JOIN route r ON r.id = p.route_id "
            "WHERE p.on_day = :day AND p.status <> 'cancelled' AND r.geom IS NOT NULL ORDER BY p.id"
        ),
        {"day": day},
    )
    return [(shapely.from_wkb(bytes(row.wkb)), row.mode) for row in rows]

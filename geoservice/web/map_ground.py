"""The ground under what a map shows of patrols: just enough zones to find one's way by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.maps.plans import GroundShape
from geoservice.store import areas, check_rows
from geoservice.web.deployment import today

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MOST_ZONES = 400


def ground_shapes(session: Session) -> list[GroundShape]:
    """Return the zones of the finest level that has not too many of them."""
    fitting = [level for level in areas.levels(session, today()) if level.zone_count <= MOST_ZONES]
    if not fitting:
        return []
    borders = check_rows.zone_borders(session, today(), level=fitting[-1].code)
    return [GroundShape(zone.zone_id, zone.code, zone.name, zone.geom) for zone in borders]

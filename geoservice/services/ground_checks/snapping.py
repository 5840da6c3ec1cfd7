"""Closing what is narrow: shown first, then done from the same borders or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from geoservice.domain.closing import close_narrow
from geoservice.domain.topology import plane_of
from geoservice.errors import BadRequest, Conflict
from geoservice.services.editing.zones import BorderChange, replace_borders
from geoservice.services.ground_checks.scope import Asked, read_borders, read_ground
from geoservice.services.ground_checks.topology import whole_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

WIDEST_TOLERANCE_M = 20.0


@dataclass(frozen=True)
class SnappedZone:
    """A zone before and after; borders in lon/lat. `farthest_m`: how far its border moves at most."""

    zone_id: int
    code: str
    name: str
    row_version: int
    before: BaseGeometry
    after: BaseGeometry
    change_m2: float
    area_m2: float
    farthest_m: float


def propose_snap(
    session: Session,
    settings: Settings,
    on: date,
    level: str,
    *,
    parent_code: str | None = None,
    tolerance_m: float | None = None,
) -> list[SnappedZone]:
    """The zones of a level whose borders would move so that no gap or overlap within the tolerance is left.

    Raises BadRequest for a tolerance that is not above 0 or wider than 20 m.
    """
    tolerance = settings.snap_tolerance_m if tolerance_m is None else tolerance_m
    if not 0 < tolerance <= WIDEST_TOLERANCE_M:
        raise BadRequest("snap_tolerance", tolerance=tolerance, most=WIDEST_TOLERANCE_M)
    ground = read_ground(session, Asked(on, level, parent_code))
    zones = read_borders(session, ground, level)
    plane = plane_of([zone.geom for zone in zones])
    moved = close_narrow([zone.geom for zone in zones], plane, tolerance, whole_of(session, ground, zones))
    return [
        SnappedZone(
            zones[each.zone].zone_id,
            zones[each.zone].code,
            zones[each.zone].name,
            zones[each.zone].row_version,
            zones[each.zone].geom,
            each.geometry,
            each.change_m2,
            plane.area_m2(zones[each.zone].geom),
            each.farthest_m,
        )
        for each in moved
    ]


def fingerprint(proposed: list[SnappedZone]) -> str:
    """What tells one proposal from another: the zones, as they were seen, and their new borders."""
    told = sha256()
    for zone in proposed:
        told.update(f"{zone.zone_id} {zone.row_version} ".encode())
        told.update(zone.after.wkb)
    return told.hexdigest()


def apply_snap(
    session: Session,
    settings: Settings,
    proposed: list[SnappedZone],
    *,
    by: int | None,
    now: datetime,
    seen: str | None = None,
) -> int:
    """Give the zones their new borders, all or none → how many.

    `seen`: the fingerprint of what somebody was shown; Conflict when what would be done is no longer that.
    """
    if seen is not None and seen != fingerprint(proposed):
        raise Conflict("snap_changed")
    changes = [BorderChange(zone.zone_id, zone.after, zone.row_version) for zone in proposed]
    if changes:
        replace_borders(session, settings, changes, by=by, now=now, correct=True)
    return len(changes)

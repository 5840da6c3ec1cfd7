"""Zones of a level that should fit each other: where they overlap, and what they leave of the zones above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from geoservice.domain.topology import find_gaps, find_overlaps, is_narrow, plane_of, unmatched
from geoservice.services.ground_checks.findings import about_shape, result_of
from geoservice.services.ground_checks.scope import read_borders
from geoservice.store import check_rows

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.topology import Fault, Plane
    from geoservice.services.ground_checks.findings import CheckResult, Finding
    from geoservice.services.ground_checks.scope import Ground
    from geoservice.store.check_rows import ZoneBorder


def check_topology(session: Session, settings: Settings, ground: Ground) -> CheckResult:
    """Look for gaps and overlaps, level by level."""
    found: list[Finding] = []
    count = 0
    for level in dict.fromkeys(zone.level for zone in ground.zones()):
        zones = read_borders(session, ground, level)
        shapes = [zone.geom for zone in zones]
        plane, whole = plane_of(shapes), whole_of(session, ground, zones)
        odd = unmatched(shapes)
        count += len(zones)
        for kind, faults in (
            ("overlap", find_overlaps(shapes, plane, odd)),
            ("gap", find_gaps(shapes, plane, whole, odd)),
        ):
            found += [_finding(kind, fault, zones, plane, settings) for fault in faults]
    found.sort(key=lambda finding: -(finding.area_m2 or 0.0))
    return result_of("topology", found, count)


def whole_of(session: Session, ground: Ground, zones: list[ZoneBorder]) -> BaseGeometry | None:
    """The ground that zones of a level should fill: that of the zones above them; None where one has none above."""
    parent_ids = {zone.parent_id for zone in zones}
    if not parent_ids <= ground.every.keys():
        return None
    parents = check_rows.borders_of(session, ground.asked.on, sorted(filter(None, parent_ids)))
    return shapely.union_all([parent.geom for parent in parents.values()])


def _finding(kind: str, fault: Fault, zones: list[ZoneBorder], plane: Plane, settings: Settings) -> Finding:
    return about_shape(
        kind,
        [zones[index] for index in fault.zones],
        fault.geometry,
        fault.area_m2,
        can_snap=is_narrow(fault.geometry, plane, settings.snap_tolerance_m),
    )

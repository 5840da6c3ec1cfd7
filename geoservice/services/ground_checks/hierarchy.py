"""Zones and the zones above them: outside their parent, without one, named twice, coded against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from geoservice.domain.duplicates import groups_of, name_keys
from geoservice.domain.topology import outside_parts, plane_of
from geoservice.domain.zone_codes import starts_below
from geoservice.services.ground_checks.findings import about_shape, about_zones, result_of
from geoservice.services.ground_checks.scope import read_borders
from geoservice.store import check_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geoservice.domain.topology import Plane
    from geoservice.services.ground_checks.findings import CheckResult, Finding
    from geoservice.services.ground_checks.scope import Ground
    from geoservice.store.check_rows import ZoneBorder, ZoneName

HABIT = 0.8
"""Where so many of a level's codes begin with their parent's, one that does not is an exception."""


def check_hierarchy(session: Session, ground: Ground) -> CheckResult:
    """Compare zones with those above them."""
    zones = ground.zones()
    found = [
        *_outside(session, ground),
        *_without_parent(ground, zones),
        *_against_habit(ground, zones),
        *_named_twice(zones),
    ]
    return result_of("hierarchy", found, len(zones))


def _outside(session: Session, ground: Ground) -> list[Finding]:
    """Children that reach beyond their parent, by the area they do."""
    found: list[Finding] = []
    for level in dict.fromkeys(zone.level for zone in ground.zones() if zone.parent_id in ground.every):
        children = read_borders(session, ground, level)
        plane = plane_of([zone.geom for zone in children])
        parent_ids = sorted({zone.parent_id for zone in children if zone.parent_id})
        for parent in check_rows.borders_of(session, ground.asked.on, parent_ids).values():
            found += _beyond(parent, [zone for zone in children if zone.parent_id == parent.zone_id], plane)
    return sorted(found, key=lambda finding: -(finding.area_m2 or 0.0))


def _beyond(parent: ZoneBorder, children: list[ZoneBorder], plane: Plane) -> Iterator[Finding]:
    """The children of one zone that reach beyond it."""
    shapely.prepare(parent.geom)
    within = shapely.covers(parent.geom, [zone.geom for zone in children])
    for child in (zone for zone, fits in zip(children, within, strict=True) if not fits):
        if outside := outside_parts(child.geom, parent.geom, plane):
            shape, area_m2 = outside
            share = area_m2 / plane.area_m2(child.geom)
            yield about_shape("outside_parent", (child, parent), shape, area_m2, share=share)


def _without_parent(ground: Ground, zones: list[ZoneName]) -> Iterator[Finding]:
    """Zones above which nothing is, though a wider level has zones."""
    present = {zone.level for zone in ground.every.values()}
    widest = next((level for level in ground.levels if level in present), None)
    for zone in zones:
        if zone.level != widest and zone.parent_id not in ground.every:
            yield about_zones("no_parent", [zone])


def _against_habit(ground: Ground, zones: list[ZoneName]) -> Iterator[Finding]:
    """Codes that do not begin with their parent's, where nearly all of their level do."""
    below: dict[str, list[tuple[ZoneName, ZoneName]]] = {}
    for zone in ground.every.values():
        if (parent := ground.every.get(zone.parent_id or 0)) is not None:
            below.setdefault(zone.level, []).append((zone, parent))
    chosen = {zone.zone_id for zone in zones}
    for pairs in below.values():
        odd = [(zone, parent) for zone, parent in pairs if not starts_below(zone.code, parent.code)]
        if len(odd) > (1 - HABIT) * len(pairs):
            continue
        for zone, parent in odd:
            if zone.zone_id in chosen:
                yield about_zones("code_not_below_parent", [zone, parent])


def _named_twice(zones: list[ZoneName]) -> Iterator[Finding]:
    """Zones of a level that have one name under one parent; a name that is the code is none."""
    names = name_keys([zone.name for zone in zones])
    keys = [
        (zone.level, zone.parent_id, name) if name and zone.name != zone.code else ""
        for zone, name in zip(zones, names, strict=True)
    ]
    for group in groups_of(zones, keys):
        yield about_zones("same_name", group)

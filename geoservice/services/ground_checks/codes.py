"""Codes of zones against the deployment's pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.zone_codes import code_faults, parse_pattern
from geoservice.services.ground_checks.findings import about_zones, result_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geoservice.config import Settings
    from geoservice.services.ground_checks.findings import CheckResult, Finding
    from geoservice.services.ground_checks.scope import Ground


def check_codes(settings: Settings, ground: Ground) -> CheckResult:
    """List codes that have not their level's length, are not digits, or do not begin with their parent's."""
    zones = ground.zones()
    return result_of("codes", list(_contradictions(settings, ground)), len(zones))


def _contradictions(settings: Settings, ground: Ground) -> Iterator[Finding]:
    pattern = parse_pattern(settings.zone_code_pattern)
    if pattern is None:
        return
    lengths = pattern.lengths(ground.levels)
    for zone in ground.zones():
        if zone.level not in lengths:
            continue
        parent = ground.every.get(zone.parent_id or 0)
        for fault in code_faults(zone.code, lengths[zone.level], parent.code if parent else None):
            shortest, longest = lengths[zone.level]
            digits = str(shortest) if shortest == longest else f"{shortest}–{longest}"
            yield about_zones(fault, [zone, *([parent] if parent else [])], digits=digits)

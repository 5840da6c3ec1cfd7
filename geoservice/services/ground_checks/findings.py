"""What a check of the ground answers: one finding for each thing that is wrong, with its place and its shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from geoservice.store.check_rows import ZoneBorder, ZoneName

CHECKS = ("hierarchy", "topology", "duplicates", "codes")
MOST_LISTED = 1_000
"""Of each check; the count says how many there are."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong with the ground. `kind` names its sentence, `values` fill it.

    `codes`, `names` and `zone_ids` are those concerned; `geometry` is in lon/lat, (`lon`, `lat`) lies within. `area_m2` is
    that of the fault, `share` its part of the zone, `distance_m` how far two points are apart.
    """

    kind: str
    level: str | None
    codes: tuple[str, ...]
    names: tuple[str, ...]
    lon: float
    lat: float
    zone_ids: tuple[int, ...] = ()
    area_m2: float | None = None
    share: float | None = None
    distance_m: float | None = None
    can_snap: bool = False
    geometry: BaseGeometry | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckResult:
    """The findings of one check, the worst first, at most MOST_LISTED of `total`; `zones` were looked at."""

    check: str
    total: int
    findings: tuple[Finding, ...]
    zones: int = 0
    area_m2: float = 0.0


@dataclass(frozen=True)
class GroundReport:
    """Every check of the ground on a day."""

    results: tuple[CheckResult, ...]

    @property
    def total(self) -> int:
        """How much is wrong."""
        return sum(result.total for result in self.results)


def result_of(check: str, found: Sequence[Finding], zones: int) -> CheckResult:
    """The findings as a result."""
    area_m2 = sum(finding.area_m2 or 0.0 for finding in found)
    return CheckResult(check, len(found), tuple(found[:MOST_LISTED]), zones, area_m2)


def about_shape(
    kind: str, zones: Sequence[ZoneBorder], geometry: BaseGeometry, area_m2: float, **more: Any
) -> Finding:
    """A finding about some ground and the zones concerned."""
    place = shapely.point_on_surface(geometry)
    return Finding(
        kind,
        zones[0].level if zones else None,
        tuple(zone.code for zone in zones),
        tuple(zone.name for zone in zones),
        place.x,
        place.y,
        tuple(zone.zone_id for zone in zones),
        area_m2=area_m2,
        geometry=geometry,
        **more,
    )


def about_zones(kind: str, zones: Iterable[ZoneName], **values: Any) -> Finding:
    """A finding about zones whose borders do not matter."""
    listed = list(zones)
    return Finding(
        kind,
        listed[0].level,
        tuple(zone.code for zone in listed),
        tuple(zone.name for zone in listed),
        listed[0].lon,
        listed[0].lat,
        tuple(zone.zone_id for zone in listed),
        values=values,
    )

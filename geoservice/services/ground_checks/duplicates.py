"""Points entered twice, and codes that people can't tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from shapely import LineString

from geoservice.domain.duplicates import code_keys, groups_of, name_keys, pairs_within
from geoservice.services.ground_checks.findings import Finding, about_zones, result_of
from geoservice.store import check_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geoservice.services.ground_checks.findings import CheckResult
    from geoservice.services.ground_checks.scope import Ground
    from geoservice.store.check_rows import ActivePoints

NEAR_M = 50.0
METRES_PER_DEGREE = 111_320.0


def check_duplicates(session: Session, ground: Ground) -> CheckResult:
    """Look for points of one name within 50 m, and for codes that differ by width, case, blanks or zeros in front."""
    zones, points = ground.zones(), check_rows.active_points(session)
    zone_codes = code_keys([zone.code for zone in zones])
    found = [
        *_same_points(points),
        *(
            _about_points("codes_alike", points, group)
            for group in groups_of(range(len(points.codes)), code_keys(points.codes))
        ),
        *(
            about_zones("codes_alike", group)
            for group in groups_of(
                zones, [(zone.level, code) for zone, code in zip(zones, zone_codes, strict=True)]
            )
        ),
    ]
    return result_of("duplicates", found, len(zones))


def _same_points(points: ActivePoints) -> Iterator[Finding]:
    """Pairs of points with one name, the nearest first."""
    found: list[tuple[float, int, int]] = []
    for group in groups_of(range(len(points.names)), name_keys(points.names)):
        lonlat = points.lonlat[group]
        # Within a city the Earth is flat enough to look; what is found is measured again at its own latitude.
        narrowing = max(float(np.cos(np.radians(np.abs(lonlat[:, 1]).max()))), 0.01)
        plane = lonlat * METRES_PER_DEGREE * (narrowing, 1.0)
        for one, other in pairs_within(plane, NEAR_M * 1.01):
            metres = _metres(lonlat[one], lonlat[other])
            if metres <= NEAR_M:
                found.append((metres, group[one], group[other]))
    for metres, first, second in sorted(found):
        yield _about_points("same_point", points, [first, second], metres)


def _metres(one: np.ndarray, other: np.ndarray) -> float:
    """Between places this near each other the Earth is flat."""
    narrowing = np.cos(np.radians((one[1] + other[1]) / 2))
    return float(np.hypot((one[0] - other[0]) * narrowing, one[1] - other[1]) * METRES_PER_DEGREE)


def _about_points(
    kind: str, points: ActivePoints, group: list[int], distance_m: float | None = None
) -> Finding:
    lon, lat = points.lonlat[group[0]].tolist()
    return Finding(
        kind,
        None,
        tuple(points.codes[index] for index in group),
        tuple(points.names[index] for index in group),
        lon,
        lat,
        distance_m=distance_m,
        geometry=LineString(points.lonlat[group[:2]]),
    )

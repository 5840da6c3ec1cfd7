"""Points entered twice, and codes that people can't tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from shapely import LineString

from geoservice.domain.duplicates import code_key, groups_of, name_key
from geoservice.services.ground_checks.findings import Finding, about_zones, result_of
from geoservice.store import check_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geoservice.services.ground_checks.findings import CheckResult
    from geoservice.services.ground_checks.scope import Ground
    from geoservice.store.check_rows import PointNear

NEAR_M = 50.0
METRES_PER_DEGREE = 111_320.0
MOST_PAIRS = 200_000


def check_duplicates(session: Session, ground: Ground) -> CheckResult:
    """Look for points of one name within 50 m, and for codes that differ by width, case, blanks or zeros in front."""
    zones = ground.zones()
    found = [
        *_same_points(session),
        *(_alike(group) for group in groups_of(check_rows.point_codes(session), _point_key)),
        *(
            about_zones("codes_alike", group)
            for group in groups_of(zones, lambda zone: (zone.level, code_key(zone.code)))
        ),
    ]
    return result_of("duplicates", found, len(zones))


def _same_points(session: Session) -> Iterator[Finding]:
    """Pairs of points with one name, the nearest first."""
    latitude = check_rows.latitude_of_points(session)
    if latitude is None:
        return
    reach = NEAR_M / METRES_PER_DEGREE * 1.01
    narrow = max(float(np.cos(np.radians(latitude))), 0.01)
    pairs = check_rows.points_near_each_other(session, reach / narrow, reach, MOST_PAIRS)
    same = [pair for pair in pairs if name_key(pair[0].name) == name_key(pair[1].name) != ""]
    for metres, (one, other) in sorted(
        ((_metres(*pair), pair) for pair in same), key=lambda found: (found[0], found[1][0].code)
    ):
        if metres <= NEAR_M:
            yield Finding(
                "same_point",
                None,
                (one.code, other.code),
                (one.name, other.name),
                one.lon,
                one.lat,
                distance_m=metres,
                geometry=_between(one, other),
            )


def _metres(one: PointNear, other: PointNear) -> float:
    """Between places this near each other the Earth is flat."""
    narrowing = np.cos(np.radians((one.lat + other.lat) / 2))
    return float(np.hypot((one.lon - other.lon) * narrowing, one.lat - other.lat) * METRES_PER_DEGREE)


def _between(one: PointNear, other: PointNear) -> LineString:
    return LineString([(one.lon, one.lat), (other.lon, other.lat)])


def _point_key(point: PointNear) -> str:
    return code_key(point.code)


def _alike(group: list[PointNear]) -> Finding:
    return Finding(
        "codes_alike",
        None,
        tuple(point.code for point in group),
        tuple(point.name for point in group),
        group[0].lon,
        group[0].lat,
        geometry=_between(group[0], group[1]),
    )

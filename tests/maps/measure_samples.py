"""Made-up stretches, states of points, suggestions and ages on the block of `samples.py`."""

import numpy as np
from shapely import LineString, Point

from geoservice.maps.values import (
    NO_BAND,
    AgeImage,
    LeaderArea,
    PointShape,
    StretchShape,
    SuggestionShape,
)
from tests.maps.samples import CELL_LAT, CELL_LON, SOUTH, WEST, leader_area, point, street

STATES = ("visited_findings", "visited_clean", "probable", "not_visited")
DUES = ("ok", "due_today", "due_tomorrow", "overdue", "never")


def stated_point(number: int, **changed: object) -> PointShape:
    """A point with a state and a due date; all combinations come by turns."""
    values: dict[str, object] = {
        "state": STATES[number % 4],
        "due": DUES[number % 5],
        "last_visit": "" if number % 5 == 4 else "2025-03-28 10:12",
        "longest": "6 天",
    }
    return point(number, **{**values, **changed})


def stretch(rank: int, **changed: object) -> StretchShape:
    """A piece of one of the sample streets, 100 to 300 m long."""
    line = street(rank % 7).geometry
    start = rank * 0.6180339887 % 0.8
    places = [line.interpolate(start + step * 0.05, normalized=True) for step in range(4)]
    values: dict[str, object] = {
        "id": 700 + rank,
        "rank": rank,
        "street_code": f"S{rank % 7}",
        "street_name": street(rank % 7).name,
        "geometry": LineString(places),
        "length_m": 300.0 / rank,
        "days_unseen": None if rank % 3 == 0 else rank * 2,
        "leader": "王建国",
        "others": (("交警", "李强"),),
    }
    return StretchShape(**{**values, **changed})  # type: ignore[arg-type]


def suggestion(rank: int, **changed: object) -> SuggestionShape:
    """A post, or with every third a detour."""
    lon, lat = WEST + rank * 0.0029 % 0.015, SOUTH + rank * 0.0041 % 0.012
    detour = rank % 3 == 0
    values: dict[str, object] = {
        "id": 40 + rank,
        "rank": rank,
        "kind": "detour" if detour else "post",
        "geometry": LineString([(lon, lat), (lon + 0.001, lat + 0.0012), (lon + 0.003, lat + 0.0013)])
        if detour
        else Point(lon, lat),
        "title": f"福田网格{rank}东北角",
        "lines": (("可消除盲点", f"{9 - rank} 个"), ("停留", "15 分钟")),
    }
    return SuggestionShape(**{**values, **changed})  # type: ignore[arg-type]


AGE_NAMES = ("今天", "1–3 天", "4–7 天", "8–14 天", "15–30 天", "30 天以上", "从未")


def age_image(size: int = 120) -> AgeImage:
    """Rings of growing age around one corner of the block, with nothing beyond the block's middle height."""
    rows, columns = np.mgrid[0:size, 0:size]
    bands = np.minimum(np.hypot(rows, columns) / size * 5.5, len(AGE_NAMES) - 1).astype(np.uint8)
    bands[rows > size * 0.9] = NO_BAND
    return AgeImage(bands, WEST, SOUTH, WEST + 8 * CELL_LON, SOUTH + 7 * CELL_LAT, AGE_NAMES)


def full_area(points: int = 60, stretches: int = 24, **changed: object) -> LeaderArea:
    """A leader's ground with every kind of layer on it."""
    values: dict[str, object] = {
        "points": tuple(stated_point(n) for n in range(points)),
        "stretches": tuple(stretch(rank) for rank in range(1, stretches + 1)),
        "suggestions": tuple(suggestion(rank) for rank in range(1, 7)),
        "ages": age_image(),
    }
    return leader_area(**{**values, **changed})  # type: ignore[arg-type]

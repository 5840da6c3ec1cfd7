"""Streets as lines in metres."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.crs import to_metric
from geoservice.domain.street_tags import level_and_tunnel
from geoservice.domain.streets import StreetLines, make_ready
from geoservice.store import street_coverage as store
from geoservice.store.sighting_rows import streets_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geoservice.domain.streets import MatchRules, ReadyStreets
    from geoservice.store.sighting_rows import Bounds

# Streets of a day before that reach farther than a day's own are kept with these unless the box grows by so much.
MUCH_LARGER = 2.0
# Boxes are rounded outwards to some 2 km: those of successive days differ by less.
ROUNDING_DEGREES = 0.02


def load_lines(
    session: Session, metric_epsg: int, bounds_lonlat: tuple[float, float, float, float] | None
) -> StreetLines:
    """Return the streets that are cut and whose boxes meet the bounds (west, south, east, north), in order of id."""
    rows = store.street_lines(session, bounds_lonlat)
    tags = [level_and_tunnel(row.attributes) if row.attributes else (0, False) for row in rows]
    return to_lines(
        metric_epsg,
        [row.street_id for row in rows],
        [row.wkb for row in rows],
        np.array([row.piece_count for row in rows], np.int32),
        tags,
    )


@dataclass(frozen=True)
class _Loaded:
    """Streets made ready, and what they were made from: only while that stands may they be used again."""

    metric_epsg: int
    rules: MatchRules
    around: Bounds
    state: tuple[str, str]
    streets: ReadyStreets


# The last made by this process: successive days are walked on much the same streets.
_last: _Loaded | None = None


def ready_streets(session: Session, metric_epsg: int, rules: MatchRules, around: Bounds) -> ReadyStreets:
    """Return the streets that `load_lines` returns, and maybe more, made ready for crediting; as they are now."""
    global _last
    around = _rounded(around)
    last = _last if _last and (_last.metric_epsg, _last.rules) == (metric_epsg, rules) else None
    if last:
        if _joined(last.around, around) == last.around and streets_state(session, last.around) == last.state:
            return last.streets
        joined = _joined(last.around, around)
        around = joined if _area(joined) <= MUCH_LARGER * _area(around) else around
    state = streets_state(session, around)
    streets = make_ready(load_lines(session, metric_epsg, around), rules)
    # Somebody may have changed a street between two statements.
    if streets_state(session, around) == state:
        _last = _Loaded(metric_epsg, rules, around, state, streets)
    return streets


def _rounded(box: Bounds) -> Bounds:
    """Return a box a little larger, with rounder sides."""
    west, south, east, north = (side / ROUNDING_DEGREES for side in box)
    return (
        floor(west) * ROUNDING_DEGREES, floor(south) * ROUNDING_DEGREES,
        ceil(east) * ROUNDING_DEGREES, ceil(north) * ROUNDING_DEGREES,
    )  # fmt: skip


def _joined(one: Bounds, other: Bounds) -> Bounds:
    """Return the box around two boxes."""
    return (
        min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]),
    )  # fmt: skip


def _area(box: Bounds) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def to_lines(
    metric_epsg: int,
    street_ids: Sequence[int],
    wkb: Sequence[bytes],
    piece_count: np.ndarray[tuple[int], np.dtype[np.int32]],
    tags: Sequence[tuple[int, bool]],
) -> StreetLines:
    """Return streets in metres from their WKB in lon/lat; `tags`: level and whether it is a tunnel, of each."""
    shapes = shapely.from_wkb(np.array([bytes(each) for each in wkb], dtype=object))
    lonlat, index = shapely.get_coordinates(shapes, return_index=True)
    return StreetLines(
        street_id=np.array(street_ids, np.int64),
        level=np.array([level for level, _ in tags], np.int16),
        tunnel=np.array([tunnel for _, tunnel in tags], np.bool_),
        piece_count=piece_count,
        xy=to_metric(metric_epsg, lonlat),
        starts=np.searchsorted(index, np.arange(len(wkb) + 1)).astype(np.int64),
    )

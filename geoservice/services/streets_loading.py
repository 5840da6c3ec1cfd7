"""Streets as lines in metres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.crs import to_metric
from geoservice.domain.street_tags import level_and_tunnel
from geoservice.domain.streets import StreetLines
from geoservice.store import street_coverage as store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


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

"""What a plan would cover: the same kernel as for tracks, on the lines that patrols are to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.coverage import Tiles, cover_segments
from geoservice.domain.crs import to_metric
from geoservice.domain.tracks import Mode, Segments
from geoservice.errors import NotFound
from geoservice.services.coverage import ZoneRow, rows_of
from geoservice.services.ground import read_grid
from geoservice.services.rules import reach_of
from geoservice.store import bitmaps, patrol_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings


def planned_coverage(session: Session, settings: Settings, day: date) -> list[ZoneRow]:
    """Return every zone as if exactly the patrols planned for `day` had been walked; raises NotFound without any."""
    lines = patrol_rows.planned_lines(session, day)
    if not lines:
        raise NotFound("plan_without_routes", day=day.isoformat())
    return coverage_of_lines(session, settings, [line for line, _ in lines], [mode for _, mode in lines], day)


def coverage_of_lines(
    session: Session, settings: Settings, lines: Sequence[BaseGeometry], modes: Sequence[int], day: date
) -> list[ZoneRow]:
    """Return every zone valid on `day` as if these lines (lon/lat) had been walked, each in its mode, and nothing else."""
    grid = read_grid(session)
    tiles = _fill(settings, to_metric(grid.metric_epsg, np.array(lines, dtype=object)), modes, grid.cell_m)
    counts = bitmaps.count_planned(session, tiles, day)
    return rows_of(session, counts, grid.cell_m, day, measured=True)


def _fill(settings: Settings, lines: NDArray[np.object_], modes: Sequence[int], cell_m: float) -> Tiles:
    starts, ends, mode = [], [], []
    for line, number in zip(lines, modes, strict=True):
        xy = shapely.get_coordinates(line)
        starts.append(xy[:-1])
        ends.append(xy[1:])
        mode.append(np.full(len(xy) - 1, Mode(number), np.int16))
    a, b = np.concatenate(starts).T.copy(), np.concatenate(ends).T.copy()
    none = np.zeros(a.shape[1], np.int64)
    segments = Segments(none, none, none, a[0], a[1], b[0], b[1], np.concatenate(mode))
    return cover_segments(segments, none, reach_of(settings), cell_m)

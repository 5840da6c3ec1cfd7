"""Blind spots of a window: found zone by zone from the bitmaps, and kept as the window's report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain import gaps as domain
from geoservice.domain.coverage import bits_at
from geoservice.domain.crs import to_lonlat, to_metric
from geoservice.domain.kernels import SIDE
from geoservice.domain.windows import Window
from geoservice.services.ground import read_grid
from geoservice.services.looking_back import look_back
from geoservice.store import bitmaps, gap_rows, late_rows
from geoservice.store.gap_rows import StoredGap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.coverage import Tiles
    from geoservice.domain.gaps import Regions
    from geoservice.store.bitmaps import ZoneCount
    from geoservice.store.ground import Grid

# The windows every page offers; kept fresh by the scheduler.
STANDARD_DAYS = (1, 7, 30)
# Tiles of zones looked at together: bounds how much history is held at once (8 KB a tile and week).
_TILES_AT_ONCE = 1200
_BAND_TILES = 12


def build(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Find the gaps of the whole city in a window and keep them as its report; return how many.

    Must run in a session that sees everything. `progress` takes per cent.
    """
    report_id = _start(session, settings, window, now)
    if not bitmaps.has_data(session, window):
        return 0
    zones = [zone for zone in bitmaps.count_zones(session, window) if zone.is_leaf]
    found: list[StoredGap] = []
    total = 0
    for done, gaps in _by_chunk(session, settings, window, zones):
        found += gaps
        total += len(gaps)
        if len(found) > 2000:
            gap_rows.add_gaps(session, report_id, found)
            found = []
        if progress:
            progress(100 * done // max(len(zones), 1))
    gap_rows.add_gaps(session, report_id, found)
    return total


def _start(session: Session, settings: Settings, window: Window, now: datetime) -> int:
    """Begin the report; where one of the window, then already past, is replaced, remember what has come late since."""
    before = gap_rows.revision_of(session, window)
    report_id = gap_rows.start_report(session, window, now)
    start, end = window.instants(settings.zone_info)
    if before is not None and before.computed_at >= end:
        late = late_rows.late_tracks(session, start, end, before.computed_at)
        if late.fix_count:
            gap_rows.note_late(session, report_id, before.computed_at, late.fix_count)
    return report_id


def due(session: Session, settings: Settings, today: date) -> list[tuple[date, date]]:
    """Return the standard windows ending today whose report is absent or stale."""
    windows = [Window.ending(today, days) for days in STANDARD_DAYS]
    return [
        (window.from_on, window.to_on) for window in windows if gap_rows.report_at(session, window) is None
    ]


def is_ready(session: Session, window: Window) -> bool:
    """Tell whether a fresh report of the window is stored."""
    return gap_rows.report_at(session, window) is not None


def find_gaps(
    session: Session, settings: Settings, window: Window, zones: Sequence[ZoneCount]
) -> Iterator[StoredGap]:
    """Yield the gaps of at least `settings.min_gap_area_m2` in the leaves among `zones`."""
    for _, gaps in _by_chunk(session, settings, window, [zone for zone in zones if zone.is_leaf]):
        yield from gaps


def _by_chunk(
    session: Session, settings: Settings, window: Window, zones: Sequence[ZoneCount]
) -> Iterator[tuple[int, list[StoredGap]]]:
    """Yield (zones done, their gaps); what is seen and excluded city-wide is read once."""
    grid = read_grid(session)
    seen = bitmaps.seen_in(session, window)
    excluded = bitmaps.excluded_on(session, window.to_on)
    unfinished = _side_by_side(session, [zone for zone in zones if zone.covered + zone.excluded < zone.cells])
    done = len(zones) - len(unfinished)
    for chunk in _chunks(unfinished):
        masks = bitmaps.zone_masks(session, [zone.version_id for zone in chunk])
        unseen = _without(_without(masks, seen), excluded)
        found = list(_regions(settings, grid, chunk, unseen))
        look_back(session, _history(settings, window), [regions for _, regions in found])
        points = _points(session, grid, [zone for zone, _ in found])
        done += len(chunk)
        yield (
            done,
            [gap for zone, regions in found for gap in _stored(grid, zone, regions, points[zone.version_id])],
        )


def _regions(
    settings: Settings, grid: Grid, zones: Sequence[ZoneCount], unseen: Tiles
) -> Iterator[tuple[ZoneCount, Regions]]:
    """Yield the regions of each zone that are gaps; of a very wide zone block by block."""
    for zone in zones:
        mine = unseen.take(unseen.slot == zone.version_id)
        for block in domain.blocks(mine) if len(mine) else ():
            regions = domain.find_regions(block, grid.cell_m, settings.min_gap_area_m2)
            if regions is not None:
                yield zone, regions


def _side_by_side(session: Session, zones: Sequence[ZoneCount]) -> list[ZoneCount]:
    """Put neighbours together, so that a tile's history is read for as few chunks as can be."""
    place = bitmaps.where_masks_begin(session, [zone.version_id for zone in zones])
    band = {version: (tx // _BAND_TILES, ty // _BAND_TILES, tx, ty) for version, (tx, ty) in place.items()}
    return sorted(zones, key=lambda zone: band.get(zone.version_id, ()))


def _chunks(zones: Sequence[ZoneCount]) -> Iterator[list[ZoneCount]]:
    """Yield zones in runs of about `_TILES_AT_ONCE` tiles, or one that has more alone."""
    chunk: list[ZoneCount] = []
    tiles = 0
    for zone in zones:
        chunk.append(zone)
        tiles += 4 + zone.cells // (SIDE * SIDE)
        if tiles >= _TILES_AT_ONCE:
            yield chunk
            chunk, tiles = [], 0
    if chunk:
        yield chunk


def _without(tiles: Tiles, other: Tiles) -> Tiles:
    """Return the tiles less what `other` (slot 0) holds in the same places; those left empty are dropped."""
    left = replace(tiles, bits=tiles.bits & ~bits_at(other, 0 * tiles.slot, tiles.tx, tiles.ty))
    return left.take(np.flatnonzero(left.bits.any(axis=1)))


def _history(settings: Settings, window: Window) -> Window:
    """Return the days before the window that are looked at for when something was last seen."""
    before = window.from_on - timedelta(days=1)
    return Window(before - timedelta(days=settings.history_days - 1), before, window.period)


def _points(session: Session, grid: Grid, zones: Sequence[ZoneCount]) -> dict[int, NDArray[np.float64]]:
    """Return (p, 3) x, y, weight of the points around each zone, by version."""
    rows = gap_rows.points_around(session, [zone.version_id for zone in zones])
    table = np.array([(row.lon, row.lat, row.weight) for row in rows], dtype=np.float64).reshape(-1, 3)
    if len(table):
        table[:, :2] = to_metric(grid.metric_epsg, table[:, :2])
    owner = np.array([row.version_id for row in rows], dtype=np.int64)
    return {zone.version_id: table[owner == zone.version_id] for zone in zones}


def _stored(grid: Grid, zone: ZoneCount, regions: Regions, points: NDArray[np.float64]) -> list[StoredGap]:
    found = list(domain.describe(regions, points[:, :2], grid.cell_m))
    shapes = to_lonlat(grid.metric_epsg, np.array([gap.polygon for gap in found], dtype=object))
    return [
        StoredGap(
            zone_id=zone.zone_id,
            geometry=shape,
            area_m2=gap.cell_count * grid.cell_m**2,
            last_seen_on=None if gap.last_seen == domain.NEVER else date.fromordinal(gap.last_seen),
            point_count=len(gap.point_index),
            point_weight=float(points[gap.point_index, 2].sum()),
        )
        for gap, shape in zip(found, shapes, strict=True)
    ]

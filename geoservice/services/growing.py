"""How the coverage of some ground grew within a window: when each place was first seen, and the rates until each day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.ages import NO_BAND, cells_set, cells_under, lay_pixels
from geoservice.domain.coverage import bits_at
from geoservice.domain.tiny import TINY_CELLS
from geoservice.services.ages import bounds_around
from geoservice.services.ground import read_grid
from geoservice.services.sighting import tiny_zones
from geoservice.services.trends import buckets_of
from geoservice.store import age_rows, bitmaps, ground_tiles, trend_rows
from geoservice.store import ground as ground_store
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.coverage import Tiles
    from geoservice.domain.windows import Window
    from geoservice.services.ages import Bounds
    from geoservice.services.trends import Step
    from geoservice.store.ground import Grid

MOST_STEPS = 62
"""Longer windows go by weeks or months, so that a slider has steps one can aim at and an image values enough."""
MOST_PIXELS = 500_000


@dataclass(frozen=True)
class ZoneGrowth:
    """A zone's rate until the end of each step; None: nothing is known until then, or there is no ground."""

    zone_id: int
    code: str
    name: str
    rates: tuple[float | None, ...]


@dataclass(frozen=True, eq=False)
class Growth:
    """Ground by the step of a window in which it was first seen.

    `first` (height, width): the number of that step, as many as there are steps where nobody was, NO_BAND outside; web
    Mercator, row 0 in the north, `bounds` west, south, east, north in degrees. `rates` and `added_m2` are of all the ground.
    """

    step: Step
    steps: tuple[Window, ...]
    first: NDArray[np.uint8]
    bounds: Bounds
    rates: tuple[float | None, ...]
    added_m2: tuple[float, ...]
    zones: tuple[ZoneGrowth, ...]


def grow(
    session: Session,
    settings: Settings,
    window: Window,
    zone_ids: Collection[int],
    max_pixels: int = MOST_PIXELS,
) -> Growth | None:
    """Return how the coverage of these zones grew, with the borders of the window's last day; None where there is no ground."""
    if ground_store.read_deployment(session) is None or not zone_ids:
        return None
    grid, on = read_grid(session), window.to_on
    ground = age_rows.ground_of(session, on, zone_ids)
    if len(ground) == 0 or not ground.bits.any():
        return None
    step = _step_of(window)
    steps = buckets_of(window, step)
    zones = ground_tiles.ground_by_zone(session, on, zone_ids)
    pixels = lay_pixels(bounds_around(grid, ground), grid.cell_m, max_pixels)
    row, column = cells_under(pixels, grid.metric_epsg, grid.cell_m)
    first = np.where(cells_set(ground, row, column), np.uint8(len(steps)), np.uint8(NO_BAND))
    where = np.column_stack((ground.tx, ground.ty)).astype(np.int64)
    seen, whole, by_zone = np.zeros_like(ground.bits), [], []
    for number, one in enumerate(steps):
        tiles = bitmaps.seen_in(session, one, where)
        first[(first == len(steps)) & cells_set(tiles, row, column)] = number
        seen |= bits_at(tiles, 0, ground.tx, ground.ty)
        whole.append(_count(ground.bits & seen))
        until_now = replace(ground, bits=seen)
        by_zone.append(_cells_by_zone(zones, bits_at(until_now, 0, zones.tx, zones.ty)))
    known = _known(session, window, steps)
    cells = _count(ground.bits)
    return Growth(
        step=step,
        steps=tuple(steps),
        first=first,
        bounds=pixels.bounds,
        rates=tuple(
            count / cells if is_known else None for count, is_known in zip(whole, known, strict=True)
        ),
        added_m2=tuple(float(count) * grid.cell_m**2 for count in np.diff(whole, prepend=0)),
        zones=_zones(session, settings, grid, steps, zones, by_zone, known),
    )


def _step_of(window: Window) -> Step:
    days = (window.to_on - window.from_on).days + 1
    return "day" if days <= MOST_STEPS else "week" if days <= 7 * (MOST_STEPS - 1) else "month"


def _known(session: Session, window: Window, steps: Sequence[Window]) -> list[bool]:
    """Tell of each step whether anything at all was recorded until its end."""
    days = trend_rows.days_with_data(session, window)
    return [bool(days) and days[0] <= one.to_on for one in steps]


def _count(bits: NDArray[np.uint8]) -> int:
    return int(np.bitwise_count(bits).sum(dtype=np.int64))


def _cells_by_zone(zones: Tiles, seen: NDArray[np.uint8]) -> dict[int, int]:
    """Count the cells of each zone that are set in `seen` (n, 8192), which lies as the zones' tiles do."""
    ids, place = np.unique(zones.slot, return_inverse=True)
    counts = np.bitwise_count(zones.bits & seen).sum(axis=1, dtype=np.int64)
    sums = np.bincount(place, weights=counts, minlength=len(ids))
    return {int(zone_id): int(cells) for zone_id, cells in zip(ids, sums, strict=True)}


def _zones(  # noqa: PLR0913 - what was counted, and by what
    session: Session,
    settings: Settings,
    grid: Grid,
    steps: Sequence[Window],
    zones: Tiles,
    by_zone: Sequence[dict[int, int]],
    known: Sequence[bool],
) -> tuple[ZoneGrowth, ...]:
    """Return the rates of each zone; leaves of a few cells by their borders, as everywhere."""
    cells = _cells_by_zone(zones, zones.bits)
    named = {zone.zone_id: zone for zone in zones_on(session, steps[-1].to_on)}
    areas = {
        zone_id: [(count * grid.cell_m**2, counts[zone_id] * grid.cell_m**2) for counts in by_zone]
        for zone_id, count in cells.items()
    }
    leaves = {named[one].version_id: one for one in areas if one in named and named[one].is_leaf}
    few = {one: leaves[one] for one in ground_tiles.versions_below(session, list(leaves), TINY_CELLS)}
    if few:
        until = [replace(one, from_on=steps[0].from_on) for one in steps]
        exact = [tiny_zones(session, settings, one, set(few)) for one in until]
        for version_id, zone_id in few.items():
            counts = [one[version_id] for one in exact]
            areas[zone_id] = [(one.area_m2 - one.excluded_m2, one.covered_m2) for one in counts]
    return tuple(
        ZoneGrowth(zone_id, named[zone_id].code, named[zone_id].name, _rates(areas[zone_id], known))
        for zone_id in sorted(areas.keys() & named.keys(), key=lambda one: named[one].code)
    )


def _rates(areas: Sequence[tuple[float, float]], known: Sequence[bool]) -> tuple[float | None, ...]:
    return tuple(
        covered / area if is_known and area > 0 else None
        for (area, covered), is_known in zip(areas, known, strict=True)
    )

"""How the coverage of a whole scope goes from day to day, and which of its zones of a level lag behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.coverage import bits_at
from geoservice.domain.tiny import TINY_CELLS
from geoservice.services import city, trends
from geoservice.services.ground import read_grid
from geoservice.services.sighting import tiny_zones
from geoservice.services.trends import TrendPoint
from geoservice.store import trend_rows
from geoservice.store.ground_tiles import ground_by_zone, versions_below
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.services.city import LevelName
    from geoservice.services.trends import Step
    from geoservice.store.zones_of_day import ZoneOn

MOST_ZONES = 40
"""A table of zones by days opens on the finest level with at most so many."""

Areas = list[tuple[float, float]]


@dataclass(frozen=True)
class ZoneDays:
    """A zone's rate in the window and in each bucket of it; None: nothing is known of these days, or there is no ground."""

    zone_id: int
    code: str
    name: str
    area_m2: float
    covered_m2: float
    rate: float | None
    rates: tuple[float | None, ...]


@dataclass(frozen=True)
class CityTrend:
    """A scope by buckets of `step`, and the zones of one level, the least covered first; `left_out`: how many more there are."""

    step: Step
    points: tuple[TrendPoint, ...]
    level: LevelName | None
    levels: tuple[LevelName, ...]
    zones: tuple[ZoneDays, ...]
    left_out: int

    @property
    def has_data(self) -> bool:
        """Whether anything is known of the window."""
        return any(point.rate is not None for point in self.points)


def city_trend(
    session: Session, settings: Settings, window: Window, wanted: str | None, *, locale: str
) -> CityTrend:
    """Return how a scope and the zones of a level did in a window, by days, weeks or months as it is long.

    Borders and exclusions are those of the window's last day throughout, so that the buckets compare.
    """
    levels = city.level_names(session, window.to_on, locale=locale)
    level = city.choose_level(levels, wanted, most_zones=MOST_ZONES)
    _, step = city.trend_of(window)
    if level is None:
        return CityTrend(step, (), None, (), (), 0)
    zones = {zone.zone_id: zone for zone in zones_on(session, window.to_on)}
    roots = [zone_id for zone_id, zone in zones.items() if zones.keys().isdisjoint(zone.path[:-1])]
    shown = [zone for zone in zones.values() if zone.level == level.code]
    buckets = trends.buckets_of(window, step)
    asked = {*roots, *(zone.zone_id for zone in shown)}
    areas = _areas(session, settings, [*buckets, window], [zones[zone_id] for zone_id in sorted(asked)])
    days = trend_rows.days_with_data(session, window)
    known = [any(one.from_on <= day <= one.to_on for day in days) for one in (*buckets, window)]
    found = _worst_first([_zone_days(zone, areas[zone.zone_id], known) for zone in shown])
    return CityTrend(
        step,
        tuple(_points(buckets, [areas[zone_id] for zone_id in roots], known)),
        level,
        levels,
        tuple(found[:MOST_ZONES]),
        max(0, len(found) - MOST_ZONES),
    )


def _areas(
    session: Session, settings: Settings, windows: Sequence[Window], zones: Sequence[ZoneOn]
) -> dict[int, Areas]:
    """Return (m² less what is excluded, m² seen) of each zone in each window; leaves of a few cells by their borders.

    Counted here and not in the database, which unpacks every mask anew for every window.
    """
    cell_m2 = read_grid(session).cell_m ** 2
    ground = ground_by_zone(session, windows[-1].to_on, [zone.zone_id for zone in zones])
    ids, place = np.unique(ground.slot, return_inverse=True)
    cells = _cells(ground.bits, place, len(ids))
    tiles = trend_rows.seen_by_bucket(session, windows)
    seen = [
        _cells(ground.bits & bits_at(tiles, bucket, ground.tx, ground.ty), place, len(ids))
        for bucket in range(len(windows))
    ]
    found = {
        int(zone_id): [(cells[row] * cell_m2, counts[row] * cell_m2) for counts in seen]
        for row, zone_id in enumerate(ids)
    }
    leaves = {zone.version_id: zone.zone_id for zone in zones if zone.is_leaf}
    few = {one: leaves[one] for one in versions_below(session, list(leaves), TINY_CELLS)}
    exact = [tiny_zones(session, settings, window, set(few)) for window in windows] if few else []
    for version_id, zone_id in few.items():
        counts = [one[version_id] for one in exact]
        found[zone_id] = [(one.area_m2 - one.excluded_m2, one.covered_m2) for one in counts]
    return {zone.zone_id: found.get(zone.zone_id, [(0.0, 0.0)] * len(windows)) for zone in zones}


def _cells(bits: NDArray[np.uint8], place: NDArray[np.intp], count: int) -> list[int]:
    """Return how many bits are set in the rows of each place."""
    by_row = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return [int(cells) for cells in np.bincount(place, weights=by_row, minlength=count)]


def _points(buckets: Sequence[Window], roots: Sequence[Areas], known: Sequence[bool]) -> list[TrendPoint]:
    points = []
    for place, bucket in enumerate(buckets):
        area = sum(areas[place][0] for areas in roots)
        covered = sum(areas[place][1] for areas in roots)
        rate = covered / area if known[place] and area > 0 else None
        points.append(TrendPoint(0, bucket.from_on, bucket.to_on, area, covered, rate))
    return points


def _zone_days(zone: ZoneOn, areas: Areas, known: Sequence[bool]) -> ZoneDays:
    rates = [
        covered / area if is_known and area > 0 else None
        for is_known, (area, covered) in zip(known, areas, strict=True)
    ]
    return ZoneDays(zone.zone_id, zone.code, zone.name, *areas[-1], rates[-1], tuple(rates[:-1]))


def _worst_first(zones: list[ZoneDays]) -> list[ZoneDays]:
    return sorted(zones, key=lambda one: (one.rate is None, one.rate or 0.0, -one.area_m2, one.code))

"""What device days show beside cells: pieces of streets, stays at points, the ground of tiny zones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.crs import to_lonlat, to_metric
from geoservice.domain.streets import credit_ready, no_credits
from geoservice.domain.tiny import TINY_CELLS, TinyZones, see_exactly
from geoservice.domain.visits import Spots, find_stays
from geoservice.domain.windows import split_by_day_and_period
from geoservice.services.ground import read_grid
from geoservice.services.rules import match_rules, period_starts, reach_of
from geoservice.services.streets_loading import ready_streets
from geoservice.store import device_days, track_rows
from geoservice.store import sighting_rows as store

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.streets import Credits
    from geoservice.domain.tracks import Segments
    from geoservice.domain.windows import Window
    from geoservice.store.sighting_rows import Bounds

# Nothing farther from a track than this has any say in what it shows. The database marks the days to be looked at
# again by the same distance (migration 0005, tiles_around).
AROUND_M = 300.0


@dataclass(frozen=True)
class TinyCount:
    """A tiny zone's ground in square metres: all of it, what is excluded, and what was seen of the rest."""

    area_m2: float
    excluded_m2: float
    covered_m2: float


@dataclass(frozen=True)
class _Day:
    """A day's segments of some devices, sorted by device and time, and where to look for what they may show."""

    settings: Settings
    on: date
    epsg: int
    segments: Segments
    around: Bounds


def sight(
    session: Session, settings: Settings, on: date, devices: Sequence[int], segments: Segments
) -> dict[int, dict[str, float]]:
    """Put what the segments show in place of all that the devices' day showed before.

    Return for each device the metres that no street was credited with, by reason.
    """
    store.forget(session, on, devices)
    if len(segments.start_us) == 0:
        store.put_credits(session, on, devices, no_credits())
        return {}
    epsg = read_grid(session).metric_epsg
    day = _Day(settings, on, epsg, segments, _bounds(epsg, segments))
    _see_tiny(session, day)
    _visit(session, day)
    credits, refused = _credit(session, day)
    store.put_credits(session, on, devices, credits)
    return refused


def refusals(session: Session, window: Window) -> dict[str, int]:
    """Return how many fixes and segments of the window were refused, by reason; of all periods together.

    Fixes that were not even kept (at 0, 0, in the future …) count on the day their track began.
    """
    computed = device_days.refusals(session, window.from_on, window.to_on)
    not_kept = track_rows.refused_in(session, window.from_on, window.to_on)
    return {
        reason: computed.get(reason, 0) + not_kept.get(reason, 0) for reason in sorted({*computed, *not_kept})
    }


def street_refusals(session: Session, window: Window) -> dict[str, float]:
    """Return how many metres of the window's tracks no street was credited with, by reason; of all periods together."""
    return device_days.street_refusals(session, window.from_on, window.to_on)


def tiny_zones(
    session: Session, settings: Settings, window: Window, version_ids: Collection[int]
) -> dict[int, TinyCount]:
    """Return the exact ground of versions of tiny zones in a window; areas in the metric CRS, to the square millimetre."""
    if not version_ids:
        return {}
    epsg = read_grid(session).metric_epsg
    borders = store.borders(session, version_ids)
    seen = _united(epsg, store.tiny_seen(session, window, version_ids))
    excluded = _united(epsg, store.excluded_on(session, window.to_on, version_ids))
    nothing = shapely.Polygon()
    counts = {}
    for version_id, border in zip(borders, to_metric(epsg, _array(list(borders.values()))), strict=True):
        outside = excluded.get(version_id, nothing)
        left = shapely.difference(border, outside)
        areas = (
            border.area,
            border.area - left.area,
            shapely.intersection(left, seen.get(version_id, nothing)).area,
        )
        counts[version_id] = TinyCount(*(round(area, 6) for area in areas))
    return counts


def _bounds(epsg: int, segments: Segments) -> Bounds:
    """Return the box in lon/lat of all that may be seen from the segments."""
    west, south = (min(a.min(), b.min()) for a, b in ((segments.ax, segments.bx), (segments.ay, segments.by)))
    east, north = (max(a.max(), b.max()) for a, b in ((segments.ax, segments.bx), (segments.ay, segments.by)))
    # The sides of a box in metres are curved in degrees: some points on each are asked.
    box = shapely.box(west - AROUND_M, south - AROUND_M, east + AROUND_M, north + AROUND_M)
    outline = shapely.get_coordinates(shapely.segmentize(box, max(east - west, north - south, AROUND_M) / 8))
    lonlat = to_lonlat(epsg, outline)
    return (*lonlat.min(axis=0).tolist(), *lonlat.max(axis=0).tolist())


def _see_tiny(session: Session, day: _Day) -> None:
    found = store.tiny_zones(session, TINY_CELLS, day.around)
    if not found:
        return
    zones = TinyZones(
        np.array([version_id for version_id, _ in found], np.int64),
        to_metric(day.epsg, _array([border for _, border in found])),
    )
    slot = _period(day.settings, day.segments.start_us).astype(np.int64)
    seen = see_exactly(day.segments, slot, zones, reach_of(day.settings))
    store.add_tiny(session, day.on, seen, to_lonlat(day.epsg, seen.polygon))


def _visit(session: Session, day: _Day) -> None:
    found = store.spots(session, day.around)
    if not found:
        return
    settings = day.settings
    xy = to_metric(day.epsg, np.array([(spot.lon, spot.lat) for spot in found]))
    radius_m = [settings.visit_radius_m if spot.radius_m is None else spot.radius_m for spot in found]
    dwell_s = [settings.visit_dwell_s if spot.dwell_s is None else spot.dwell_s for spot in found]
    spots = Spots(
        np.array([spot.point_id for spot in found], np.int64), np.ascontiguousarray(xy[:, 0]),
        np.ascontiguousarray(xy[:, 1]), np.array(radius_m, np.float64), np.array(dwell_s, np.float64),
    )  # fmt: skip
    stays = find_stays(day.segments, spots, settings.visit_join_s)
    store.add_visits(session, day.on, stays, _period(settings, stays.arrived_us))


def _credit(session: Session, day: _Day) -> tuple[Credits, dict[int, dict[str, float]]]:
    rules = match_rules(day.settings)
    streets = ready_streets(session, day.epsg, rules, day.around)
    if len(streets.street_id) == 0:
        return no_credits(), {}
    slot = _period(day.settings, day.segments.start_us).astype(np.int64)
    credits, refused = credit_ready(day.segments, slot, streets, rules)
    by_device: dict[int, dict[str, float]] = {}
    for reason, metres in refused.items():
        for device, value in metres.items():
            by_device.setdefault(device, {})[reason] = round(value, 1)
    return credits, by_device


def _period(settings: Settings, time_us: NDArray[np.int64]) -> NDArray[np.int8]:
    return split_by_day_and_period(time_us, settings.zone_info, period_starts(settings))[1]


def _united(epsg: int, shapes: list[tuple[int, shapely.Geometry]]) -> dict[int, shapely.Geometry]:
    """Return the union of the shapes (lon/lat) of each id, in metres."""
    metric = to_metric(epsg, _array([shape for _, shape in shapes]))
    grouped: dict[int, list[shapely.Geometry]] = {}
    for (owner, _), shape in zip(shapes, metric, strict=True):
        grouped.setdefault(owner, []).append(shape)
    return {owner: shapely.union_all(mine) for owner, mine in grouped.items()}


def _array(shapes: list[shapely.Geometry]) -> NDArray[np.object_]:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array

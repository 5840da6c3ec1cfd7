"""How a zone's coverage goes from day to day, week to week or month to month: each bucket of days by itself."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from geoservice.domain.tiny import TINY_CELLS
from geoservice.services.coverage import zone_coverage
from geoservice.services.ground import read_grid
from geoservice.services.sighting import tiny_zones
from geoservice.store import ground as ground_store
from geoservice.store import trend_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window

Step = Literal["day", "week", "month"]


@dataclass(frozen=True)
class TrendPoint:
    """A zone in one bucket of days, both ends included. `area_m2` is less what is excluded.

    `rate` None: nobody's track of these days is known, or there is no ground to see.
    """

    zone_id: int
    first_on: date
    last_on: date
    area_m2: float
    covered_m2: float
    rate: float | None


def buckets_of(window: Window, step: Step) -> list[Window]:
    """Cut a window into days, calendar weeks or months, those at its ends as much as it holds of them."""
    key = {
        "day": lambda day: day,
        "week": lambda day: day - timedelta(days=day.weekday()),
        "month": lambda day: day.replace(day=1),
    }[step]
    groups = [list(days) for _, days in groupby(window.days(), key)]
    return [replace(window, from_on=days[0], to_on=days[-1]) for days in groups]


def zone_trend(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    step: Step,
    zone_ids: Collection[int] | None = None,
    code: str | None = None,
) -> list[TrendPoint]:
    """Return each zone's coverage in each bucket of a window, in order of zone and day: all, `zone_ids`, or `code` and below.

    Borders and exclusions are those of each bucket's last day, so that a bucket stays as it is when they change later.
    """
    if ground_store.read_deployment(session) is None:
        return []
    if code is not None:
        zone_ids = [row.zone_id for row in zone_coverage(session, settings, window, code=code)]
    known = trend_rows.days_with_data(session, window)
    points: list[TrendPoint] = []
    for buckets in _alike(session, buckets_of(window, step)):
        measured = [any(one.from_on <= day <= one.to_on for day in known) for one in buckets]
        for zone_id, areas in areas_by_bucket(session, settings, buckets, zone_ids):
            for bucket, is_known, (area, covered) in zip(buckets, measured, areas, strict=True):
                rate = covered / area if is_known and area > 0 else None
                points.append(TrendPoint(zone_id, bucket.from_on, bucket.to_on, area, covered, rate))
    return sorted(points, key=lambda point: (point.zone_id, point.first_on))


def areas_by_bucket(
    session: Session, settings: Settings, buckets: Sequence[Window], zone_ids: Collection[int] | None
) -> Iterator[tuple[int, list[tuple[float, float]]]]:
    """Yield each zone with (m² less what is excluded, m² seen) in each bucket, leaves of a few cells by their borders.

    The borders of the last bucket's last day hold for all of them.
    """
    cell_m2 = read_grid(session).cell_m ** 2
    counts = trend_rows.count_buckets(session, buckets, zone_ids)
    few = {count.version_id for count in counts if count.is_leaf and count.cells < TINY_CELLS}
    exact = [tiny_zones(session, settings, bucket, few) for bucket in buckets] if few else []
    for count in counts:
        if count.version_id in few:
            by_bucket = [found[count.version_id] for found in exact]
            yield count.zone_id, [(one.area_m2 - one.excluded_m2, one.covered_m2) for one in by_bucket]
        else:
            area = (count.cells - count.excluded) * cell_m2
            places = range(len(buckets))
            yield count.zone_id, [(area, count.covered.get(place, 0) * cell_m2) for place in places]


def _alike(session: Session, buckets: Sequence[Window]) -> Iterator[list[Window]]:
    """Yield runs of buckets on whose last days every border and exclusion is the same."""
    changes = trend_rows.changes_between(session, buckets[0].to_on, buckets[-1].to_on)
    for _, run in groupby(buckets, lambda one: bisect_right(changes, one.to_on)):
        yield list(run)

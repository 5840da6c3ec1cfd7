"""The never-visited list: every zone and part of the day with what was seen of it, zeros included, and all that nobody saw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geoservice.domain.windows import Period
from geoservice.services import coverage
from geoservice.services.grounds import zones_of_code
from geoservice.services.points import PointState, point_rows
from geoservice.services.streets import street_rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.services.coverage import GapRow, ZoneRow
    from geoservice.services.points import PointRow
    from geoservice.services.streets import StreetRow


@dataclass(frozen=True)
class ZonePeriod:
    """What was seen of a zone in one part of the window's days; `period` None: the whole of each day.

    `ground_m2` is the zone less its exclusions. `rate` None: no data in the window, or no ground to see. A part of the day
    without any patrol in a window that had some has 0: nobody was there at that time.
    """

    zone_id: int
    code: str
    name: str
    level: str
    path: tuple[int, ...]
    is_leaf: bool
    leader: str | None
    period: Period | None
    ground_m2: float
    covered_m2: float
    rate: float | None

    @property
    def is_never(self) -> bool:
        """There is ground to see, there is data, and nobody saw any of it."""
        return self.rate == 0.0


@dataclass(frozen=True)
class Unvisited:
    """What nobody saw in a window; without data nothing is known, and all but `zones` is empty.

    `zones`: every zone × part of the day. `streets` that nobody walked any of. `points` that nobody visited;
    `points_ever`: among them those not within the history looked at either. `gaps` not seen in that history.
    """

    has_data: bool
    zones: tuple[ZonePeriod, ...]
    streets: tuple[StreetRow, ...]
    points: tuple[PointRow, ...]
    gaps: tuple[GapRow, ...]

    @property
    def zones_never(self) -> tuple[ZonePeriod, ...]:
        """The rows with a zero."""
        return tuple(row for row in self.zones if row.is_never)

    @property
    def points_ever(self) -> tuple[PointRow, ...]:
        """The points that nobody visited in the whole history looked at."""
        return tuple(point for point in self.points if point.last_visit_at is None)


def unvisited(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    now: datetime,
    level: str | None = None,
    code: str | None = None,
) -> Unvisited:
    """Return what nobody saw, of the whole city or of the zone `code` and all below it; zones of one level or all.

    A window of one part of the day is asked for that part only.
    """
    below = None if code is None else zones_of_code(session, window.to_on, code)
    has_data = coverage.has_data(session, window)
    zones = tuple(
        _zone_period(row, period, has_data)
        for period in ((None, *Period) if window.period is None else (window.period,))
        for row in coverage.zone_coverage(
            session, settings, replace(window, period=period), level=level, zone_ids=below
        )
    )
    if not has_data:
        return Unvisited(False, zones, (), (), ())
    streets = street_rows(session, settings, window, zone_ids=below)
    points = point_rows(session, settings, window, now=now, zone_ids=below)
    gaps = coverage.zone_gaps(session, settings, window, zone_ids=below)
    return Unvisited(
        has_data=True,
        zones=zones,
        streets=tuple(row for row in streets if _is_never_walked(row)),
        points=tuple(row for row in points if row.state is PointState.NOT_VISITED),
        gaps=tuple(gap for gap in gaps if gap.days_unseen is None),
    )


def _zone_period(row: ZoneRow, period: Period | None, has_data: bool) -> ZonePeriod:
    ground_m2 = row.area_m2 - row.excluded_m2
    return ZonePeriod(
        zone_id=row.zone_id,
        code=row.code,
        name=row.name,
        level=row.level,
        path=row.path,
        is_leaf=row.is_leaf,
        leader=row.leader,
        period=period,
        ground_m2=ground_m2,
        covered_m2=row.covered_m2,
        rate=row.covered_m2 / ground_m2 if has_data and ground_m2 > 0 else None,
    )


def _is_never_walked(row: StreetRow) -> bool:
    return row.covered_m == 0.0 and row.length_m > row.tunnel_m + row.excluded_m

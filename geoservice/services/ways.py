"""The way of a patrol: its stops in order with their planned times and what was said at each, its line, the streets around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import shapely

from geoservice.errors import NotFound
from geoservice.store import way_rows as store

if TYPE_CHECKING:
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.store.way_rows import Said, WayPatrol, WayStop

MOST_LINES = 2500
MARGIN = 1.15
LEAST_DEGREES = 0.001


@dataclass(frozen=True)
class Stop:
    """A stop with its planned times and what was said last; `said` None: nothing yet."""

    row: WayStop
    arrive_at: datetime | None
    leave_at: datetime | None
    said: Said | None = None

    @property
    def name(self) -> str:
        """What the stop is called; a bare place by its latitude and longitude, as maps search for it."""
        return self.row.name or f"{self.row.lat:.5f}, {self.row.lon:.5f}"

    @property
    def state(self) -> str:
        """open, done or skipped."""
        if self.said is None:
            return "open"
        return "done" if self.said.reason is None else "skipped"

    @property
    def minutes(self) -> float | None:
        """How long the plan stays here."""
        row = self.row
        if row.arrive_s is None or row.leave_s is None:
            return row.service_minutes
        return (row.leave_s - row.arrive_s) / 60


@dataclass(frozen=True)
class Way:
    """A patrol with its stops, in order."""

    patrol: WayPatrol
    stops: tuple[Stop, ...]

    @property
    def next_stop(self) -> Stop | None:
        """The first stop nobody has said anything about; None when the round is complete."""
        return next((stop for stop in self.stops if stop.state == "open"), None)

    @property
    def line(self) -> shapely.LineString | None:
        """The way as planned; straight from stop to stop where no streets are known; None with fewer than two places."""
        if self.patrol.line is not None:
            return self.patrol.line
        places = [(stop.row.lon, stop.row.lat) for stop in self.stops]
        return shapely.LineString(places) if len(places) > 1 else None

    def count(self, state: str) -> int:
        """How many stops are open, done or skipped."""
        return sum(stop.state == state for stop in self.stops)

    def stop_at(self, position: int) -> Stop:
        """The stop of a number; NotFound."""
        found = next((stop for stop in self.stops if stop.row.position == position), None)
        if found is None:
            raise NotFound("stop_unknown", position=position)
        return found


def place_stops(patrol: WayPatrol, rows: list[WayStop]) -> tuple[Stop, ...]:
    """Return stops with their planned instants."""
    return tuple(Stop(row, _moment(patrol, row.arrive_s), _moment(patrol, row.leave_s)) for row in rows)


def nearby_lines(session: Session, way: Way) -> list[BaseGeometry]:
    """Return the streets around a patrol, without names, to draw its map upon; `session` must see them."""
    places = [shapely.Point(stop.row.lon, stop.row.lat) for stop in way.stops]
    shapes = [*places, *([way.patrol.line] if way.patrol.line else [])]
    if not shapes:
        return []
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    lon, lat = (west + east) / 2, (south + north) / 2
    narrowing = max(math.cos(math.radians(lat)), 0.01)
    wide, high = (east - west) / 2 * narrowing, (north - south) / 2
    # A sheet is broader than high, a phone higher than broad: both are filled.
    wide, high = (
        max(half, other, LEAST_DEGREES) * MARGIN for half, other in ((wide, 1.75 * high), (high, wide))
    )
    box = (lon - wide / narrowing, lat - high, lon + wide / narrowing, lat + high)
    return list(shapely.from_wkb(store.lines_near(session, box, MOST_LINES)))


def _moment(patrol: WayPatrol, seconds: float | None) -> datetime | None:
    if patrol.starts_at is None or seconds is None:
        return None
    return patrol.starts_at + timedelta(seconds=seconds)

"""Our side of the coverage benchmark: from stored fixes to every zone's rate, on a real database."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from geoservice.config import Settings
from geoservice.domain.coverage import cover_segments
from geoservice.domain.crs import to_lonlat
from geoservice.domain.tracks import Mode, Segments
from geoservice.domain.windows import Period, Window
from geoservice.jobs.cover import cover_window
from geoservice.services import coverage, ground, tracking
from geoservice.store import bitmaps
from geoservice.store.base import make_engine, transaction
from scripts.bench.workload import EPSG, FIX_EVERY_S, REACH_M, Tracks

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoservice.domain.coverage import Tiles

DAY = date(2026, 6, 1)
SHIFT_START = datetime(2026, 6, 1, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
NOW = datetime(2026, 8, 1, tzinfo=UTC)


class Ours:
    """A deployment with the benchmark's zones and tracks in it."""

    def __init__(self, database_url: str) -> None:
        self.settings = Settings(
            database_url=database_url,
            demo_mode=True,
            metric_epsg=EPSG,
            reach_car_m=REACH_M,
            max_accuracy_m=1000,
        )
        self.engine = make_engine(database_url)

    def store_zones(self, zones) -> float:
        """Store the zones and make their masks; return the seconds the masks took."""
        with transaction(self.engine) as session:
            lonlat = to_lonlat(EPSG, zones)
            lon, lat = shapely.get_coordinates(lonlat[0])[0]
            ground.ensure_deployment(session, self.settings, lon, lat)
            session.execute(
                text(
                    "WITH i AS (INSERT INTO zone (level, code) SELECT 'grid', lpad(n::text, 5, '0') FROM "
                    "generate_series(0, :last) n RETURNING id, code) INSERT INTO zone_version (zone_id, name, path, geom) "
                    "SELECT i.id, i.code, ARRAY[i.id], ST_Multi(ST_GeomFromWKB(s.wkb, 4326)) FROM i JOIN "
                    "unnest(CAST(:shapes AS bytea[])) WITH ORDINALITY AS s(wkb, n) ON s.n = i.code::int + 1"
                ),
                {"last": len(zones) - 1, "shapes": [shapely.to_wkb(zone) for zone in lonlat]},
            )
            return timed(lambda: ground.refresh_masks(session, self.settings))

    def store_tracks(self, tracks: Tracks, name: str = "car") -> float:
        """Receive the fixes; return the seconds."""
        shifts, steps = tracks.x.shape
        lonlat = to_lonlat(EPSG, np.column_stack((tracks.x.ravel(), tracks.y.ravel())))
        nan = np.full(len(lonlat), np.nan, np.float32)
        seconds = np.tile(np.arange(steps) * FIX_EVERY_S, shifts)
        batch = tracking.Fixes(
            np.repeat(np.array([f"{name}{n:03d}" for n in range(shifts)], dtype=object), steps),
            (SHIFT_START.timestamp() * 1e6 + seconds * 1e6).astype(np.int64),
            lonlat[:, 0], lonlat[:, 1], nan, nan, nan, np.full(len(lonlat), int(Mode.CAR), np.int16),
        )  # fmt: skip
        started = time.perf_counter()
        with transaction(self.engine) as session:
            tracking.receive(session, self.settings, batch, source="benchmark", now=NOW)
        return time.perf_counter() - started

    def cover(self) -> float:
        """Turn every stored fix that waits into day bitmaps; return the seconds."""
        return timed(
            lambda: cover_window(
                lambda: transaction(self.engine),
                self.settings,
                DAY,
                DAY,
                progress=lambda percent, stage: None,
            )
        )

    def rates(self, days: int, zone_ids: list[int] | None = None) -> tuple[float, list[float]]:
        """Return the seconds and the rates of all zones, or of some, for the window of `days` days from the first."""
        window = Window(DAY, DAY + timedelta(days=days - 1))
        started = time.perf_counter()
        with transaction(self.engine) as session:
            rows = coverage.zone_coverage(session, self.settings, window, zone_ids=zone_ids)
        return time.perf_counter() - started, [row.rate or 0.0 for row in rows]

    def zones_near(self, zones, track: Tracks) -> list[int]:
        """Return the ids of the zones that come within reach of a track."""
        line = shapely.LineString(np.column_stack((track.x[0], track.y[0])))
        near = np.flatnonzero(shapely.dwithin(zones, line, REACH_M))
        with transaction(self.engine) as session:
            found = session.execute(text("SELECT code::int AS place, id FROM zone")).all()
        ids = {row.place: row.id for row in found}
        return [ids[int(place)] for place in near]

    def fill_days(self, make: Callable[[], Tracks], days: int) -> tuple[int, int]:
        """Write the bitmaps of more days straight from the kernel; return fixes and tile-days.

        Only the bitmaps matter to a window's query, so these fixes are not stored.
        """
        fixes = tiles = 0
        for offset in range(1, days):
            tracks = make()
            filled = fill_day(tracks, DAY + timedelta(days=offset))
            with transaction(self.engine) as session:
                bitmaps.merge_days(session, filled)
            fixes += tracks.x.size
            tiles += len(filled)
        return fixes, tiles


def fill_day(tracks: Tracks, day: date) -> Tiles:
    """Return what tracks see on a day, with nothing stored."""
    a = (tracks.x[:, :-1].ravel(), tracks.y[:, :-1].ravel())
    b = (tracks.x[:, 1:].ravel(), tracks.y[:, 1:].ravel())
    count = len(a[0])
    nothing = np.zeros(count, np.int64)
    segments = Segments(nothing, nothing, nothing, *a, *b, np.full(count, int(Mode.CAR), np.int16))
    slot = bitmaps.day_slot(np.full(count, day.toordinal(), np.int32), np.full(count, Period.DAY, np.int8))
    return cover_segments(segments, slot, {int(Mode.CAR): REACH_M}, 5.0)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started

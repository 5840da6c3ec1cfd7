"""A month of a whole city, ours: everything starts from tracks that are stored."""

from __future__ import annotations

import multiprocessing
import resource
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from geoservice.config import Settings
from geoservice.domain.crs import to_lonlat
from geoservice.domain.tracks import Mode
from geoservice.domain.windows import Window
from geoservice.jobs.cover import Manner, cover_window
from geoservice.services import coverage, gap_reports, ground, streets, tracking
from geoservice.store.base import make_engine, transaction
from scripts.bench.workload import EPSG, FIX_EVERY_S, REACH_M, Tracks

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2026, 6, 1)
NOW = datetime(2026, 8, 1, tzinfo=UTC)


def settings_for(database_url: str) -> Settings:
    return Settings(
        database_url=database_url, demo_mode=True, metric_epsg=EPSG, reach_car_m=REACH_M, max_accuracy_m=1000
    )


class City:
    """One deployment and the questions a dispatcher asks it."""

    def __init__(self, database_url: str) -> None:
        self.settings = settings_for(database_url)
        self.engine = make_engine(database_url)

    def store_streets(self, lines: list[shapely.LineString]) -> None:
        lonlat = to_lonlat(EPSG, np.array(lines, dtype=object))
        with transaction(self.engine) as session:
            lon, lat = shapely.get_coordinates(lonlat[0])[0]
            ground.ensure_deployment(session, self.settings, lon, lat)
            session.execute(
                text(
                    "INSERT INTO street (code, name, street_class, geom) SELECT 's' || n, 's' || n, 'residential', "
                    "ST_GeomFromWKB(wkb, 4326) FROM unnest(CAST(:shapes AS bytea[])) WITH ORDINALITY AS s(wkb, n)"
                ),
                {"shapes": [shapely.to_wkb(line) for line in lonlat]},
            )
            ground.refresh_masks(session, self.settings)

    def store_day(self, tracks: Tracks, day: date, name: str = "car") -> None:
        """Receive a day's shifts, each by its own device, from 08:30."""
        shifts, steps = tracks.x.shape
        lonlat = to_lonlat(EPSG, np.column_stack((tracks.x.ravel(), tracks.y.ravel())))
        nan = np.full(len(lonlat), np.nan, np.float32)
        start = datetime(day.year, day.month, day.day, 0, 30, tzinfo=UTC).timestamp()
        batch = tracking.Fixes(
            np.repeat(np.array([f"{name}{n:03d}" for n in range(shifts)], dtype=object), steps),
            ((start + np.tile(np.arange(steps) * FIX_EVERY_S, shifts)) * 1e6).astype(np.int64),
            lonlat[:, 0], lonlat[:, 1], nan, nan, nan, np.full(len(lonlat), int(Mode.CAR), np.int16),
        )  # fmt: skip
        with transaction(self.engine) as session:
            tracking.receive(session, self.settings, batch, source="benchmark", now=NOW)

    def forget(self, last: date | None = None) -> None:
        """Forget everything computed; days up to `last` wait again, or all."""
        with transaction(self.engine) as session:
            session.execute(
                text("TRUNCATE coverage_tile, coverage_week, street_seen, visit, gap_report CASCADE")
            )
            session.execute(
                text(
                    "UPDATE device_day SET dirty = day <= :last, rematch = day <= :last, rebuild = false, "
                    "covered_through = NULL, tiles = '{}'"
                ),
                {"last": last or date.max},
            )

    def cover(self, workers: int) -> float:
        """Turn all that waits into bitmaps and facts; return the seconds."""
        return timed(
            lambda: cover_window(
                lambda: transaction(self.engine), self.settings, None, None,
                progress=lambda percent, stage: None, manner=Manner(workers=workers),
            )
        )  # fmt: skip

    def rematch(self, workers: int) -> float:
        """Look for streets alone again; return the seconds."""
        with transaction(self.engine) as session:
            session.execute(text("UPDATE device_day SET rematch = true"))
        return self.cover(workers)

    def fingerprint(self) -> str:
        """Everything computed as one hash: equal after any division of the work."""
        with transaction(self.engine) as session:
            return session.execute(
                text(
                    "SELECT md5(string_agg(h, '' ORDER BY h)) FROM ("
                    "SELECT md5(row(day, period, tx, ty, bits)::text) AS h FROM coverage_tile UNION ALL "
                    "SELECT md5(row(monday, tx, ty, bits)::text) FROM coverage_week UNION ALL "
                    "SELECT md5(s::text) FROM street_seen s UNION ALL SELECT md5(v::text) FROM visit v) AS everything"
                )
            ).scalar_one()

    def repeat_month(self, months: int) -> None:
        """Lay the stored month's bitmaps over the months before it: only their number matters to a wide window."""
        with transaction(self.engine) as session:
            for back in range(1, months + 1):
                session.execute(
                    text(
                        "INSERT INTO coverage_tile SELECT day - :days, period, tx, ty, bits FROM coverage_tile "
                        "WHERE day >= :first ON CONFLICT DO NOTHING"
                    ),
                    {"days": 28 * back, "first": DAY},
                )
            session.execute(text("TRUNCATE coverage_week"))
            session.execute(
                text(
                    "INSERT INTO coverage_week (monday, tx, ty, bits) SELECT date_trunc('week', day)::date, tx, ty, "
                    "bit_or(bits) FROM coverage_tile GROUP BY 1, 2, 3"
                )
            )
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE coverage_tile, coverage_week"))

    def rates(self, window: Window) -> tuple[float, list[float]]:
        started = time.perf_counter()
        with transaction(self.engine) as session:
            rows = coverage.zone_coverage(session, self.settings, window)
        return time.perf_counter() - started, [row.rate or 0.0 for row in rows]

    def gaps(self, window: Window) -> tuple[float, int]:
        started = time.perf_counter()
        with transaction(self.engine) as session:
            found = gap_reports.build(session, self.settings, window, now=NOW)
        return time.perf_counter() - started, found

    def street_rates(self, window: Window) -> tuple[float, float]:
        """Return the seconds and the share of the streets' length that was seen."""
        started = time.perf_counter()
        with transaction(self.engine) as session:
            rows = streets.street_rows(session, self.settings, window)
        seconds = time.perf_counter() - started
        return seconds, sum(row.covered_m for row in rows) / sum(row.length_m for row in rows)


def window(days: int, last: date | None = None) -> Window:
    """The window of `days` days that ends with the stored month."""
    return Window.ending(last or DAY + timedelta(days=29), days)


def apart(target: Callable[..., dict], *args: object) -> dict:
    """Run in a fresh process; its answer gets the peak memory of it, and of it with all that it started."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sending, target, *args))
    process.start()
    sending.close()
    most_kb = 0
    while not receiving.poll(0.2):
        most_kb = max(most_kb, sum(_resident_kb(one) for one in _family(process.pid)))
    answer: dict = receiving.recv()
    process.join()
    return {**answer, "all_mb": most_kb / 1024}


def _family(pid: int | None) -> list[int]:
    """Return a process and all below it, of whatever age."""
    parent = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parent[int(entry.parent.name)] = int(fields[1])
    found = [pid] if pid else []
    for one in found:
        found += [child for child, above in parent.items() if above == one]
    return found


def _resident_kb(pid: int) -> int:
    """Return the memory of a process, what it shares with others divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _answer(sending: object, target: Callable[..., dict], *args: object) -> None:
    answer = target(*args)
    sending.send({**answer, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024})


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started

"""The main job through the product's own worker: bits, gaps, and what a killed one leaves to the next."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from redis import Redis
from sqlalchemy import text

from geoservice.config import Settings
from geoservice.domain.windows import Window
from geoservice.jobs.queue import wake
from geoservice.services import coverage
from geoservice.store import device_days
from tests.jobs.conftest import Bench, wait_until
from tests.services.ground_kit import (
    add_point,
    add_street,
    add_zone,
    bits,
    fixes,
    fresh,
    fresh_bits,
    receive,
    stored,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = date(2026, 6, 1)
DAYS = 12


@pytest.fixture(scope="module")
def town(new_database, redis_url, tmp_path_factory) -> Iterator[Bench]:
    """A database with four zones, and two of the product's workers on it, for all tests: to start them takes longer than their work."""
    folder = tmp_path_factory.mktemp("town")
    settings = Settings(
        database_url=new_database(),
        redis_url=redis_url,
        secret_key="a test key of more than thirty-two characters",
        var_dir=folder,
    )
    town = Bench(settings, folder)
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    with town.transaction() as session:
        for number in range(4):
            box = shapely.box(number * 300, 0, number * 300 + 300, 300)
            add_zone(session, town.settings, f"J{number}", box)
    for _ in range(2):
        town._start("geoservice.jobs.worker")
    yield town
    town.close()


def walk(town: Bench, first: date) -> None:
    """Let two devices walk for twelve days, which wait to be covered then."""
    rng = np.random.default_rng(7)
    with town.transaction() as session:
        for offset in range(DAYS):
            start = datetime.combine(first + timedelta(days=offset), time(1), UTC)
            for device in ("x", "y"):
                steps = np.cumsum(rng.normal(0, 25, (200, 2)), axis=0) + np.array([600, 150])
                receive(session, town.settings, fixes(device, start, np.arange(200) * 10, steps))


def test_the_jobs_turn_tracks_into_rates_and_gaps(town):
    walk(town, DAY)
    cover = town.ask("cover")
    assert town.until_state(cover, "done").result["fixes"] == DAYS * 2 * 200
    report = town.ask("gap_report", **{"from": "2026-06-01", "to": "2026-06-12"})
    usual = town.ask("usual_hours", on="2026-06-13")
    found = town.until_state(report, "done").result["gaps"]
    curves = town.until_state(usual, "done").result["curves"]
    window = Window(DAY, DAY + timedelta(days=DAYS - 1))
    with town.transaction() as session:
        assert bits(session) == fresh_bits(session, town.settings)
        rows = coverage.zone_coverage(session, town.settings, window)
        assert any(row.rate > 0 for row in rows)
        assert sum(row.gap_count for row in rows) == found > 0
        last = Window(date(2026, 6, 12), date(2026, 6, 12))
        whole_day = coverage.totals(coverage.zone_coverage(session, town.settings, last)).rate
        assert curves[""]["2026-06-12"][23] == pytest.approx(whole_day, abs=1e-5)


def test_two_jobs_from_both_ends_share_the_days_and_give_the_same(town):
    walk(town, date(2026, 5, 1))
    with town.transaction() as session:
        add_street(session, town.settings, "S", [(0, 150), (1200, 150)])
        add_point(session, town.settings, "P", (600, 150))
    jobs = [town.ask("cover", wake_it=False), town.ask("cover", wake_it=False, newest_first=True)]
    wake(town.settings, jobs)
    done = [town.until_state(job_id, "done").result for job_id in jobs]
    with town.transaction() as session:
        assert not device_days.is_waiting(session)
        # The new street leads across every walk, also those that were covered before.
        days = session.scalar(text("SELECT count(*) FROM device_day"))
        assert sum(result["devices"] for result in done) == days
        assert stored(session) == fresh(session, town.settings)
        assert all(stored(session)[1][name] for name in ("street", "visit"))


def test_a_job_killed_half_way_and_run_by_the_next_worker_gives_the_same_bits(town):
    walk(town, date(2026, 4, 1))
    job_id = town.ask("cover")
    wait_until(lambda: town.read(job_id).state == "running", "the job runs")
    worker = next(each for each in town.processes if town.horse(each))
    town.kill(town.horse(worker), worker.pid)
    worker.wait()
    with town.transaction() as session:
        # What time would do by itself: the dead worker's lease runs out.
        session.execute(
            text("UPDATE job SET lease_until = now() - interval '1 second' WHERE state = 'running'")
        )
    wake(town.settings, [job_id])
    town.until_state(job_id, "done")
    with town.transaction() as session:
        assert not device_days.is_waiting(session)
        assert bits(session) == fresh_bits(session, town.settings) != {}

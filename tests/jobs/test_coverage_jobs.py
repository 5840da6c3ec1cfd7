"""The main job through the product's own worker: bits, gaps, and what a killed one leaves to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from geoservice.domain.windows import Window
from geoservice.jobs.queue import wake
from geoservice.services import coverage
from geoservice.store import device_days
from tests.jobs.conftest import PATIENCE_S, wait_until
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

DAY = date(2026, 6, 1)
DAYS = 12


@pytest.fixture
def city(bench, new_database):
    """A database of its own with four zones, and twelve days of two devices that wait to be covered."""
    bench.settings = replace(bench.settings, database_url=new_database())
    rng = np.random.default_rng(7)
    with bench.transaction() as session:
        for number in range(4):
            box = shapely.box(number * 300, 0, number * 300 + 300, 300)
            add_zone(session, bench.settings, f"J{number}", box)
        for offset in range(DAYS):
            start = datetime(2026, 6, 1, 1, tzinfo=UTC) + timedelta(days=offset)
            for device in ("x", "y"):
                steps = np.cumsum(rng.normal(0, 25, (200, 2)), axis=0) + np.array([600, 150])
                receive(session, bench.settings, fixes(device, start, np.arange(200) * 10, steps))


def start_worker(bench, *flags):
    return bench._start("geoservice.jobs.worker", *flags)


def test_the_jobs_turn_tracks_into_rates_and_gaps(bench, city):
    cover = bench.ask("cover")
    report = bench.ask("gap_report", **{"from": "2026-06-01", "to": "2026-06-12"})
    usual = bench.ask("usual_hours", on="2026-06-13")
    assert start_worker(bench, "--burst").wait(PATIENCE_S) == 0
    assert bench.read(cover).result["fixes"] == DAYS * 2 * 200
    window = Window(DAY, DAY + timedelta(days=DAYS - 1))
    with bench.transaction() as session:
        assert bits(session) == fresh_bits(session, bench.settings)
        rows = coverage.zone_coverage(session, bench.settings, window)
        assert any(row.rate > 0 for row in rows)
        assert sum(row.gap_count for row in rows) == bench.read(report).result["gaps"] > 0
        last = Window(date(2026, 6, 12), date(2026, 6, 12))
        whole_day = coverage.totals(coverage.zone_coverage(session, bench.settings, last)).rate
        assert bench.read(usual).result["curves"][""]["2026-06-12"][23] == pytest.approx(whole_day, abs=1e-5)


def test_a_job_killed_half_way_and_run_again_gives_the_same_bits(bench, city):
    job_id = bench.ask("cover")
    worker = start_worker(bench)
    wait_until(lambda: bench.read(job_id).state == "running", "the job runs")
    bench.kill(bench.horse(worker), worker.pid)
    worker.wait(PATIENCE_S)
    with bench.transaction() as session:
        # What time would do by itself: the dead worker's lease runs out.
        session.execute(
            text("UPDATE job SET lease_until = now() - interval '1 second' WHERE state = 'running'")
        )
    wake(bench.settings, [job_id])
    start_worker(bench)
    bench.until_state(job_id, "done")
    with bench.transaction() as session:
        assert not device_days.is_waiting(session)
        assert bits(session) == fresh_bits(session, bench.settings) != {}


def test_two_jobs_from_both_ends_share_the_days_and_give_the_same(bench, city):
    with bench.transaction() as session:
        add_street(session, bench.settings, "S", [(0, 150), (1200, 150)])
        add_point(session, bench.settings, "P", (600, 150))
    jobs = [bench.ask("cover", wake_it=False), bench.ask("cover", wake_it=False, newest_first=True)]
    wake(bench.settings, jobs)
    for worker in [start_worker(bench, "--burst") for _ in jobs]:
        assert worker.wait(PATIENCE_S) == 0
    done = [bench.until_state(job_id, "done").result for job_id in jobs]
    assert sum(result["devices"] for result in done) == DAYS * 2
    with bench.transaction() as session:
        assert not device_days.is_waiting(session)
        assert stored(session) == fresh(session, bench.settings)
        assert all(stored(session)[1][name] for name in ("street", "visit"))

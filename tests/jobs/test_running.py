"""Jobs run by real worker processes, and what becomes of them when processes die."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from redis import Redis

from geoservice.jobs import scheduler
from geoservice.jobs.periodic import PERIODIC
from geoservice.jobs.queue import _push, connect, open_queue, waiting, wake
from tests.jobs.conftest import LEASE_S, PATIENCE_S, ROOT, wait_until


def test_a_job_runs_in_a_worker_process_and_every_line_of_the_log_names_it(bench):
    job_id = bench.ask("note")
    worker = bench.start_worker("--burst")
    assert worker.wait(PATIENCE_S) == 0
    job = bench.read(job_id)
    assert (job.state, job.progress, job.result, job.attempts) == ("done", 100, {"attempt": 1}, 1)
    assert job.started_at <= job.finished_at
    assert bench.effects(job_id) == 1
    assert f"job={job_id} geoservice.jobs.run: note: done" in bench.log()


def test_progress_is_seen_while_the_job_runs(bench):
    bench.start_worker()
    job_id = bench.ask("gated")
    wait_until(lambda: bench.read(job_id).progress >= 40, "40 percent")
    job = bench.read(job_id)
    assert (job.state, job.stage) == ("running", "waiting_at_gate")
    bench.open_gate(job_id)
    assert bench.until_state(job_id, "done").progress == 100


def test_two_workers_and_many_wakes_of_one_job_have_one_effect(bench):
    job_id = bench.ask("steps", seconds=0.5, wake_it=False)
    queue = open_queue(connect(bench.settings.redis_url))
    with queue.connection.pipeline() as pipeline:
        for _ in range(5):
            _push(queue, job_id, pipeline)
        pipeline.execute()
    assert queue.count == 5
    workers = [bench.start_worker("--burst"), bench.start_worker("--burst")]
    assert [worker.wait(PATIENCE_S) for worker in workers] == [0, 0]
    assert bench.read(job_id).attempts == 1
    assert bench.effects(job_id) == 1
    assert "nothing to do" in bench.log()


def test_a_wake_already_waiting_is_not_pushed_again(bench):
    job_id = bench.ask("note")
    wake(bench.settings, [job_id, job_id])
    queue = open_queue(connect(bench.settings.redis_url))
    assert queue.count == 1
    assert waiting(queue) == {job_id}


def test_killed_work_horses_and_workers_lose_and_double_nothing(bench):
    """Kill the horse, the worker or both at random points: every job ends done, and once."""
    chance = random.Random(20)
    bench.start_scheduler()
    worker = bench.start_worker()
    for round_number in range(3):
        job_id = bench.ask("steps", seconds=0.3)
        horse = wait_until(lambda: bench.horse(worker), "a work-horse")  # noqa: B023 - called at once
        time.sleep(chance.uniform(0, 0.4))  # draws the point of the kill; nothing is waited for
        bench.kill(*[(horse,), (worker.pid,), (worker.pid, horse)][round_number])
        if round_number:
            worker.wait()
            worker = bench.start_worker()
        bench.until_state(job_id, "done")
        assert bench.effects(job_id) == 1
        wait_until(lambda: not bench.horse(worker), "the worker to be idle")  # noqa: B023 - called at once


def test_a_job_that_kills_its_worker_every_time_is_given_up(bench):
    bench.start_scheduler()
    bench.start_worker()
    deadly, survivor = bench.ask("suicidal", survives_at=99), bench.ask("suicidal", survives_at=3)
    job = bench.until_state(deadly, "failed")
    assert job.error == {"code": "job_lost", "values": {"attempts": 3}}
    assert bench.until_state(survivor, "done").attempts == 3
    assert bench.effects(survivor) == 1


def test_a_flushed_redis_loses_no_job(bench):
    job_ids = [bench.ask("note") for _ in range(5)]
    with Redis.from_url(bench.settings.redis_url) as redis:
        redis.flushdb()
    bench.start_worker()
    bench.start_scheduler()
    for job_id in job_ids:
        bench.until_state(job_id, "done")
        assert bench.effects(job_id) == 1


def test_redis_flushed_while_a_job_runs_does_not_touch_it(bench):
    worker = bench.start_worker()
    job_id = bench.ask("gated")
    wait_until(lambda: bench.read(job_id).progress >= 40, "40 percent")
    with Redis.from_url(bench.settings.redis_url) as redis:
        redis.flushdb()
    bench.open_gate(job_id)
    bench.until_state(job_id, "done")
    assert bench.effects(job_id) == 1
    after = bench.ask("note")
    bench.until_state(after, "done")
    assert worker.poll() is None


def test_a_silent_computation_is_kept_by_its_heartbeat(bench):
    bench.start_scheduler()
    bench.start_worker()
    bench.start_worker()
    job_id = bench.ask("silent", seconds=3 * LEASE_S)
    job = bench.until_state(job_id, "done")
    assert (job.attempts, job.result) == (1, {"said": "nothing"})
    assert bench.effects(job_id) == 1


def test_a_worker_told_to_stop_ends_its_job_first(bench):
    worker = bench.start_worker()
    job_id = bench.ask("steps", seconds=0.5)
    bench.until_state(job_id, "running")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE_S) == 0
    assert bench.read(job_id).state == "done"


def test_a_job_longer_than_the_grace_is_killed_and_runs_again_later(bench):
    worker = bench.start_worker(grace_s=0.3)
    job_id = bench.ask("gated")
    bench.until_state(job_id, "running")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE_S) == 0
    assert bench.read(job_id).state == "running"
    bench.open_gate(job_id)
    bench.start_scheduler()
    bench.start_worker()
    assert bench.until_state(job_id, "done").attempts == 2
    assert bench.effects(job_id) == 1


def test_an_idle_worker_and_a_scheduler_stop(bench):
    worker, scheduler = bench.start_worker(), bench.start_scheduler(60)
    wait_until(lambda: "ready" in bench.log() and "scheduler: reconcile" in bench.log(), "both up")
    for process in (worker, scheduler):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0


def test_neither_worker_nor_scheduler_nor_any_kind_loads_flask():
    code = (
        "import sys, geoservice.jobs.worker, geoservice.jobs.scheduler, geoservice.jobs.kinds as kinds; kinds.preload();"
        "sys.exit('flask' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("module", ["worker", "scheduler"])
def test_bad_settings_are_named_and_nothing_starts(module):
    process = subprocess.run(
        [sys.executable, "-m", f"geoservice.jobs.{module}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "weak", "TIMEZONE": "Mars/Olympus"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
    assert "SECRET_KEY" in process.stderr
    assert "Mars/Olympus" in process.stderr


def test_the_scheduler_runs_its_whole_list_once(bench):
    """Every entry with its real service, on an empty city."""
    assert [scheduler.run_entry(bench.settings, entry, datetime.now(UTC)) for entry in PERIODIC] == [
        True
    ] * len(PERIODIC)

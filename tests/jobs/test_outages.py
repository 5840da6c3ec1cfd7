"""Redis and PostgreSQL go away and come back; no job is lost or doubled, and no process needs a hand."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text

from geoservice.jobs.queue import wake
from geoservice.store import jobs
from tests.jobs.conftest import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


class RedisServer:
    """A Redis of the test's own, that it may kill."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(self.socket.parent)],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self.answers, "Redis to answer")

    def answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as redis:
                return bool(redis.ping())
        except RedisError:
            return False

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def own_redis(bench) -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        pytest.fail("redis-server is not installed: run ./scripts/test")
    with tempfile.TemporaryDirectory(prefix="gs") as folder:  # short: a socket's path has its limit
        server = RedisServer(Path(folder))
        server.start()
        bench.settings = replace(bench.settings, redis_url=server.url)
        yield server
        bench.close()
        server.kill()


def test_a_redis_killed_and_restarted_empty_loses_no_job(bench, own_redis):
    worker, scheduler = bench.start_worker(), bench.start_scheduler()
    for _ in range(3):
        running = bench.ask("steps", seconds=0.5)
        queued = [bench.ask("note") for _ in range(3)]
        bench.until_state(running, "running")
        own_redis.kill()
        unheard = bench.ask("note", wake_it=False)
        assert wake(bench.settings, [unheard]) is False
        bench.until_state(running, "done")  # a running job needs no Redis
        own_redis.start()
        for job_id in [running, *queued, unheard]:
            bench.until_state(job_id, "done")
            assert bench.effects(job_id) == 1
    assert worker.poll() is None
    assert scheduler.poll() is None


def test_a_worker_started_before_redis_waits_for_it(bench, own_redis):
    own_redis.kill()
    worker = bench.start_worker()
    wait_until(lambda: "Redis does not answer" in bench.log(), "the worker to say so")
    own_redis.start()
    job_id = bench.ask("note")
    bench.until_state(job_id, "done")
    assert worker.poll() is None


def test_postgresql_connections_cut_again_and_again_lose_and_double_nothing(bench):
    worker, scheduler = bench.start_worker(), bench.start_scheduler()
    job_ids = [bench.ask("steps", seconds=0.4) for _ in range(4)]
    cut = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    for job_id in job_ids:
        wait_until(lambda job_id=job_id: bench.read(job_id).progress > 20, "the job's middle")
        with bench.transaction() as session:
            assert session.scalar(cut) > 0
    for job_id in job_ids:
        bench.until_state(job_id, "done")
        assert bench.effects(job_id) == 1
    assert worker.poll() is None
    assert scheduler.poll() is None
    with bench.transaction() as session:
        assert {job.attempts for job in jobs.recent(session)} <= {1, 2}

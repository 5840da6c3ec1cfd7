"""A database and a Redis of their own for jobs, whose commits are real, and real worker processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from redis import Redis
from sqlalchemy import text

from geoservice.config import Settings
from geoservice.jobs import kinds
from geoservice.jobs.queue import wake
from geoservice.store import jobs
from geoservice.store.base import make_engine, transaction
from tests.jobs.sample_kinds import SAMPLE_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
LEASE_S = 1.0
RECONCILE_S = 0.25
PATIENCE_S = 240.0  # how long anything may take on a busy machine; what never comes fails all the same


def wait_until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE_S) -> Any:
    """Return the condition's value as soon as it is true; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    pytest.fail(f"not within {seconds} s: {what}")


@dataclass
class Bench:
    """What a test of jobs works with: the deployment, and processes of it that are all dead at the end."""

    settings: Settings
    logs: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def transaction(self) -> Any:
        return transaction(make_engine(self.settings.database_url))

    def ask(self, kind: str, *, wake_it: bool = True, **args: Any) -> int:
        with self.transaction() as session:
            job_id = jobs.ask(session, kind, args)
        if wake_it:
            assert wake(self.settings, [job_id])
        return job_id

    def read(self, job_id: int) -> jobs.JobStatus:
        with self.transaction() as session:
            return jobs.read(session, job_id)

    def cancel(self, job_id: int) -> str:
        with self.transaction() as session:
            return jobs.cancel(session, job_id, now=datetime.now(UTC))

    def open_gate(self, job_id: int) -> None:
        with self.transaction() as session:
            session.execute(text("INSERT INTO gate VALUES (:id)"), {"id": job_id})

    def effects(self, job_id: int) -> int:
        with self.transaction() as session:
            return session.scalar(text("SELECT count(*) FROM effect WHERE job_id = :id"), {"id": job_id})

    def until_state(self, job_id: int, state: str, seconds: float = PATIENCE_S) -> jobs.JobStatus:
        wait_until(
            lambda: self.read(job_id).state == state, f"job {job_id} {state}, is {self.read(job_id)}", seconds
        )
        return self.read(job_id)

    def start_worker(
        self, *flags: str, lease_s: float = LEASE_S, grace_s: float = 10
    ) -> subprocess.Popen[bytes]:
        name = f"w{len(self.processes)}"
        return self._start("tests.jobs.worker_entry", str(lease_s), str(grace_s), name, *flags)

    def start_scheduler(self, every_s: float = RECONCILE_S) -> subprocess.Popen[bytes]:
        return self._start("tests.jobs.scheduler_entry", str(every_s))

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.settings.database_url,
            "REDIS_URL": self.settings.redis_url,
            "SECRET_KEY": self.settings.secret_key,
            "VAR_DIR": str(self.settings.var_dir),
            # Where the loops were compiled once; without it every worker would compile its own for a minute.
            **{name: os.environ[name] for name in ("NUMBA_CACHE_DIR",) if name in os.environ},
        }
        with (self.logs / f"{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def log(self) -> str:
        return "".join(path.read_text() for path in sorted(self.logs.glob("*.log")))

    def horse(self, worker: subprocess.Popen[bytes]) -> int | None:
        """The pid of the worker's work-horse, while there is one."""
        with suppress(OSError):
            children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
            return int(children[0]) if children else None
        return None

    def kill(self, *pids: int | None) -> None:
        for pid in pids:
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.kill(process.pid, self.horse(process))
                process.wait()


@pytest.fixture(scope="session")
def jobs_database_url(new_database: Any) -> str:
    url = new_database()
    with make_engine(url).begin() as connection:
        connection.execute(text("CREATE TABLE effect (job_id bigint, attempt int)"))
        connection.execute(text("CREATE TABLE gate (job_id bigint)"))
    return url


@pytest.fixture
def bench(
    jobs_database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """An empty job table, an empty Redis, and the sample kinds known to this process too."""
    for kind, path in SAMPLE_KINDS.items():
        monkeypatch.setitem(kinds.KINDS, kind, path)
    settings = Settings(
        database_url=jobs_database_url,
        redis_url=redis_url,
        secret_key="a test key of more than thirty-two characters",
        var_dir=tmp_path,
    )
    with make_engine(jobs_database_url).begin() as connection:
        connection.execute(text("DELETE FROM job; DELETE FROM effect; DELETE FROM gate"))
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    bench = Bench(settings, tmp_path)
    yield bench
    bench.close()

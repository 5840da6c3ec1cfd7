"""A PostgreSQL and a Redis for the tests, of which nothing stays behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from scripts.house.postgresql import PostgreSQL, without_postgres_variables
from scripts.house.processes import Program, start, wait_passing_signals_on
from scripts.house.redis_server import Redis


def throwaway(command: list[str]) -> int:
    """Run a command with a PostgreSQL and a Redis of its own, which leave nothing behind."""
    with ExitStack() as cleanup:
        folder = _throwaway_folder(cleanup)
        services = (
            PostgreSQL(folder / "postgres", folder / "postgres.log", throwaway=True),
            Redis(folder / "redis", folder / "redis.log", throwaway=True),
        )
        for service in services:
            cleanup.callback(service.stop)
            service.start()
        postgres, redis = services
        environment = {
            **without_postgres_variables(),
            "TEST_DATABASE_URL": postgres.url("postgres"),
            "TEST_DATABASES_STAY": "1",  # they go with the server, and to drop one takes a second
            "TEST_REDIS_URL": redis.url(),
        }
        return wait_passing_signals_on(
            start(Program(command, environment=environment, own_session=False, death_signal=signal.SIGTERM))
        )


def _throwaway_folder(cleanup: ExitStack) -> Path:
    """A new folder in /tmp, removed at the end; those of test runs that were killed are removed now."""
    prefix = f"geoservice-test-{os.geteuid()}-"
    for old in Path("/tmp").glob(prefix + "*"):
        with suppress(OSError), (old / "lock").open() as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o711)  # `postgres` passes through to its own folder inside
    held = (folder / "lock.new").open("w")
    cleanup.callback(held.close)
    fcntl.flock(held, fcntl.LOCK_EX)
    (folder / "lock.new").rename(folder / "lock")
    return folder

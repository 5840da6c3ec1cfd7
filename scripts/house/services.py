"""The private PostgreSQL and Redis, shared by everything in this checkout that runs at the same time.

Both listen on Unix sockets only, inside folders that nobody but we (and, as root, the system user `postgres`, whom
PostgreSQL then runs as: it refuses root) may enter. `run`, a worker, a command: each holds a shared lock while it
uses them, and the last to leave stops them. A kill -9 leaves them up; the next to come finds and uses them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
from contextlib import contextmanager, nullcontext
from typing import IO, TYPE_CHECKING

from scripts.house.folders import LOGS, ROOT, VAR, lock, secret, services_folder, write_private
from scripts.house.postgresql import PostgreSQL, without_postgres_variables
from scripts.house.processes import Program, answer_of, start, wait_passing_signals_on
from scripts.house.redis_server import Redis
from scripts.house.telling import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

_MODE = VAR / "demo_mode"


def private_names() -> list[str]:
    """Which servers are to be private ones: those that no DATABASE_URL or REDIS_URL replaces."""
    replaced_by = {"PostgreSQL": "DATABASE_URL", "Redis": "REDIS_URL"}
    return [name for name, variable in replaced_by.items() if not os.environ.get(variable)]


class PrivateServices:
    """Those of PostgreSQL and Redis that no DATABASE_URL or REDIS_URL replaces, and the environment they make."""

    def __init__(self) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        self.folder = VAR / "services"
        wanted = private_names()
        if wanted:
            self.folder = services_folder()
        self.redis = Redis(self.folder / "redis", LOGS / "redis.log") if "Redis" in wanted else None
        self.postgres = (
            PostgreSQL(self.folder / "postgres", LOGS / "postgres.log") if "PostgreSQL" in wanted else None
        )

    def start_missing(self) -> None:
        with lock("start.lock"):
            for service in (self.postgres, self.redis):
                if service:
                    service.start()

    def are_up(self) -> bool:
        return all(service is None or service.process() for service in (self.postgres, self.redis))

    def stop(self) -> None:
        for service in (self.redis, self.postgres):
            if service:
                service.stop()

    def environment(self) -> dict[str, str]:
        environment = without_postgres_variables() if self.postgres else dict(os.environ)
        if self.postgres:
            environment["DATABASE_URL"] = self.postgres.url("geoservice")
        if self.redis:
            environment["REDIS_URL"] = self.redis.url()
        if not environment.get("SECRET_KEY"):
            environment["SECRET_KEY"] = secret(VAR / "secret_key")
        if not environment.get("DEMO_MODE"):
            environment["DEMO_MODE"] = _MODE.read_text() if _MODE.exists() else "1"
        environment["VAR_DIR"] = str(VAR)
        environment["PYTHONPATH"] = str(ROOT)
        return environment


@contextmanager
def private_services(
    stopping: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> Iterator[PrivateServices]:
    """The private services, up; the last to leave stops them, and says so by `stopping`."""
    with lock("use.lock", fcntl.LOCK_SH) as using:
        services = PrivateServices()
        try:
            services.start_missing()
            yield services
        finally:
            if _is_last(using):
                with stopping("Stopping the private servers"):
                    services.stop()
            else:
                with stopping("Leaving the private servers up for a command that still runs"):
                    pass


def _is_last(using: IO[str]) -> bool:
    """Whether nobody else uses the services; if so, whoever comes next waits until we have closed the file."""
    try:
        fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def choose_mode(demo: bool) -> None:
    """Demo or real use, as `run` was told; commands and workers that are started later keep to it."""
    os.environ["DEMO_MODE"] = "1" if demo else "0"
    write_private(_MODE, os.environ["DEMO_MODE"])


def app_command(*arguments: str) -> list[str]:
    """`python -m geoservice …`; -P: the folder it is called from is no place to import from."""
    return [sys.executable, "-P", "-m", "geoservice", *arguments]


def ask_app(services: PrivateServices, remedy: str, *arguments: str) -> str:
    """Run a command of the application; its standard output."""
    log = LOGS / f"{'-'.join(word for word in arguments if not word.startswith('-'))}.log"
    status, answer = answer_of(Program(app_command(*arguments), services.environment(), ROOT, log))
    if status != 0:
        raise SetupError(f"`geoservice {' '.join(arguments)}` failed (exit status {status}).", remedy, log)
    return answer


def migrate(services: PrivateServices) -> None:
    """Bring the database up to date; the private one also remembers for which migrations."""
    with lock("start.lock"):
        ask_app(
            services, "the log tells why; what was in the database before is still there.", "db", "upgrade"
        )
    if services.postgres:
        write_private(VAR / "services/migrated", _migrations())


def is_migrated() -> bool:
    """Whether the private database has every migration of this checkout."""
    stamp = VAR / "services/migrated"
    return stamp.exists() and stamp.read_text() == _migrations()


def _migrations() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "migrations/versions").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def use(command: list[str]) -> int:
    """Run a command with the private services up."""
    with private_services() as services:
        if services.postgres and not is_migrated():
            migrate(services)
        program = Program(command, environment=services.environment(), own_session=False)
        return wait_passing_signals_on(start(program))

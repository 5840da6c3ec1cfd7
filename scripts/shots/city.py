"""A city to take pictures of: a database of its own, the demo in it or nothing, web server, worker and scheduler."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from scripts.house.processes import Program, answer_of, start
from scripts.house.telling import SetupError, step

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
OWNER = "geoservice_shots"


@dataclass(frozen=True)
class City:
    """Where it answers, and a password for each login."""

    url: str
    passwords: dict[str, str]


@contextmanager
def running_city(var: Path, demo: bool) -> Iterator[City]:
    environment = _environment(var, demo)
    with step("Demo city (synthetic)" if demo else "A city without anything in it"):
        _run(environment, var, "db", "upgrade")
        if demo:
            _run(environment, var, "demo", "seed")
    question = ("logins",) if demo else ("add-admin", "--if-none")
    found = json.loads(_run(environment, var, "users", *question, "--json"))
    passwords = {row["login"]: row["password"] for row in (found if isinstance(found, list) else [found])}
    port = _free_port()
    settings = "python:scripts.house.gunicorn_settings"
    programs = (
        ("-m", "gunicorn", "--config", settings, "--bind", f"127.0.0.1:{port}"),
        ("-m", "geoservice.jobs.worker"),
        ("-m", "geoservice.jobs.scheduler"),
    )
    children = [_start(arguments, environment, var) for arguments in programs]
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, var)
        yield City(url, passwords)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(30)


def _environment(var: Path, demo: bool) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": _make_database(os.environ["TEST_DATABASE_URL"]),
        "REDIS_URL": os.environ["TEST_REDIS_URL"],
        "SECRET_KEY": secrets.token_urlsafe(40),
        "VAR_DIR": str(var),
        "DEMO_MODE": "1" if demo else "0",
        "CITIZEN_REPORTS": "1",
        "LOGIN_RATE": "1000 per minute",
        "PYTHONPATH": str(ROOT),
    }


def _make_database(server: str) -> str:
    """An empty database with PostGIS; its owner is no superuser, so that row-level security binds him."""
    url = make_url(server)
    role = url.set(username=OWNER, password=OWNER, database=OWNER)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{OWNER}'"))
        connection.execute(text(f"CREATE DATABASE {OWNER} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0"))
    admin.dispose()
    inside = create_engine(url.set(database=OWNER), isolation_level="AUTOCOMMIT")
    with inside.connect() as connection:
        connection.execute(text("CREATE EXTENSION postgis"))
        connection.execute(text("CREATE EXTENSION btree_gist"))
        connection.execute(text("ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF"))
    inside.dispose()
    return role.render_as_string(hide_password=False)


def _run(environment: dict[str, str], var: Path, *arguments: str) -> str:
    log = var / f"{arguments[0]}.log"
    command = [sys.executable, "-P", "-m", "geoservice", *arguments]
    status, answer = answer_of(Program(command, environment, ROOT, log))
    if status != 0:
        raise SetupError(f"`geoservice {' '.join(arguments)}` failed.", log.read_text()[-2000:])
    return answer


def _start(arguments: tuple[str, ...], environment: dict[str, str], var: Path) -> subprocess.Popen[bytes]:
    log = var / f"{arguments[1]}.log"
    command = [sys.executable, "-P", *arguments]
    return start(Program(command, environment, ROOT, log, death_signal=signal.SIGTERM))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, var: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=5).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise SetupError(
                    "The web server does not answer.", (var / "gunicorn.log").read_text()
                ) from error
            time.sleep(0.1)

"""The two commands: what they refuse, what they say, and that they leave nothing behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "scripts"
HOUSE = (sys.executable, "-P", "-m", "scripts.house")


@pytest.fixture
def var() -> Iterator[Path]:
    """A VAR_DIR that the user `postgres` can enter too; pytest's own folders are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="gs-", dir="/tmp"))
    folder.chmod(0o755)
    (folder / "run").mkdir()
    (folder / "log").mkdir()
    yield folder
    assert not processes_in(folder)
    shutil.rmtree(folder)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(var: Path, **more: str) -> dict[str, str]:
    ours = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEMO_MODE")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "VAR_DIR": str(var), "PYTHONPATH": str(ROOT), **more}


def call(*command: object, var: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        env=environment(var or Path("/nonexistent"), **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def processes_in(folder: Path) -> list[str]:
    """The processes, zombies apart, whose command names the folder or that work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = str((process / "cwd").readlink())
        except OSError:
            continue
        if str(folder) in command or place.startswith(f"{folder}/"):
            found.append(f"{process.name} {command}")
    return found


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0


def wait_for(condition, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


# What is refused before anything is done


def test_help_names_every_option_and_does_nothing():
    done = call(SCRIPTS / "run", "--help")
    assert done.returncode == 0
    assert all(
        option in done.stdout for option in ("--host", "--port", "--workers", "--no-demo", "DATABASE_URL")
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--prot", "80"], "unknown option --prot"),
        (["--port"], "--port needs a value"),
        (["--port", "eighty"], "--port eighty: a number from 1 to 65535"),
        (["--port=70000"], "--port 70000: a number from 1 to 65535"),
        (["--workers", "0"], "--workers 0: a number from 1 to 64"),
    ],
)
def test_a_wrong_option_is_named_before_anything_is_set_up(arguments, complaint):
    done = call(SCRIPTS / "run", *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert not done.stdout


def test_a_taken_port_is_told_with_the_option_that_helps(var, taken_port):
    done = call(*HOUSE, "check", "--port", taken_port, var=var)
    assert done.returncode == 1
    assert f"Port {taken_port} on 127.0.0.1 is taken" in done.stderr
    assert "./scripts/run --port " in done.stderr


def test_an_address_of_another_machine_is_told(var, free_port):
    done = call(*HOUSE, "check", "--host", "192.0.2.1", "--port", free_port, var=var)
    assert done.returncode == 1
    assert "--host 127.0.0.1" in done.stderr


def test_a_folder_of_somebody_else_is_refused(var):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    shutil.chown(var, "postgres")
    done = call(SCRIPTS / "geoservice", "--help", var=var)
    assert done.returncode == 1
    assert "it belongs to postgres" in done.stderr


# How a failing step is told


def test_a_failing_step_says_which_why_and_what_to_do(var):
    script = f"""
        set -euo pipefail; exec 3>&1
        source {SCRIPTS}/lib/setup.sh
        fetch() {{ echo 'connection refused'; false; echo 'never said'; }}
        step 'Fetching the moon' 'use a ladder.' fetch
        echo 'never reached'
    """
    done = call("bash", "-c", script, var=var)
    assert done.returncode == 1
    assert re.fullmatch(r"  Fetching the moon … FAILED after \d+\.\d s\n", done.stdout)
    assert '"Fetching the moon" failed (exit status 1)' in done.stderr
    assert "    connection refused\n" in done.stderr
    assert "What to do: use a ladder." in done.stderr
    assert "never" not in done.stderr
    assert "connection refused" in (var / "log/setup.log").read_text()


def test_a_python_that_is_too_old_is_not_taken(var, tmp_path):
    for name in ("python3.13", "python3.12", "python3.11", "python3"):
        fake = tmp_path / name
        fake.write_text("#!/bin/sh\nexit 1\n")
        fake.chmod(0o755)
    look = "VENV=/none; find_python && echo $PYTHON || echo none"
    script = f"set -eu; exec 3>&1; source {SCRIPTS}/lib/setup.sh; {look}"
    done = call("bash", "-c", script, var=var, PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.stdout == "none\n"


# The services for a command, and for the tests


def test_a_command_gets_private_services_and_nothing_is_added_to_its_output(var):
    program = (
        "import json, os, sys; json.dump({n: os.environ[n] for n in ('DATABASE_URL', 'REDIS_URL')}, sys.stdout);"
        "sys.exit(7)"
    )
    done = call(*HOUSE, "use", "--", sys.executable, "-c", program, var=var)
    assert done.returncode == 7, done.stderr
    given = json.loads(done.stdout)
    assert given["DATABASE_URL"].startswith("postgresql+psycopg2://geoservice@/geoservice?host=")
    assert given["REDIS_URL"].startswith("unix://")
    assert oct((var / "services/postgres").stat().st_mode & 0o777) == "0o700"
    assert oct((var / "secret_key").stat().st_mode & 0o777) == "0o600"


def test_servers_of_ones_own_are_used_as_they_are(var):
    done = call(
        *(*HOUSE, "use", "--"),
        *("sh", "-c", 'echo "$DATABASE_URL $REDIS_URL"'),
        var=var,
        DATABASE_URL="postgresql+psycopg2://db.example/city",
        REDIS_URL="redis://queue.example/0",
    )
    assert done.stdout == "postgresql+psycopg2://db.example/city redis://queue.example/0\n"
    assert not (var / "services").exists()


def test_throwaway_services_are_gone_when_their_command_is_told_to_stop(var):
    mark = f"mark-{os.getpid()}"
    command = [*HOUSE, "throwaway", "--"]
    command += ["sh", "-c", f"echo $TEST_DATABASE_URL; exec sleep 60; : {mark}"]
    with subprocess.Popen(command, env=environment(var), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        url = running.stdout.readline()
        folder = Path(url.partition("host=")[2].partition("/postgres/")[0])
        assert processes_in(folder)
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 128 + signal.SIGTERM
    assert not processes_in(folder)
    assert not folder.exists()


# The house itself


def children(var: Path) -> dict[str, int]:
    return {name: pid for name, pid, _ in json.loads((var / "run/children.json").read_text())}


def test_the_house_comes_up_heals_itself_and_leaves_nothing_behind(var, free_port):
    command = [*HOUSE, "serve", "--port", str(free_port), "--no-demo", "--workers", "1"]
    health = f"http://127.0.0.1:{free_port}/health"
    told = var / "told"
    with (
        told.open("w") as output,
        subprocess.Popen(
            command, env=environment(var), stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        ) as house,
    ):
        wait_for(lambda: "Stop: Ctrl-C" in told.read_text() or house.poll() is not None, 120)
        assert house.poll() is None, told.read_text()
        assert status_of(health) == 200
        assert "first administrator" in told.read_text()

        second = call(*HOUSE, "check", "--port", free_port, var=var)
        assert second.returncode == 1
        assert f"already running here: http://127.0.0.1:{free_port}/ (process {house.pid})" in second.stderr

        before = children(var)
        os.kill(before["web"], signal.SIGKILL)
        os.kill(before["worker-1"], signal.SIGKILL)
        wait_for(lambda: children(var).keys() == before.keys() and children(var)["web"] != before["web"])
        wait_for(lambda: status_of(health) == 200)
        assert children(var)["scheduler"] == before["scheduler"]

        mode = call(*HOUSE, "use", "--", "sh", "-c", "echo $DEMO_MODE", var=var)
        assert mode.stdout == "0\n"

        house.send_signal(signal.SIGTERM)
        assert house.wait(60) == 128 + signal.SIGTERM
    assert status_of(health) == 0
    assert "Stopping the private servers" in told.read_text()

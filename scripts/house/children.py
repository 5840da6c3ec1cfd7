"""The processes of the house: web, workers and scheduler; started again when they die, stopped in order."""

from __future__ import annotations

import json
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.house.folders import LOGS, ROOT, RUN, write_private
from scripts.house.options import bracketed
from scripts.house.processes import (
    ProcessId,
    Program,
    end_sessions,
    rotate,
    session_of,
    start,
    stop,
    works_in,
)
from scripts.house.telling import SetupError, say, step

if TYPE_CHECKING:
    import subprocess

    from scripts.house.options import Options
    from scripts.house.services import PrivateServices

_CHILDREN = RUN / "children.json"
_STEADY_S = 60.0
"""A process that lived this long was well: its next death counts as the first."""
_ROTATE_EVERY_S = 60.0
_BACK_OFF_S = (1, 2, 5, 15, 30, 60)


@dataclass
class Child:
    """One process of the house, started again when it dies; sooner the first time, later when it keeps dying."""

    name: str
    program: Program
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    identity: ProcessId | None = None
    deaths: int = 0
    not_before: float = 0.0

    def start(self) -> None:
        self.process = start(self.program)
        self.identity = ProcessId.of(self.process.pid)
        self.began = time.monotonic()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def note_death(self) -> None:
        """Say so, and when it is to be started again."""
        if self.process is None:
            return
        if time.monotonic() - self.began > _STEADY_S:
            self.deaths = 0
        pause = _BACK_OFF_S[min(self.deaths, len(_BACK_OFF_S) - 1)]
        note(
            f"  {self.name} ended (status {self.process.returncode}); started again in {pause} s. See {self.program.log}"
        )
        if self.identity:
            end_sessions([self.identity], patience=1.0)
            self.identity = None
        self.deaths += 1
        self.not_before = time.monotonic() + pause
        self.process = None


def children_of(options: Options, services: PrivateServices) -> list[Child]:
    address = f"{bracketed(options.host)}:{options.port}"
    settings = "python:scripts.house.gunicorn_settings"
    web = [sys.executable, "-P", "-m", "gunicorn", "--config", settings, "--bind", address]
    worker = [sys.executable, "-P", "-m", "geoservice.jobs.worker"]
    scheduler = [sys.executable, "-P", "-m", "geoservice.jobs.scheduler"]
    commands = [("web", web)]
    commands += [(f"worker-{number}", worker) for number in range(1, options.workers + 1)]
    commands += [("scheduler", scheduler)]
    environment = services.environment() | {"PYTHONUNBUFFERED": "1"}
    return [
        Child(name, Program(command, environment, ROOT, LOGS / f"{name}.log", death_signal=signal.SIGTERM))
        for name, command in commands
    ]


def keep_alive(children: list[Child], services: PrivateServices) -> None:
    """Until a signal unwinds us. A disk that is full for a while must not bring the house down."""
    last_rotated = time.monotonic()
    while True:
        time.sleep(0.5)
        try:
            revive_services(services)
            if revive(children):
                write_down(children)
            if time.monotonic() - last_rotated > _ROTATE_EVERY_S:
                last_rotated = time.monotonic()
                for log in LOGS.glob("*.log"):
                    rotate(log)
        except (OSError, SetupError) as failure:
            note(f"  {failure}")
            time.sleep(5)


def revive_services(services: PrivateServices) -> None:
    if not services.are_up():
        note("  PostgreSQL or Redis ended; starting it again")
        services.start_missing()


def revive(children: list[Child]) -> bool:
    """Note who died, start whose pause is over; whether anyone was started."""
    dead = [child for child in children if not child.is_alive()]
    for child in dead:
        child.note_death()
    due = [child for child in dead if time.monotonic() >= child.not_before]
    for child in due:
        child.start()
    return bool(due)


def stop_in_order(children: list[Child]) -> None:
    say("\nStopping …")
    for what in ("web", "worker", "scheduler"):
        with step(f"Stopping the {what if what != 'worker' else 'workers'}"):
            group = [child for child in children if child.name.startswith(what)]
            stop([child.identity for child in group if child.identity], patience=10)
            for child in group:
                child.is_alive()  # reaps it
    _CHILDREN.unlink(missing_ok=True)


def write_down(children: list[Child]) -> None:
    """Who our children are, for a successor to find should we be killed."""
    rows = [
        (child.name, identity.pid, identity.started) for child in children if (identity := child.identity)
    ]
    write_private(_CHILDREN, json.dumps(rows))


def stop_orphans() -> None:
    """End what a killed predecessor left: known by the number and the start time it wrote down."""
    with suppress(OSError, ValueError):
        for name, pid, started in json.loads(_CHILDREN.read_text()):
            orphan = ProcessId(pid, started)
            if orphan.is_alive():
                note(f"  Stopping {name} (process {pid}), left by a run that was killed")
                stop([orphan], patience=8)
            elif not ProcessId.of(pid) and any(works_in(member.pid, ROOT) for member in session_of(pid)):
                note(f"  Ending what {name} had started, left by a run that was killed")
                end_sessions([orphan], patience=0)
    _CHILDREN.unlink(missing_ok=True)


def note(what: str) -> None:
    """What happened while nobody may have been looking: to the terminal, and with its time to var/log/run.log."""
    say(what)
    with suppress(OSError), (LOGS / "run.log").open("a") as log:
        log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S%z')} {what.strip()}\n")

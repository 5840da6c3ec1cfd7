"""`./scripts/run` after the set-up: starts everything, tells the URL, keeps it alive, and stops it all in order.

serve.py check …   only the questions that can be asked before anything is installed: already up? port free?
serve.py …         the house itself, until Ctrl-C or TERM
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import http.client
import json
import os
import signal
import socket
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from child_processes import ProcessId, Program, end_sessions, rotate, session_of, start, stop, works_in
from private_services import (
    ROOT,
    VAR,
    PrivateServices,
    SetupError,
    ask_app,
    lock,
    migrate,
    private_services,
    say,
    stop_on_signals,
    write_private,
)

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence

_CHILDREN = VAR / "run/children.json"
_RUNNING = VAR / "run/run.lock"
_STEADY_S = 60.0
"""A process that lived this long was well: its next death counts as the first."""
_AGAIN = "start again once the reason is gone; nothing half-made is kept."
_BACK_OFF_S = (1, 2, 5, 15, 30, 60)


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    host: str
    port: int
    workers: int
    demo: bool

    @property
    def url(self) -> str:
        """Where a browser on this machine finds us."""
        return f"http://{_bracketed(self.reachable_host)}:{self.port}/"

    @property
    def reachable_host(self) -> str:
        """An address that answers when we listen on all of them."""
        return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self.host, self.host)

    @property
    def is_public(self) -> bool:
        """Whether other machines may reach us."""
        return self.reachable_host != self.host or not (
            self.host.startswith("127.") or self.host in ("::1", "localhost")
        )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def parse_options(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(prog="serve.py", allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-demo", action="store_true")
    found = parser.parse_args(arguments)
    demo = not found.no_demo and os.environ.get("DEMO_MODE", "1").lower() not in ("0", "false", "no", "off")
    return Options(found.host, found.port, found.workers, demo)


# Before anything is started


def take_the_run_lock() -> IO[str]:
    """Held as long as we live; at our death, however sudden, the kernel lets it go."""
    held = lock("run.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    if held is None:
        raise SetupError(
            f"GeoService is already running here: {_RUNNING.read_text().strip() or 'starting'}.",
            "use that one, or stop it first: Ctrl-C where it runs, or `kill` with the number above.",
        )
    return held


def check_that_the_port_is_free(options: Options) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            options.host or None, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise SetupError(
            f"--host {options.host}: {error.strerror}.", "give an address of this machine."
        ) from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            raise SetupError(_why_not_bound(options, error), _other_port(options, error)) from error


def _why_not_bound(options: Options, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {options.port} on {options.host} is taken by another program."
    if error.errno == errno.EACCES:
        return f"Port {options.port} may only be opened by root."
    return f"{options.host}:{options.port} cannot be opened: {error.strerror}."


def _other_port(options: Options, error: OSError) -> str:
    if error.errno == errno.EADDRNOTAVAIL:
        return "give an address of this machine: --host 127.0.0.1, or --host 0.0.0.0 for all of them."
    other = 8080 if options.port == 8000 or options.port < 1024 else options.port % 60000 + 1
    return f"choose another one: ./scripts/run --port {other}"


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
    with (VAR / "log/run.log").open("a") as log:
        log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S%z')} {what.strip()}\n")


# The steps of a start


@contextmanager
def step(title: str) -> Iterator[None]:
    """One line: what, then how long."""
    say(f"  {title} … ", end="")
    began = time.monotonic()
    try:
        yield
    except BaseException as reason:
        how = "FAILED" if isinstance(reason, Exception) else "interrupted"
        say(f"{how} after {time.monotonic() - began:.1f} s")
        raise
    say(f"{time.monotonic() - began:.1f} s")


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
        self.deaths += 1
        self.not_before = time.monotonic() + pause
        self.process = None


def children_of(options: Options, services: PrivateServices) -> list[Child]:
    # --preload: the application is imported once for both processes; it opens no connection before its first request.
    gunicorn = (
        "-m gunicorn wsgi:app --preload --worker-class gthread --workers 2 --threads 4 --no-control-socket"
    )
    limits = "--graceful-timeout 8 --timeout 60 --access-logfile - --error-logfile -"
    address = f"{_bracketed(options.host)}:{options.port}"
    web = [sys.executable, *gunicorn.split(), *limits.split(), "--bind", address]
    worker = [sys.executable, "-P", "-m", "geoservice.jobs.worker"]
    scheduler = [sys.executable, "-P", "-m", "geoservice.jobs.scheduler"]
    commands = [("web", web)]
    commands += [(f"worker-{number}", worker) for number in range(1, options.workers + 1)]
    commands += [("scheduler", scheduler)]
    environment = services.environment() | {"PYTHONUNBUFFERED": "1"}
    return [
        Child(name, Program(command, environment, ROOT, VAR / f"log/{name}.log", death_signal=signal.SIGTERM))
        for name, command in commands
    ]


def prepare_data(options: Options, services: PrivateServices) -> None:
    with step("Bringing the database up to date"):
        migrate(services)
    seeded = services.folder / "seeded"
    if options.demo and not (services.postgres and seeded.exists()):
        with step("Demo city (synthetic; made once, within a minute)"):
            ask_app(services, _AGAIN, "demo", "seed")
        if services.postgres:
            write_private(seeded, "")


def ask_logins(options: Options, services: PrivateServices) -> list[dict[str, str]]:
    """One login per role of the demo; in real use the first administrator's, if there is none yet."""
    question = (
        ("users", "logins", "--json") if options.demo else ("users", "add-admin", "--if-none", "--json")
    )
    return _logins(ask_app(services, _AGAIN, *question))


def _logins(answer: str) -> list[dict[str, str]]:
    found = json.loads(answer) if answer.strip() else []
    rows = found if isinstance(found, list) else [found]
    return [row for row in rows if row and row.get("password")]


def wait_until_healthy(options: Options, web: Child) -> None:
    deadline = time.monotonic() + 90
    while not _is_healthy(options):
        if not web.is_alive() or time.monotonic() > deadline:
            raise SetupError(
                f"The web server does not answer at {options.url}health.",
                "the log tells why. Was the port taken meanwhile? Then choose another one with --port.",
                web.program.log,
            )
        time.sleep(0.1)


def _is_healthy(options: Options) -> bool:
    connection = http.client.HTTPConnection(options.reachable_host, options.port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce(options: Options, logins: list[dict[str, str]], services: PrivateServices) -> None:
    say(f"\nGeoService is ready:  {options.url}\n")
    if logins:
        say(
            "  Demo data, synthetic. One login per role:"
            if options.demo
            else "  The first administrator (shown only now):"
        )
        for row in logins:
            say(f"    {row.get('role', 'administrator'):<16}{row['login']:<20}{row['password']}")
        say("")
    if options.is_public and options.demo:
        say("  Other machines can reach this port, and the demo passwords are known to everybody.\n")
    if services.folder != VAR.resolve() / "services":
        say(f"  Data: {services.folder} (the user postgres may not enter {VAR})")
    say(f"  Logs: {VAR / 'log'}    Stop: Ctrl-C")


# Keeping it alive


def keep_alive(children: list[Child], services: PrivateServices) -> None:
    """Until a signal unwinds us."""
    rounds = 0
    while True:
        time.sleep(0.5)
        rounds += 1
        if not services.are_up():
            note("  PostgreSQL or Redis ended; starting it again")
            try:
                services.start_missing()
            except SetupError as failure:
                note(str(failure))
                time.sleep(5)
        revived = [revive(child) for child in children]
        if any(revived):
            write_down(children)
        if rounds % 120 == 0:
            for log in (VAR / "log").glob("*.log"):
                rotate(log)


def revive(child: Child) -> bool:
    """Note a death, or end its pause; whether the child was started."""
    if child.is_alive():
        return False
    child.note_death()
    if time.monotonic() < child.not_before:
        return False
    child.start()
    return True


def write_down(children: list[Child]) -> None:
    """Who our children are, for a successor to find should we be killed."""
    rows = [
        (child.name, identity.pid, identity.started) for child in children if (identity := child.identity)
    ]
    write_private(_CHILDREN, json.dumps(rows))


def stop_in_order(children: list[Child]) -> None:
    say("\nStopping …")
    for what in ("web", "worker", "scheduler"):
        with step(f"Stopping the {what if what != 'worker' else 'workers'}"):
            group = [child for child in children if child.name.startswith(what)]
            stop([child.identity for child in group if child.identity], patience=10)
            for child in group:
                child.is_alive()  # reaps it
    _CHILDREN.unlink(missing_ok=True)


def serve(options: Options) -> None:
    with ExitStack() as house:
        running = house.enter_context(take_the_run_lock())
        check_that_the_port_is_free(options)
        stop_orphans()
        running.truncate(0)
        running.write(f"{options.url} (process {os.getpid()})")
        running.flush()
        os.environ["DEMO_MODE"] = "1" if options.demo else "0"
        with step("Starting the private PostgreSQL and Redis"):
            services = house.enter_context(private_services(stopping=step))
        prepare_data(options, services)
        children = children_of(options, services)
        house.callback(stop_in_order, children)
        with step("Starting the web server, the workers and the scheduler"):
            # The page is what is waited for: the others follow when it answers.
            web = children[0]
            web.start()
            write_down(children)
            logins = ask_logins(options, services)
            wait_until_healthy(options, web)
            for child in children[1:]:
                child.start()
            write_down(children)
        announce(options, logins, services)
        keep_alive(children, services)


def main() -> int:
    """Command line."""
    arguments = sys.argv[1:]
    only_check = arguments[:1] == ["check"]
    options = parse_options(arguments[1:] if only_check else arguments)
    stop_on_signals()
    try:
        if only_check:
            (VAR / "run").mkdir(parents=True, exist_ok=True)
            with take_the_run_lock():
                check_that_the_port_is_free(options)
        else:
            serve(options)
    except SetupError as failure:
        say(f"\n{failure}", to=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`./scripts/run` after the set-up: starts everything, tells the URL, keeps it alive, and stops it all in order."""

from __future__ import annotations

import http.client
import json
import os
import time
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

from scripts.house.children import Child, children_of, keep_alive, stop_in_order, stop_orphans, write_down
from scripts.house.folders import LOGS, RUN, VAR, try_lock, write_private
from scripts.house.options import check_that_the_port_is_free
from scripts.house.services import (
    PrivateServices,
    ask_app,
    choose_mode,
    migrate,
    private_names,
    private_services,
)
from scripts.house.telling import SetupError, say, step

if TYPE_CHECKING:
    from scripts.house.options import Options

_RUNNING = RUN / "run.lock"
_AGAIN = "start again once the reason is gone; nothing half-made is kept."


def serve(options: Options) -> None:
    with ExitStack() as house:
        running = house.enter_context(take_the_run_lock())
        check_that_the_port_is_free(options)
        stop_orphans()
        running.truncate(0)
        running.write(f"{options.url} (process {os.getpid()})")
        running.flush()
        choose_mode(options.demo)
        names = " and ".join(private_names())
        with step(f"Starting the private {names}" if names else "Using your own PostgreSQL and Redis"):
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


def check(options: Options) -> None:
    """Ask what can be asked before anything is installed: already up? Is the port free?"""
    with take_the_run_lock():
        check_that_the_port_is_free(options)


def take_the_run_lock() -> IO[str]:
    """Held as long as we live; at our death, however sudden, the kernel lets it go."""
    held = try_lock("run.lock")
    if held is None:
        raise SetupError(
            f"GeoService is already running here: {_RUNNING.read_text().strip() or 'starting'}.",
            "use that one, or stop it first: Ctrl-C where it runs, or `kill` with the number above.",
        )
    return held


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
    if not options.demo and (services.folder / "seeded").exists():
        say("  This database holds the demo city and its logins, whose passwords everybody knows:")
        say("  for real use start with a folder of its own, VAR_DIR=/some/folder ./scripts/run --no-demo\n")
    if services.folder != VAR.resolve() / "services":
        say(f"  Data: {services.folder} (the user postgres may not enter {VAR})")
    say(f"  Logs: {LOGS}    Stop: Ctrl-C")

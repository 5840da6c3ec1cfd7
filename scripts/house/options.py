"""What the command line of `./scripts/run` asks for, and whether this machine can give it."""

from __future__ import annotations

import argparse
import errno
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.house.telling import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence


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
        return f"http://{bracketed(self.reachable_host)}:{self.port}/"

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


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def parse_options(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(prog="run", allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-demo", action="store_true")
    found = parser.parse_args(arguments)
    demo = not found.no_demo and os.environ.get("DEMO_MODE", "1").lower() not in ("0", "false", "no", "off")
    return Options(found.host, found.port, found.workers, demo)


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

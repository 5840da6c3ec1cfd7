"""Seconds of processor: of this process, of what it started and of PostgreSQL. Other load on the machine changes them little."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from sqlalchemy import create_engine, text

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Processor:
    """Counts from where it is made. The server must run on the same machine."""

    def __init__(self, database_url: str) -> None:
        engine = create_engine(database_url)
        with engine.connect() as connection:
            self._server = int(_fields(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())[1])
        engine.dispose()
        self._before = self._now()

    def used(self) -> dict[str, float]:
        """Seconds since then of ourselves and our children, and of the server."""
        ours, servers = self._now()
        return {"client_cpu": ours - self._before[0], "server_cpu": servers - self._before[1]}

    def _now(self) -> tuple[float, float]:
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages), self._server_seconds()

    def _server_seconds(self) -> float:
        """Of the server with those of its processes that have ended, and of each that runs."""
        ticks = sum(map(int, _fields(self._server)[11:15]))
        for process in Path("/proc").glob("[0-9]*"):
            try:
                fields = _fields(int(process.name))
            except OSError:
                continue
            if int(fields[1]) == self._server:
                ticks += sum(map(int, fields[11:13]))
        return ticks / TICKS_A_SECOND


def _fields(process: int) -> list[str]:
    """What /proc tells of a process, from its state on."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()

"""The private Redis: started, asked whether it answers, stopped."""

from __future__ import annotations

import shutil
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from scripts.house.folders import make_folder, secret, socket_folder, write_private
from scripts.house.processes import ProcessId, Program, start, wait_until_gone, works_in
from scripts.house.telling import SetupError

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


@dataclass
class Redis:
    """A Redis of our own in `folder`, with a password. It only wakes workers: PostgreSQL holds the truth."""

    folder: Path
    log: Path
    throwaway: bool = False
    child: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        make_folder(self.folder, None)
        self.socket = socket_folder(self.folder / "s", "redis", None) / "redis.sock"
        self.password = secret(self.folder / "password")

    def url(self) -> str:
        return f"unix://:{quote(self.password)}@{quote(str(self.socket))}?db=0"

    def process(self) -> ProcessId | None:
        if self.child:
            self.child.poll()
        try:
            pid = int((self.folder / "redis.pid").read_text())
        except (OSError, ValueError):
            return None
        return ProcessId.of(pid) if works_in(pid, self.folder) else None

    def start(self) -> None:
        if not self.process():
            program = shutil.which("redis-server")
            if program is None:
                raise SetupError("Redis is not installed.", "apt-get install redis-server")
            self._configure()
            self.child = start(
                Program(
                    [program, "redis.conf"],
                    folder=self.folder,
                    log=self.log,
                    death_signal=signal.SIGTERM if self.throwaway else None,
                )
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        for number, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
            process = self.process()
            if process is None:
                return
            process.send(number)
            wait_until_gone([process], seconds)
        self.process()

    def _configure(self) -> None:
        write_private(
            self.folder / "redis.conf",
            f'port 0\nunixsocket "{self.socket}"\nunixsocketperm 700\nrequirepass {self.password}\n'
            "dir .\npidfile redis.pid\ndaemonize no\nmaxmemory-policy noeviction\nappendonly no\n"
            # A snapshot at the stop keeps what waited; a full disk must not stop workers from being woken.
            + ('save ""\n' if self.throwaway else "save 900 1\nstop-writes-on-bgsave-error no\n"),
        )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 60
        while not self._answers():
            ended = self.child is not None and self.child.poll() is not None
            if ended or time.monotonic() > deadline:
                raise SetupError(
                    f"The private Redis in {self.folder} does not start.", "the log tells why.", self.log
                )
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket))
            connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            answer = b""
            while b"PONG" not in answer and b"-" not in answer[:1]:
                more = connection.recv(100)
                answer += more
                if not more:
                    break
            return b"PONG" in answer
        return False

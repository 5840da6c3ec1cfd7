"""The child process from outside: started with an environment of its own, asked in lines, killed when it must be."""

from __future__ import annotations

import logging
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

import geoservice
from geoservice.formats.drivers import gdal_environment

LONGEST_ANSWER_BYTES = 8 << 20
LAST_WORDS = "stderr.log"
LAST_WORDS_BYTES = 4_000
GOODBYE_SECONDS = 0.5
PACKAGE_ROOT = Path(geoservice.__file__).parent.parent

log = logging.getLogger(__name__)


class ChildFailed(Exception):
    """The child ended, or was ended, without an answer."""


class ChildTooSlow(ChildFailed):
    """It used up its time, on the clock or on the processor."""


class Child:
    """One running child. It works in `home`, where whatever it leaves is removed with the folder."""

    def __init__(self, home: Path) -> None:
        self._last_words = home / LAST_WORDS
        with self._last_words.open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", "geoservice.formats.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=home,
                env=_environment(home),
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, line: bytes, wall_seconds: float) -> bytes:
        """Send one line and wait for one; ChildFailed when there is none in time. A child that failed has ended."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._failed() from error
        return self._answer(time.monotonic() + wall_seconds)

    def end(self) -> None:
        """Let it go, and kill it when it does not."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.close()
            self._process.wait(timeout=GOODBYE_SECONDS)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self._kill()
        self._process.stdout.close()

    def _answer(self, ends: float) -> bytes:
        assert self._process.stdout is not None
        line = bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                left = ends - time.monotonic()
                if left <= 0 or not ready.select(left):
                    self._kill()
                    raise ChildTooSlow
                chunk = os.read(self._process.stdout.fileno(), 1 << 16)
                line += chunk
                if not chunk or len(line) > LONGEST_ANSWER_BYTES:
                    raise self._failed()
        return bytes(line)

    def _failed(self) -> ChildFailed:
        """Why there will be no answer; its last words go to the log, for whoever keeps the house."""
        self._kill()
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return ChildTooSlow()
        words = self._last_words.read_bytes()[-LAST_WORDS_BYTES:].decode("utf-8", "replace")
        log.warning("the child that reads files ended with %s: %s", code, words)
        return ChildFailed(code)

    def _kill(self) -> None:
        try:
            self._process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _environment(home: Path) -> dict[str, str]:
    """What the child sees: no secret, no proxy, no user's own Python."""
    kept = {key: value for key in ("PATH", "LD_LIBRARY_PATH", "TZDIR") if (value := os.environ.get(key))}
    return {
        **kept,
        **gdal_environment(str(home)),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PACKAGE_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }

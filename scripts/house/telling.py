"""What the person at the terminal is told: steps and their time, failures and what to do."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from scripts.house.processes import last_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class SetupError(Exception):
    """A step failed: which, why and what to do; written for the person who typed the command."""

    def __init__(self, what: str, remedy: str, log: Path | None = None) -> None:
        self.what, self.remedy, self.log = what, remedy, log
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what]
        if self.log:
            lines += [f"The last lines of {self.log}:", *(f"    {line}" for line in last_lines(self.log))]
        return "\n".join([*lines, f"What to do: {self.remedy}"])


def say(text: str, end: str = "\n", to: TextIO | None = None) -> None:
    """Print, if anybody still listens: a closed terminal must not keep us from stopping in order."""
    with suppress(OSError):
        print(text, end=end, file=to or sys.stdout, flush=True)


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

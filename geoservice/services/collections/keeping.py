"""Answers kept in files, found again by what they were made from; the oldest go when there are too many."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_BYTES = 256 * 1024 * 1024
LARGEST = MOST_BYTES // 16
# One process looks through the files after it has written so much.
_SWEEP_EVERY = MOST_BYTES // 8


class Shelf:
    """A folder of answers. What is asked for by a key that names every input never needs to be taken back.

    Several processes share it. A full disk or a folder that can't be written means that nothing is kept, no more.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written = _SWEEP_EVERY  # the first to write looks what others left

    def fetch(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return the answer with this key, made now if it is not there."""
        path = self.folder / key[:2] / key
        with suppress(OSError):
            found = path.read_bytes()
            os.utime(path)
            return found
        made = make()
        if len(made) <= LARGEST:
            with suppress(OSError):
                self._keep(path, made)
        return made

    def _keep(self, path: Path, made: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(made)
        Path(name).replace(path)
        self._written += len(made)
        if self._written > _SWEEP_EVERY:
            self._written = 0
            self.sweep()

    def sweep(self) -> None:
        """Delete the answers unused for longest until three quarters of the room are left."""
        found = []
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in found)
        if total <= MOST_BYTES:
            return
        for _, size, path in sorted(found):
            path.unlink(missing_ok=True)
            total -= size
            if total <= MOST_BYTES * 3 // 4:
                return


def key_of(parts: Iterable[object]) -> str:
    """Return the key of what was made from these."""
    return hashlib.sha256("\x1f".join(map(repr, parts)).encode()).hexdigest()

"""Originals and their copies in private files, under the SHA-256 of the original: whole, or not there."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from geoservice.errors import InvalidFile, StorageFull
from geoservice.formats.photos import LARGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geoservice.config import Settings
    from geoservice.formats.photos import ReadPhoto

ORIGINAL, LARGE, SMALL = "original", "large.jpg", "small.jpg"
CHUNK_BYTES = 1 << 20
SPARE_BYTES = 64 << 20
DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


def photo_folder(settings: Settings, sha256: bytes) -> Path:
    """Return where an original and its copies lie."""
    name = sha256.hex()
    return _home(settings) / name[:2] / name


@contextmanager
def staged(settings: Settings, stream: BinaryIO, name: str) -> Iterator[tuple[Path, bytes, int]]:
    """Lay what comes into a file of ours → its path, SHA-256 and size; the file is gone afterwards unless it was moved.

    InvalidFile when it is empty or too large, StorageFull when there is no room.
    """
    home = _home(settings)
    path: Path | None = None
    try:
        with _full_disk():
            home.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(home).free < SPARE_BYTES:
                raise StorageFull
            with tempfile.NamedTemporaryFile(dir=home, prefix=".incoming-", delete=False) as file:
                path = Path(file.name)
                sha256, size = _copy(stream, file, name)
        yield path, sha256, size
    finally:
        if path is not None:
            path.unlink(missing_ok=True)


def keep(settings: Settings, path: Path, sha256: bytes, read: ReadPhoto) -> None:
    """Put an original and its copies where they stay; the original comes last, so that where it is, they are."""
    folder = photo_folder(settings, sha256)
    if (folder / ORIGINAL).is_file():
        return
    with _full_disk():
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in ((LARGE, read.large), (SMALL, read.small)):
            half = folder / f".{name}.{os.getpid()}.part"
            try:
                with half.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                half.rename(folder / name)
            finally:
                half.unlink(missing_ok=True)
        path.rename(folder / ORIGINAL)
        for changed in (folder, folder.parent, folder.parent.parent):
            _sync(changed)


def sha256_of(path: Path) -> bytes:
    """Return the SHA-256 of a file as it lies there."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def all_kept(settings: Settings) -> Iterator[Path]:
    """Every original that lies there, whether or not anything refers to it."""
    yield from sorted(_home(settings).glob(f"[0-9a-f][0-9a-f]/*/{ORIGINAL}"))


def _home(settings: Settings) -> Path:
    return settings.var_dir / "photos"


def _copy(stream: BinaryIO, file: IO[bytes], name: str) -> tuple[bytes, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
        if size > LARGEST_BYTES:
            raise InvalidFile("photo_too_large", file=name, megabytes=LARGEST_BYTES // 1_000_000)
        file.write(chunk)
    if size == 0:
        raise InvalidFile("photo_empty", file=name)
    file.flush()
    os.fsync(file.fileno())
    return digest.digest(), size


@contextmanager
def _full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise StorageFull from error
        raise


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

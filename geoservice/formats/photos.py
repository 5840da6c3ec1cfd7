"""Reading a photo from the safe side: a child process opens it, and what it leaves are plain copies without any metadata."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from geoservice.errors import InvalidFile
from geoservice.formats.reader import Reader
from geoservice.formats.tables import Limits

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

LARGEST_BYTES = 25_000_000
# 40 million pixels of 4 bytes, once as read and once as converted, and what the libraries take besides.
LIMITS = Limits(file_bytes=LARGEST_BYTES, memory_bytes=1024**3, cpu_seconds=20, wall_seconds=30.0)


@dataclass(frozen=True)
class ReadPhoto:
    """What a photo is. `large` and `small` are JPEG without metadata; `taken_at` is UTC; `lon`, `lat` WGS 84.

    `phash`: the perceptual hash, 64 bits as a signed number, None where the photo shows too little to be known by.
    """

    media_type: str
    width: int
    height: int
    phash: int | None
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    camera: str
    software: str
    large: bytes
    small: bytes


class PhotoReader:
    """One child process for the photos of one form. A context manager: leaving it ends the child."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._reader = Reader(limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.close()

    def read(self, path: Path, *, timezone: str, name: str) -> ReadPhoto:
        """Read one photo; InvalidFile when it is none. Times without a zone are wall time in `timezone`."""
        with self._reader.read_photo(path, timezone=timezone, name=name) as (reply, folder):
            try:
                taken = reply["taken_at"]
                return ReadPhoto(
                    media_type=str(reply["media_type"]),
                    width=int(reply["width"]),
                    height=int(reply["height"]),
                    phash=None if reply["phash"] is None else int(reply["phash"]),
                    taken_at=datetime.fromisoformat(taken) if taken else None,
                    lon=reply["lon"],
                    lat=reply["lat"],
                    camera=str(reply["camera"]),
                    software=str(reply["software"]),
                    large=(folder / "large.jpg").read_bytes(),
                    small=(folder / "small.jpg").read_bytes(),
                )
            except (KeyError, TypeError, ValueError, OSError) as error:
                raise InvalidFile("photo_damaged", file=name) from error

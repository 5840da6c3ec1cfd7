"""Photos that were never taken: coloured shapes with the marks of a camera, so that nobody takes them for real ones."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from geoservice.formats.photos import PhotoReader
from geoservice.services.evidence import Adding, SentPhoto, Stage, Subject, files, keep_photo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import numpy as np
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

WIDTH, HEIGHT, SHAPES = 240, 180, 9
_MAKE, _MODEL, _EXIF, _GPS, _TAKEN, _OFFSET = 0x010F, 0x0110, 0x8769, 0x8825, 0x9003, 0x9011
# Somebody sends an old photo again, or one taken half a kilometre away: something for the queue of doubtful ones.
_REUSED, _ELSEWHERE, _AWAY_DEG = 0.02, 0.02, 0.006


class Camera:
    """Takes photos of one demo; one child process reads them all, as it reads what phones send."""

    def __init__(
        self, session: Session, settings: Settings, rng: np.random.Generator, reader: PhotoReader
    ) -> None:
        self._session, self._settings, self._rng, self._reader = session, settings, rng, reader
        self._last: SentPhoto | None = None

    def take(
        self, subject: Subject, stage: Stage, lonlat: tuple[float, float], at: datetime, by: int | None
    ) -> None:
        """Add a photo taken at a place and time to a subject; now and then the last one again, or one of elsewhere."""
        dice = self._rng.random()
        if self._last is None or dice >= _REUSED:
            away = _AWAY_DEG if dice > 1 - _ELSEWHERE else 0.0
            place = (lonlat[0] + away, lonlat[1])
            self._last = self._read(_jpeg(self._rng, place, at.astimezone(self._settings.zone_info)))
        keep_photo(self._session, self._settings, self._last, Adding(subject, stage, by, at, at))

    def _read(self, content: bytes) -> SentPhoto:
        with files.staged(self._settings, io.BytesIO(content), "demo.jpg") as (path, sha256, size):
            read = self._reader.read(path, timezone=self._settings.timezone, name="demo.jpg")
            files.keep(self._settings, path, sha256, read)
        return SentPhoto(sha256, size, read)


@contextmanager
def camera(session: Session, settings: Settings, rng: np.random.Generator) -> Iterator[Camera]:
    """Yield a camera; its child process ends with the context."""
    with PhotoReader() as reader:
        yield Camera(session, settings, rng, reader)


def _jpeg(rng: np.random.Generator, lonlat: tuple[float, float], local: datetime) -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), _colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(SHAPES):
        left, top = (int(number) for number in rng.integers((0, 0), (WIDTH - 30, HEIGHT - 30)))
        across, down = (int(number) for number in rng.integers(20, 110, 2))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((left, top, left + across, top + down), fill=_colour(rng))
    exif = image.getexif()
    exif[_MAKE], exif[_MODEL] = "GeoService", "Demo camera"
    exif.get_ifd(_EXIF).update(
        {_TAKEN: f"{local:%Y:%m:%d %H:%M:%S}", _OFFSET: f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:]}
    )
    lon, lat = (abs(number + float(rng.normal(0, 1e-4))) for number in lonlat)
    exif.get_ifd(_GPS).update(
        {
            1: "N" if lonlat[1] >= 0 else "S",
            2: _degrees(lat),
            3: "E" if lonlat[0] >= 0 else "W",
            4: _degrees(lon),
        }
    )
    told = io.BytesIO()
    image.save(told, "JPEG", quality=70, exif=exif)
    return told.getvalue()


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(number) for number in rng.integers(30, 226, 3))
    return red, green, blue


def _degrees(value: float) -> tuple[float, float, float]:
    minutes = value % 1 * 60
    return float(int(value)), float(int(minutes)), round(minutes % 1 * 60, 3)

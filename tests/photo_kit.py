"""Photos as phones make them, and as nobody should: real files, written by Pillow or byte by byte."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from datetime import datetime

SCRIPT = "<script>window.hacked=1</script>"


def scene(seed: int, width: int = 640, height: int = 480) -> Image.Image:
    """A picture of its own: soft shapes, as photos have them, and some noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)
    soft = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    noise = rng.normal(0, 6, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(soft) + noise, 0, 255).astype(np.uint8))


def exif_of(
    *,
    taken: datetime | None = None,
    zone_told: bool = True,
    place: tuple[float, float] | None = None,
    make: str = "HUAWEI",
    model: str = "P60",
    software: str = "",
    orientation: int = 1,
) -> Image.Exif:
    """What a camera writes; `taken` in its own zone, `place` as (lon, lat)."""
    exif = Image.Exif()
    if make:
        exif[0x010F] = make
    if model:
        exif[0x0110] = model
    if software:
        exif[0x0131] = software
    exif[0x0112] = orientation
    if taken is not None:
        inner: dict[int, Any] = {0x9003: f"{taken:%Y:%m:%d %H:%M:%S}"}
        if zone_told:
            inner[0x9011] = f"{taken:%z}"[:3] + ":" + f"{taken:%z}"[3:]
        exif._ifds[0x8769] = inner
    if place is not None:
        lon, lat = place
        exif._ifds[0x8825] = {
            1: "N" if lat >= 0 else "S",
            2: _parts(abs(lat)),
            3: "E" if lon >= 0 else "W",
            4: _parts(abs(lon)),
        }
    return exif


def jpeg(seed: int = 1, *, size: tuple[int, int] = (640, 480), quality: int = 90, **written: Any) -> bytes:
    """A JPEG with what a camera writes; see `exif_of`."""
    return encode(scene(seed, *size), "JPEG", quality=quality, exif=exif_of(**written))


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file."""
    held = io.BytesIO()
    image.save(held, kind, **options)
    return held.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG of so many pixels, all of one colour: a small file that unpacks to as much as it says."""
    rows = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    body = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _parts(angle: float) -> tuple[float, float, float]:
    minutes = angle % 1 * 60
    return float(int(angle)), float(int(minutes)), round(minutes % 1 * 60, 4)

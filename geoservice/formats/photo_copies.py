"""A photo opened inside the child process: what it is, what its camera wrote, and the copies that may be shown."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import imagehash
import numpy as np
from PIL import Image, ImageOps

from geoservice.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoservice.formats.tables import Limits

MOST_PIXELS = 40_000_000
LONGEST_SIDE, SMALL_SIDE = 1600, 320
LARGE_NAME, SMALL_NAME = "large.jpg", "small.jpg"
QUALITY, SMALL_QUALITY = 85, 78
LONGEST_TEXT = 80
# A picture of one colour has no features to be known by: its perceptual hash would be noise.
LEAST_CONTRAST = 4.0
MEDIA_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
MAKE, MODEL, SOFTWARE, EXIF, GPS = 0x010F, 0x0110, 0x0131, 0x8769, 0x8825
TAKEN, TAKEN_OFFSET = 0x9003, 0x9011
LAT_SIDE, LAT, LON_SIDE, LON = 1, 2, 3, 4
CREATOR = re.compile(rb"CreatorTool(?:>|=[\"'])([^<\"']{1,80})")
OFFSET = re.compile(r"[+-]\d\d:\d\d")


def read_photo(request: Mapping[str, Any], _limits: Limits) -> dict[str, Any]:
    """Write the copies of a photo into the answer's folder; return what it is and what its camera wrote.

    InvalidFile when it is none of the kinds we take, damaged, or has too many pixels.
    """
    path, name = Path(request["path"]), request["name"]
    _refuse_other_kinds(path, name)
    Image.MAX_IMAGE_PIXELS = (
        None  # the header is read without it, so that the answer can say how many there are
    )
    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise InvalidFile(
                    "photo_too_many_pixels",
                    width=width,
                    height=height,
                    megapixels=math.ceil(width * height / 1e6),
                    most=MOST_PIXELS // 1_000_000,
                )
            Image.MAX_IMAGE_PIXELS = MOST_PIXELS
            small = _write(_upright(image), Path(request["answer"]))
            return {
                **_said(image, ZoneInfo(request["timezone"])),
                "media_type": MEDIA_TYPES[str(image.format)],
                "width": width,
                "height": height,
                "phash": _print(small),
            }
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        KeyError,
        Image.DecompressionBombError,
    ) as error:
        raise InvalidFile("photo_damaged", file=name) from error


def _refuse_other_kinds(path: Path, name: str) -> None:
    with path.open("rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        raise InvalidFile("photo_heic", file=name)
    known = head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
        head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    )
    if not known:
        raise InvalidFile("photo_kind_unknown", file=name)


def _upright(image: Image.Image) -> Image.Image:
    """The first picture as it is to be looked at, no larger than needed; a JPEG is decoded small to begin with."""
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    shown = image
    if image.mode in {"RGBA", "LA", "P", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        shown = Image.new("RGB", clear.size, "white")
        shown.paste(clear, mask=clear.getchannel("A"))
    elif image.mode != "RGB":
        shown = image.convert("RGB")
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    orientation = image.getexif().get(0x0112, 1)
    turned = Image.new("RGB", shown.size)
    turned.paste(shown)
    turned.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(turned)


def _write(upright: Image.Image, folder: Path) -> Image.Image:
    """Save both copies, with nothing in them but the picture; return the small one."""
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    bare.save(folder / LARGE_NAME, "JPEG", quality=QUALITY, optimize=True)
    bare.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    bare.save(folder / SMALL_NAME, "JPEG", quality=SMALL_QUALITY, optimize=True)
    return bare


def _print(small: Image.Image) -> int | None:
    if float(np.asarray(small.convert("L"), dtype=float).std()) < LEAST_CONTRAST:
        return None
    bits = np.asarray(imagehash.phash(small).hash, dtype=bool).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def _said(image: Image.Image, zone: ZoneInfo) -> dict[str, Any]:
    """What the camera wrote; what can't be read counts as not written."""
    exif = image.getexif()
    taken = exif.get_ifd(EXIF)
    place = _place(exif.get_ifd(GPS))
    maker, model = _text(exif.get(MAKE)), _text(exif.get(MODEL))
    moment = _moment(_text(taken.get(TAKEN)), _text(taken.get(TAKEN_OFFSET)), zone)
    return {
        "taken_at": moment.isoformat() if moment else None,
        "lon": place[0] if place else None,
        "lat": place[1] if place else None,
        "camera": model if model.casefold().startswith(maker.casefold()) else f"{maker} {model}".strip(),
        "software": _text(exif.get(SOFTWARE)) or _creator(image),
    }


def _creator(image: Image.Image) -> str:
    found = CREATOR.search(image.info.get("xmp", b"")[: 1 << 16])
    return _text(found[1]) if found else ""


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    return "".join(letter for letter in value if letter.isprintable() and letter != "\ufffd").strip()[
        :LONGEST_TEXT
    ]


def _moment(written: str, offset: str, zone: ZoneInfo) -> datetime | None:
    """When it was taken; a camera that tells no zone is one of this city."""
    try:
        wall = datetime.strptime(written, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - its zone comes next
        if OFFSET.fullmatch(offset):
            return datetime.fromisoformat(f"{wall.isoformat()}{offset}").astimezone(UTC)
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    """(lon, lat) in WGS 84; None where it is told by half, is no place on Earth, or the null that cameras write without a fix."""
    lat, lon = _degrees(gps.get(LAT), gps.get(LAT_SIDE), "S"), _degrees(gps.get(LON), gps.get(LON_SIDE), "W")
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180 or (lat == 0 and lon == 0):
        return None
    return lon, lat


def _degrees(parts: Any, side: Any, negative: str) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    angle = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(angle):
        return None
    return -angle if _text(side).upper() == negative else angle

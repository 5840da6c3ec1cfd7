"""The font that drawings and sheets are set in: Chinese, with outlines that a PDF can hold a part of."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from geoservice.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
)
TRUETYPE = frozenset({b"\x00\x01\x00\x00", b"true"})
COLLECTION = b"ttcf"


@cache
def chinese_font() -> Path:
    """The first Chinese TrueType font of this machine; of a collection its first face counts.

    Raises ServiceUnavailable where there is none: fonts with PostScript outlines cannot be embedded in part.
    """
    for path in (*map(Path, USUAL), *_listed()):
        if path.is_file() and _has_outlines(path):
            return path
    raise ServiceUnavailable("chinese_font_missing")


def _listed() -> Iterator[Path]:
    """What fontconfig knows."""
    program = shutil.which("fc-list")
    if program:
        found = subprocess.run(
            [program, ":lang=zh-cn", "file"], capture_output=True, text=True, timeout=20, check=False
        )
        yield from (Path(line.split(":")[0]) for line in sorted(found.stdout.splitlines()))


def _has_outlines(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(16)
        if head[:4] == COLLECTION:
            stream.seek(int.from_bytes(head[12:16], "big"))
            head = stream.read(4)
    return head[:4] in TRUETYPE

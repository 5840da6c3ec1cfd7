"""The pictures of the READMEs: what a window shows of a few pages, small enough to be kept with the text."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from scripts.shots.camera import LANGUAGES, SIZES, settle

if TYPE_CHECKING:
    from scripts.shots.camera import Camera
    from scripts.shots.city import City

FOLDER = Path(__file__).resolve().parents[2] / "static/img"
MOST_BYTES = 150_000

# (name, role, path, size)
VIEWS = (
    ("city", "dispatcher", "/dispatch/map?days=7", "1440"),
    ("leader", "leader", "/leader/?days=7", "390"),
    ("plan", "dispatcher", "/dispatch/plans/1", "1440"),
)


def take_readme(camera: Camera, city: City) -> None:
    """Write `readme-NAME.LANGUAGE.webp` for each view."""
    for language, short in LANGUAGES.items():
        for name, role, path, size in VIEWS:
            context = camera.window(city, role, language, "light", SIZES[size])
            tab = context.new_page()
            tab.goto(f"{city.url}{path}")
            settle(tab)
            _write(tab.screenshot(), FOLDER / f"readme-{name}.{short}.webp")
            context.close()


def _write(picture: bytes, path: Path) -> None:
    """As good as fits into so many bytes."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for quality in (85, 75, 65, 50, 35):
        written = io.BytesIO()
        image.save(written, "WEBP", quality=quality, method=6)
        if written.tell() <= MOST_BYTES:
            break
    path.write_bytes(written.getvalue())

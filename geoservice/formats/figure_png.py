"""A drawing as a PNG, painted larger than asked for and made smaller, so that its edges are smooth."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from geoservice.domain.drawing import Areas, Lines
from geoservice.formats.fonts import chinese_font

if TYPE_CHECKING:
    from geoservice.domain.drawing import Drawing, Path, Words

MM_PER_INCH = 25.4
LARGER = 2
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def draw_png(drawing: Drawing, dpi: int = 200, notes: dict[str, str] | None = None) -> bytes:
    """Paint a drawing; `notes` are kept in the file as texts."""
    scale = dpi / MM_PER_INCH * LARGER
    size = (round(drawing.width_mm * scale), round(drawing.height_mm * scale))
    painter = _Painter(Image.new("RGB", size, "#ffffff"), scale)
    for item in drawing.items:
        if isinstance(item, Areas):
            painter.areas(item)
        elif isinstance(item, Lines):
            painter.lines(item)
        else:
            painter.words(item)
    image = painter.image.resize((size[0] // LARGER, size[1] // LARGER), Image.Resampling.BOX)
    info = PngImagePlugin.PngInfo()
    for name, text in (notes or {}).items():
        info.add_itxt(name, text)
    out = BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True, dpi=(dpi, dpi), pnginfo=info
    )
    return out.getvalue()


class _Painter:
    """An image and how many of its pixels are a millimetre."""

    def __init__(self, image: Image.Image, scale: float) -> None:
        self.image = image
        self._scale = scale
        self._draw = ImageDraw.Draw(image)
        self._fonts: dict[int, ImageFont.FreeTypeFont] = {}

    def areas(self, item: Areas) -> None:
        """Paint polygons, then their edges."""
        for rings in item.polygons:
            if item.fill is not None:
                self._fill(rings, item.fill)
        if item.edge is not None and item.width_mm > 0:
            width = self._width(item.width_mm)
            for rings in item.polygons:
                for ring in rings:
                    self._stroke(np.vstack([ring, ring[:2]]), item.edge, width)

    def lines(self, item: Lines) -> None:
        """Paint open paths."""
        width = self._width(item.width_mm)
        for path in item.paths:
            self._stroke(path, item.colour, width)

    def words(self, item: Words) -> None:
        """Paint a line of text."""
        size = max(round(item.size_mm * self._scale), 4)
        if size not in self._fonts:
            self._fonts[size] = ImageFont.truetype(str(chinese_font()), size, index=0)
        place = (item.x * self._scale, item.y * self._scale)
        self._draw.text(place, item.text, item.colour, self._fonts[size], ANCHORS[item.anchor])

    def _fill(self, rings: tuple[Path, ...], colour: str) -> None:
        if len(rings) == 1:
            self._draw.polygon(self._places(rings[0]), fill=colour)
            return
        # A hole shows what lies below, so only what is between the rings is pasted.
        low, high = rings[0].min(axis=0), rings[0].max(axis=0)
        corner = np.floor(low * self._scale).astype(int)
        width, height = (np.ceil(high * self._scale).astype(int) - corner + 1).tolist()
        mask = Image.new("1", (width, height), 0)
        pen = ImageDraw.Draw(mask)
        for number, ring in enumerate(rings):
            places = (ring * self._scale - corner).ravel().tolist()
            pen.polygon(places, fill=int(number == 0))
        self.image.paste(colour, tuple(corner.tolist()), mask)

    def _stroke(self, path: Path, colour: str, width: int) -> None:
        if len(path) > 1:
            self._draw.line(
                self._places(path), fill=colour, width=width, joint="curve" if width > 3 else None
            )

    def _places(self, path: Path) -> list[float]:
        places: list[float] = (path * self._scale).ravel().tolist()
        return places

    def _width(self, width_mm: float) -> int:
        return max(round(width_mm * self._scale), 1)

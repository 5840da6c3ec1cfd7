"""A drawing on the page of a PDF, and a PDF of one drawing."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from geoservice.domain.drawing import Areas, Lines
from geoservice.formats.fonts import chinese_font

if TYPE_CHECKING:
    from geoservice.domain.drawing import Drawing, Path, Words

EVEN_ODD = 0
FONT = "Chinese"


def new_canvas(out: BytesIO, title: str, lang: str, size: tuple[float, float]) -> Canvas:
    """A PDF to draw on, its size in mm; the same input gives the same bytes."""
    register_font()
    canvas = Canvas(out, pagesize=(size[0] * mm, size[1] * mm), invariant=1, lang=lang, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("GeoService")
    return canvas


def figure_pdf(drawing: Drawing, title: str, lang: str, foot: str) -> bytes:
    """One drawing on a page of its own size, with a margin and a line of small print."""
    out, margin = BytesIO(), 10.0
    size = (drawing.width_mm + 2 * margin, drawing.height_mm + 2 * margin + 12)
    canvas = new_canvas(out, title, lang, size)
    canvas.setFont(FONT, 13)
    canvas.drawString(margin * mm, (size[1] - margin - 4) * mm, title)
    put_drawing(canvas, drawing, margin, margin + 8, size[1])
    canvas.setFont(FONT, 6.5)
    canvas.drawString(margin * mm, (margin - 3) * mm, foot)
    canvas.save()
    return out.getvalue()


def put_drawing(canvas: Canvas, drawing: Drawing, left: float, top: float, page_height: float) -> None:
    """Draw at `left`, `top` mm from the upper left corner of a page."""
    canvas.saveState()
    canvas.translate(left * mm, (page_height - top) * mm)
    canvas.scale(mm, mm)
    canvas.setLineJoin(1)
    for item in drawing.items:
        if isinstance(item, Areas):
            _areas(canvas, item)
        elif isinstance(item, Lines):
            _lines(canvas, item)
        else:
            _words(canvas, item)
    canvas.restoreState()


@cache
def register_font() -> None:
    """Let PDFs be set in the Chinese font; each holds only the letters it shows."""
    pdfmetrics.registerFont(TTFont(FONT, str(chinese_font()), subfontIndex=0))


def _areas(canvas: Canvas, item: Areas) -> None:
    if item.fill is not None:
        canvas.setFillColor(HexColor(item.fill))
    has_edge = item.edge is not None and item.width_mm > 0
    if has_edge:
        canvas.setStrokeColor(HexColor(item.edge))
        canvas.setLineWidth(item.width_mm)
    for rings in item.polygons:
        path = canvas.beginPath()
        for ring in rings:
            _trace(path, ring)
            path.close()
        canvas.drawPath(path, stroke=int(has_edge), fill=int(item.fill is not None), fillMode=EVEN_ODD)


def _lines(canvas: Canvas, item: Lines) -> None:
    canvas.setStrokeColor(HexColor(item.colour))
    canvas.setLineWidth(item.width_mm)
    path = canvas.beginPath()
    for places in item.paths:
        _trace(path, places)
    if item.paths:
        canvas.drawPath(path, stroke=1, fill=0)


def _words(canvas: Canvas, item: Words) -> None:
    canvas.setFillColor(HexColor(item.colour))
    canvas.setFont(FONT, item.size_mm)
    draw = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}
    draw[item.anchor](item.x, -item.y, item.text)


def _trace(path: object, places: Path) -> None:
    (x, y), *rest = places.tolist()
    path.moveTo(x, -y)  # type: ignore[attr-defined]
    for x, y in rest:
        path.lineTo(x, -y)  # type: ignore[attr-defined]

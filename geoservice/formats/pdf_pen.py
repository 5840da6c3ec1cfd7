"""A pen that writes on a page of A4 in millimetres from its upper left corner, in a Chinese font, cut or broken to fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth

from geoservice.formats.figure_pdf import FONT

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

A4 = (210.0, 297.0)
MOST = 186.0
"""How wide a line may be between margins of 12 mm."""
INK, SOFT, EDGE = "#16252c", "#54646b", "#c4ccc8"
BODY = 8.6
"""Height of letters in points."""
# Latin words stay whole, Chinese breaks anywhere but before what ends a clause.
_ENDS = "[\u3001\u3002\uff0c\uff1a\uff1b\uff01\uff1f\uff09\u300b\u201d\u2026]*"
_PIECE = re.compile(rf"\s+|[!-~\u00a0-\u024f]+{_ENDS}|.{_ENDS}", re.DOTALL)


class Pen:
    """Writes on the page of a canvas that is the current one."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def write(
        self, x: float, y: float, text: str, size: float = BODY, *, most: float = MOST, colour: str = INK
    ) -> None:
        """Write a line, cut to fit."""
        self._take(size, colour)
        self.canvas.drawString(x * mm, (A4[1] - y) * mm, fitted(text, size, most))

    def write_at_end(self, x: float, y: float, text: str, size: float, colour: str = SOFT) -> None:
        """Write a line that ends at `x`."""
        self._take(size, colour)
        self.canvas.drawRightString(x * mm, (A4[1] - y) * mm, text)

    def write_amid(self, x: float, y: float, text: str, size: float, colour: str = INK) -> None:
        """Write a line whose middle is at `x`."""
        self._take(size, colour)
        self.canvas.drawCentredString(x * mm, (A4[1] - y) * mm, text)

    def rule(self, x: float, y: float, wide: float, colour: str = EDGE) -> None:
        """Draw a hairline."""
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.setLineWidth(0.5)
        self.canvas.line(x * mm, (A4[1] - y) * mm, (x + wide) * mm, (A4[1] - y) * mm)

    def bar(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        """Fill a box whose foot is at `y`."""
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.rect(x * mm, (A4[1] - y) * mm, wide * mm, high * mm, stroke=0, fill=1)

    def frame(self, x: float, y: float, wide: float, high: float, colour: str = INK) -> None:
        """Draw the edges of a box whose head is at `y`."""
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.setLineWidth(0.7)
        self.canvas.rect(x * mm, (A4[1] - y - high) * mm, wide * mm, high * mm, stroke=1, fill=0)

    def _take(self, size: float, colour: str) -> None:
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.setFont(FONT, size)


def fitted(text: str, size: float, most: float) -> str:
    """Return a line cut to `most` mm, with an ellipsis where something is gone."""
    room = most * mm
    if stringWidth(text, FONT, size) <= room:
        return text
    while text and stringWidth(text + "…", FONT, size) > room:
        text = text[:-1]
    return text + "…"


def broken(text: str, size: float, most: float) -> list[str]:
    """Return a text as lines of at most `most` mm; each of its own lines begins a new one."""
    return [line for given in text.split("\n") for line in _lines(given, size, most * mm)]


def _lines(text: str, size: float, room: float) -> list[str]:
    lines, line, used = [], "", 0.0
    for piece in _pieces(text, size, room):
        wide = stringWidth(piece, FONT, size)
        if line and used + wide > room:
            lines.append(line.rstrip())
            line, used = "", 0.0
            if piece.isspace():
                continue
        line, used = line + piece, used + wide
    return [*lines, line.rstrip()]


def _pieces(text: str, size: float, room: float) -> list[str]:
    """What stays together; what is too wide for a line comes letter by letter."""
    found: list[str] = []
    for piece in _PIECE.findall(text):
        found += [piece] if stringWidth(piece, FONT, size) <= room else list(piece)
    return found

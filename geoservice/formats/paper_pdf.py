"""Forms as PDF: one page of A4 each, however much is to be said, set in a Chinese font of which the file holds what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from geoservice.formats.figure_pdf import new_canvas
from geoservice.formats.pdf_pen import A4, Pen, broken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoservice.formats.paper_document import Box, Paper

LEFT, WIDE, TOP, FOOT = 15.0, 180.0, 12.0, 285.0
LABEL, PAD = 27.0, 1.9
BLACK, GREY, VOID = "#000000", "#333333", "#b3261e"
BANDS = {
    "reminder": ("#3a6ea5", "#ffffff"),
    "green": ("#24724e", "#ffffff"),
    "yellow": ("#d9a300", "#000000"),
    "red": ("#b3261e", "#ffffff"),
    "talk": ("#5b2a86", "#ffffff"),
}
POINT_MM = 25.4 / 72
LINE, BASE = 1.42 * POINT_MM, 0.42 * POINT_MM
"""Height of a line, and how far its letters stand above its foot, in mm a point of their height."""
SIZES = (10.5, 9.5, 8.5, 7.5, 6.5, 5.5)
"""Heights of letters in points: the largest with which everything fits is taken."""


def papers_pdf(papers: Iterable[Paper], title: str, lang: str) -> bytes:
    """Return forms as one PDF, a page each."""
    out = BytesIO()
    canvas = new_canvas(out, title, lang, A4)
    for number, paper in enumerate(papers):
        canvas.bookmarkPage(f"paper-{number}")
        canvas.addOutlineEntry(f"{paper.title} {paper.facts[0]}", f"paper-{number}", 0)
        _page(Pen(canvas), paper)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@dataclass(frozen=True)
class _Line:
    """A line of a box: its words, how high their letters are, and how far in it stands."""

    text: str
    size: float
    indent: float = 0.0

    @property
    def high(self) -> float:
        return self.size * LINE


def _page(pen: Pen, paper: Paper) -> None:
    top = _head(pen, paper)
    room = FOOT - 4 - top
    size = next((size for size in SIZES if sum(_heights(paper, size)) <= room), SIZES[-1])
    heights = _heights(paper, size)
    heights[-1] += max(room - sum(heights), 0.0)
    for boxes, high in zip(paper.rows, heights, strict=True):
        _row(pen, boxes, (top, high), size)
        top += high
    pen.write(LEFT, FOOT, paper.foot, 7.5, most=WIDE, colour=GREY)


def _head(pen: Pen, paper: Paper) -> float:
    """Write what stands above the table; return where that begins."""
    ground, ink = BANDS[paper.kind]
    pen.bar(LEFT, TOP + 8, WIDE, 8, ground)
    pen.write_at_end(LEFT + WIDE - 4, TOP + 5.4, paper.band, 11, ink)
    pen.write_amid(LEFT + WIDE / 2, TOP + 20, paper.title, 20, BLACK)
    number, issued = paper.facts
    pen.write(LEFT, TOP + 29, number, 10.5, most=WIDE / 2, colour=BLACK)
    pen.write_at_end(LEFT + WIDE, TOP + 29, issued, 10.5, BLACK)
    if not paper.void:
        return TOP + 32
    pen.frame(LEFT, TOP + 32, WIDE, 8, VOID)
    pen.write(LEFT + 3, TOP + 37.2, paper.void, 10.5, most=WIDE - 6, colour=VOID)
    return TOP + 42


def _heights(paper: Paper, size: float) -> list[float]:
    return [
        max(max(_height(box, size, _room(boxes)), box.room_mm) for box in boxes) + 2 * PAD
        for boxes in paper.rows
    ]


def _room(boxes: tuple[Box, ...]) -> float:
    """How wide the words of a row's boxes may be."""
    return WIDE / len(boxes) - LABEL - 2 * PAD


def _height(box: Box, size: float, room: float) -> float:
    signs = size * LINE if box.signs else 0.0
    return sum(line.high for line in [*_words(box, size, room), *_seal(box, size)]) + signs


def _words(box: Box, size: float, room: float) -> list[_Line]:
    lines, indent = [], 1.2 * size * POINT_MM
    for number, step in enumerate(box.steps, 1):
        first, *rest = broken(step, size, room - indent)
        lines += [_Line(f"{number}. {first}", size), *(_Line(line, size, indent) for line in rest)]
    parts = ((box.strong, size), (box.text, size), (box.small, size * 0.9))
    return lines + [_Line(line, each) for words, each in parts if words for line in broken(words, each, room)]


def _seal(box: Box, size: float) -> list[_Line]:
    return [_Line(line, size * 1.15) for line in box.seal]


def _row(pen: Pen, boxes: tuple[Box, ...], place: tuple[float, float], size: float) -> None:
    (top, high), wide = place, WIDE / len(boxes)
    for number, box in enumerate(boxes):
        left = LEFT + number * wide
        pen.frame(left, top, LABEL, high, BLACK)
        pen.frame(left + LABEL, top, wide - LABEL, high, BLACK)
        labels = broken(box.label, size, LABEL - 2)
        y = top + (high - len(labels) * size * LINE) / 2
        for label in labels:
            y += size * LINE
            pen.write_amid(left + LABEL / 2, y - size * BASE, label, size, BLACK)
        _fill(pen, box, (left + LABEL + PAD, top, high), _room(boxes), size)


def _fill(pen: Pen, box: Box, place: tuple[float, float, float], room: float, size: float) -> None:
    left, top, high = place
    lines, seal = _words(box, size, room), _seal(box, size)
    told = sum(line.high for line in [*lines, *seal])
    y = top + PAD if box.signs or box.room_mm else top + (high - told) / 2
    for line in lines:
        y += line.high
        pen.write(left + line.indent, y - line.size * BASE, line.text, line.size, colour=BLACK)
    for line in seal:
        y += line.high
        pen.write_amid(left + room - 32, y - line.size * BASE, line.text, line.size, BLACK)
    for number, sign in enumerate(box.signs):
        x = left + number * room / 2
        pen.write(x, top + high - PAD - 1, sign, size, most=room / 2 - 2, colour=BLACK)

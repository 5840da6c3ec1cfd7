"""Sheets as PDF: one page of A4 each, a bookmark each, set in a Chinese font of which the file holds what it shows."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm

from geoservice.formats.figure_pdf import new_canvas, put_drawing
from geoservice.formats.pdf_pen import A4, BODY, INK, SOFT, Pen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoservice.formats.sheet_document import Figure, Sheet, SheetTable, Trend

LEFT, WIDE, TOP = 12.0, 186.0, 11.0
BAR, UNKNOWN = "#1f6280", "#e4e6ea"
LIGHTS = {"good": "#24724e", "fair": "#8a5a00", "poor": "#b3261e", "none": "#54646b"}
FIGURES_MM = (44.0, 38.0, 20.0, 26.0, 29.0, 29.0)
"""The rate comes with a light and words, areas with units: they need more room."""
ROW_MM, SMALL, LARGE = 4.55, 7.6, 12.5
"""Heights of a table's row in mm, and of letters in points."""


class SheetBook:
    """A PDF that grows by a page a sheet; `close` returns it."""

    def __init__(self, title: str, lang: str) -> None:
        self._out = BytesIO()
        self._canvas = new_canvas(self._out, title, lang, A4)
        self._pages = 0

    def add(self, sheet: Sheet) -> None:
        """Put a sheet on the next page, under a bookmark of its title."""
        key = f"sheet-{self._pages}"
        self._canvas.bookmarkPage(key)
        self._canvas.addOutlineEntry(sheet.title, key, 0)
        _page(Pen(self._canvas), sheet)
        self._canvas.showPage()
        self._pages += 1

    def close(self) -> bytes:
        """Finish the file."""
        self._canvas.save()
        return self._out.getvalue()


def sheets_pdf(sheets: Iterable[Sheet], title: str, lang: str) -> bytes:
    """Return sheets as one PDF."""
    book = SheetBook(title, lang)
    for sheet in sheets:
        book.add(sheet)
    return book.close()


def _light(pen: Pen, x: float, y: float, light: str) -> None:
    """Draw a traffic light: disc, triangle, octagon or ring, so that its form says what its colour does."""
    canvas, up = pen.canvas, (A4[1] - y) * mm
    canvas.setFillColor(HexColor(LIGHTS[light]))
    canvas.setStrokeColor(HexColor(LIGHTS[light]))
    canvas.setLineWidth(1)
    if light in {"good", "none"}:
        canvas.circle((x + 2) * mm, up + 1.4 * mm, 1.9 * mm, stroke=1, fill=int(light == "good"))
        return
    corners = {
        "fair": ((0, -0.4), (2, 3.2), (4, -0.4)),
        "poor": (
            (1.2, -0.5),
            (2.8, -0.5),
            (4, 0.7),
            (4, 2.3),
            (2.8, 3.5),
            (1.2, 3.5),
            (0, 2.3),
            (0, 0.7),
        ),
    }[light]
    path = canvas.beginPath()
    path.moveTo((x + corners[0][0]) * mm, up + corners[0][1] * mm)
    for right, above in corners[1:]:
        path.lineTo((x + right) * mm, up + above * mm)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _page(pen: Pen, sheet: Sheet) -> None:
    """Everything stands at a fixed height and is cut to its room, so that a sheet is one page whatever it says."""
    pen.write(LEFT, TOP + 6, sheet.title, 16, most=WIDE - 62)
    pen.write_at_end(LEFT + WIDE, TOP + 3.2, sheet.subtitle, 9, INK)
    pen.write_at_end(LEFT + WIDE, TOP + 7.4, " · ".join(sheet.facts), 7)
    pen.rule(LEFT, TOP + 9.5, WIDE, INK)
    _figures(pen, sheet.figures, TOP + 11)
    _trend(pen, sheet.trend, TOP + 29)
    put_drawing(pen.canvas, sheet.drawing, LEFT, TOP + 49, A4[1])
    below = TOP + 49 + sheet.drawing.height_mm + 4
    _table(pen, sheet.gaps, LEFT, below, 112)
    _table(pen, sheet.overdue, LEFT + 117, below, 69)
    _contacts(pen, sheet.contacts, below + ROW_MM * 12 + 3.5)
    pen.rule(LEFT, A4[1] - 11.5, WIDE)
    pen.write(LEFT, A4[1] - 8, sheet.foot, 6.5, colour=SOFT)


def _figures(pen: Pen, figures: tuple[Figure, ...], top: float) -> None:
    x = LEFT
    for one, room in zip(figures, FIGURES_MM, strict=True):
        wide, indent = room - 2, 6.0 if one.light else 0.0
        pen.write(x, top + 3.5, one.label, SMALL, most=wide, colour=SOFT)
        if one.light:
            _light(pen, x, top + 9.2, one.light)
        pen.write(x + indent, top + 9.5, one.value, LARGE, most=wide - indent)
        pen.write(x, top + 14, one.note, SMALL, most=wide, colour=SOFT)
        x += room


def _trend(pen: Pen, trend: Trend, top: float) -> None:
    pen.write(LEFT, top + 3, trend.heading, SMALL, colour=SOFT)
    foot, high, count = top + 15, 10.5, max(len(trend.rates), 1)
    step = min(WIDE / count, 16.0)
    pen.rule(LEFT, foot, step * count)
    for number, rate in enumerate(trend.rates):
        x = LEFT + number * step + step * 0.12
        if rate is None:
            pen.bar(x, foot, step * 0.76, 0.6, UNKNOWN)
        else:
            pen.bar(x, foot, step * 0.76, max(rate * high, 0.25), BAR)
    if trend.rates:
        pen.write(LEFT, foot + 3, trend.first, 6.2, colour=SOFT)
        if len(trend.rates) > 1:
            pen.write_at_end(max(LEFT + step * count, LEFT + 34), foot + 3, trend.last, 6.2)


def _table(pen: Pen, table: SheetTable, left: float, top: float, wide: float) -> None:
    pen.write(left, top + 2.6, table.heading, BODY, most=wide)
    y = top + ROW_MM + 2.2
    if table.rows:
        _row(pen, table.columns, table.shares, (left, y, wide), SOFT)
    for row in table.rows:
        pen.rule(left, y + 1.25, wide)
        y += ROW_MM
        _row(pen, row, table.shares, (left, y, wide), INK)
    if table.note:
        pen.write(left, y + ROW_MM if table.rows else y, table.note, SMALL, most=wide, colour=SOFT)


def _row(
    pen: Pen,
    cells: tuple[str, ...],
    shares: tuple[float, ...],
    place: tuple[float, float, float],
    colour: str,
) -> None:
    x, y, wide = place
    for cell, share in zip(cells, shares, strict=True):
        pen.write(x, y, cell, SMALL, most=share * wide - 1.5, colour=colour)
        x += share * wide


def _contacts(pen: Pen, table: SheetTable, top: float) -> None:
    """Those who answer, in two columns."""
    heading = f"{table.heading} {table.note}".strip()
    pen.write(LEFT, top + 2.6, heading, BODY)
    for number, row in enumerate(table.rows):
        x = LEFT + (number % 2) * (WIDE / 2)
        y = top + 2.6 + ROW_MM * (1 + number // 2)
        _row(pen, row, table.shares, (x, y, WIDE / 2 - 4), INK)

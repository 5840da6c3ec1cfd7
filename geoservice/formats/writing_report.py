"""A report as an Excel workbook: a sheet a part, every share beside its numerator and denominator, no cell a formula."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import xlsxwriter

from geoservice.formats.report_document import Kind, Share
from geoservice.formats.writing_tables import LETTERS_OF_A_CELL, SAFE

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.formats.report_document import Cell, Column, Document, Part

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
WIDEST, NARROWEST = 40, 10
FONT = "Microsoft YaHei"


def write_report_workbook(path: Path, document: Document) -> None:
    """Write a report; its first sheet holds title, notes and remarks."""
    with xlsxwriter.Workbook(str(path), {**SAFE, "tmpdir": str(path.parent)}) as book:
        formats = _formats(book)
        names: set[str] = set()
        _cover(book.add_worksheet(_sheet_name(document.title, names)), document, formats)
        for part in document.parts:
            if part.table is not None:
                _sheet(book.add_worksheet(_sheet_name(part.title, names)), part, document, formats)


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": FONT, "font_size": 10}
    return {
        "title": book.add_format({**base, "bold": True, "font_size": 16}),
        "plain": book.add_format({**base, "text_wrap": True, "valign": "top"}),
        "head": book.add_format(
            {**base, "bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True}
        ),
        "text": book.add_format({**base, "num_format": "@"}),
        "number": book.add_format({**base, "num_format": "#,##0.##"}),
        "share": book.add_format({**base, "num_format": "0.0%"}),
        "none": book.add_format({**base, "font_color": "#767676"}),
    }


def _cover(sheet: Any, document: Document, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, document.title, formats["title"])
    lines = [document.subtitle, *document.foot]
    for part in document.parts:
        lines += ["", part.title, *part.notes] if part.notes else []
    for row, line in enumerate(lines, 1):
        sheet.write_string(row, 0, line[:LETTERS_OF_A_CELL], formats["plain"])


def _sheet(sheet: Any, part: Part, document: Document, formats: dict[str, Any]) -> None:
    assert part.table is not None
    place = 0
    for number, column in enumerate(part.table.columns):
        for header in _headers(column, document):
            sheet.write_string(0, place, header, formats["head"])
            place += 1
        _fill(
            sheet, place - _width(column), column, [row[number] for row in part.table.rows], document, formats
        )
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(part.table.rows), 1), place - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _headers(column: Column, document: Document) -> tuple[str, ...]:
    if column.kind is not Kind.SHARE:
        return (column.header,)
    words = document.words
    return (column.header, f"{column.header} · {words.numerator}", f"{column.header} · {words.denominator}")


def _width(column: Column) -> int:
    return 3 if column.kind is Kind.SHARE else 1


def _fill(
    sheet: Any, place: int, column: Column, cells: list[Cell], document: Document, formats: dict[str, Any]
) -> None:
    for row, cell in enumerate(cells, 1):
        if isinstance(cell, Share):
            _write(sheet, row, place, cell.value, "share", document, formats)
            sheet.write_number(row, place + 1, cell.numerator, formats["number"])
            sheet.write_number(row, place + 2, cell.denominator, formats["number"])
        else:
            _write(sheet, row, place, cell, "number", document, formats)
    texts = [column.header, *(cell for cell in cells if isinstance(cell, str))]
    longest = max(sum(1 if letter.isascii() else 2 for letter in one) for one in texts)
    sheet.set_column(place, place + _width(column) - 1, min(max(longest + 2, NARROWEST), WIDEST))


def _write(  # noqa: PLR0913 - a cell and where it stands
    sheet: Any,
    row: int,
    place: int,
    cell: str | float | None,
    kind: str,
    document: Document,
    formats: dict[str, Any],
) -> None:
    if cell is None:
        sheet.write_string(row, place, document.words.none, formats["none"])
    elif isinstance(cell, str):
        sheet.write_string(row, place, cell[:LETTERS_OF_A_CELL], formats["text"])
    else:
        sheet.write_number(row, place, cell, formats[kind])


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a name that Excel takes and no sheet has yet."""
    base = _FORBIDDEN.sub(" ", title).strip("' ")[:28] or "-"
    name, number = base, 2
    while name.casefold() in taken:
        name, number = f"{base} {number}", number + 1
    taken.add(name.casefold())
    return name

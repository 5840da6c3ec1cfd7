"""The user's own rows back in Excel, with what is wrong with each before them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xlsxwriter

from geoservice.formats.writing_tables import LETTERS_OF_A_CELL, ROWS_OF_A_SHEET, SAFE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COMMENTS_MOST = 5_000


@dataclass(frozen=True)
class Marked:
    """A row as the file has it, what is said of it, and column → what is wrong there. `is_bad`: it was not taken."""

    cells: Sequence[Any]
    said: str
    faults: dict[str, str]
    is_bad: bool = True


@dataclass(frozen=True)
class MarkedSheet:
    """The rows of one file or sheet under its own header."""

    title: str
    fields: Sequence[str]
    rows: Sequence[Marked]


def write_marked_rows(path: Path, sheets: Sequence[MarkedSheet], added: str, note: str) -> None:
    """Write each file's rows on a sheet; `added` is the header of the first column, `note` says what the colours mean."""
    with xlsxwriter.Workbook(str(path), SAFE) as book:
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1}),
            "bad": book.add_format({"bg_color": "#F9D0D0", "text_wrap": True}),
            "repaired": book.add_format({"bg_color": "#FFF3C4", "text_wrap": True}),
            "text": book.add_format({"num_format": "@"}),
        }
        for number, sheet in enumerate(sheets):
            # Two sheets of one name, in whatever case, would be no workbook.
            title = _title(sheet.title) if number == 0 else f"{_title(sheet.title)[:27]} {number + 1}"
            _write_sheet(book.add_worksheet(title), sheet, added, formats)
        about = book.add_worksheet("说明 Notes")
        about.set_column(0, 0, 110)
        about.write_string(0, 0, note)


def _title(text: str) -> str:
    """A name that Excel takes for a sheet."""
    return "".join("_" if letter in "[]:*?/\\'" else letter for letter in text).strip()[:31] or "rows"


def _write_sheet(page: Any, sheet: MarkedSheet, added: str, formats: dict[str, Any]) -> None:
    page.set_column(0, 0, 50)
    page.set_column(1, max(len(sheet.fields), 1), 16, formats["text"])
    for place, header in enumerate((added, *sheet.fields)):
        page.write_string(0, place, str(header)[:LETTERS_OF_A_CELL], formats["head"])
    for number, row in enumerate(sheet.rows[: ROWS_OF_A_SHEET - 1], 1):
        _write_row(page, number, row, sheet.fields, formats)
    page.freeze_panes(1, 1)


def _write_row(page: Any, number: int, row: Marked, fields: Sequence[str], formats: dict[str, Any]) -> None:
    mark = formats["bad" if row.is_bad else "repaired"]
    if row.said:
        page.write_string(number, 0, row.said[:LETTERS_OF_A_CELL], mark)
    for place, (field, cell) in enumerate(zip(fields, row.cells, strict=True), 1):
        style = mark if field in row.faults else formats["text"]
        _write_cell(page, (number, place), cell, style)
        if field in row.faults and number <= COMMENTS_MOST:
            page.write_comment(number, place, row.faults[field][:1000])


def _write_cell(page: Any, place: tuple[int, int], cell: Any, style: Any) -> None:
    if cell is None:
        page.write_blank(*place, None, style)
    elif isinstance(cell, bool):
        page.write_boolean(*place, cell, style)
    elif isinstance(cell, int | float) and abs(cell) < 2**53:
        page.write_number(*place, cell, style)
    else:
        page.write_string(*place, str(cell)[:LETTERS_OF_A_CELL], style)

"""Workbooks that people fill in: a header, examples, drop-downs, and a sheet of notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xlsxwriter

from geoservice.formats.writing_tables import SAFE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS_OFFERED = 10_000
LISTS = "Lists"


@dataclass(frozen=True)
class TemplateColumn:
    """A column to fill in; `choices` become a drop-down, `about` a comment on the header."""

    header: str
    examples: tuple[Any, Any]
    about: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    is_number: bool = False


def write_template(path: Path, sheet: str, columns: Sequence[TemplateColumn], notes: Sequence[str]) -> None:
    """Write the sheet to fill in first, so that it is the one an import reads; every cell but a number is text."""
    with xlsxwriter.Workbook(str(path), SAFE) as book:
        page, lists = book.add_worksheet(sheet), None
        formats = {
            "must": book.add_format({"bold": True, "bg_color": "#FFD9A0", "border": 1, "num_format": "@"}),
            "may": book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "num_format": "@"}),
            "text": book.add_format({"num_format": "@"}),
            "example": book.add_format({"italic": True, "bg_color": "#FFF9D6", "num_format": "@"}),
            "number": book.add_format({"italic": True, "bg_color": "#FFF9D6"}),
        }
        about = book.add_worksheet("说明 Notes")
        if any(column.choices for column in columns):
            lists = book.add_worksheet(LISTS)
        for place, column in enumerate(columns):
            _write_column(page, place, column, formats)
            if column.choices:
                _offer(page, lists, place, column)
        page.freeze_panes(1, 0)
        about.set_column(0, 0, 110)
        for row, line in enumerate(notes):
            about.write_string(row, 0, line)


def _write_column(page: Any, place: int, column: TemplateColumn, formats: dict[str, Any]) -> None:
    # The whole column is text, so that Excel keeps the zeros of a code that is typed in.
    page.set_column(place, place, 18, None if column.is_number else formats["text"])
    page.write_string(0, place, column.header, formats["must" if column.required else "may"])
    if column.about:
        page.write_comment(0, place, column.about)
    for row, example in enumerate(column.examples, 1):
        if example is None:
            page.write_blank(row, place, None, formats["example"])
        elif column.is_number:
            page.write_number(row, place, example, formats["number"])
        else:
            page.write_string(row, place, str(example), formats["example"])


def _offer(page: Any, lists: Any, place: int, column: TemplateColumn) -> None:
    lists.write_string(0, place, column.header)
    for row, choice in enumerate(column.choices, 1):
        lists.write_string(row, place, choice)
    letter = xlsxwriter.utility.xl_col_to_name(place, col_abs=True)
    source = f"={LISTS}!{letter}$2:{letter}${len(column.choices) + 1}"
    # A warning only: an import reads more words than the list offers.
    page.data_validation(
        1, place, ROWS_OFFERED, place, {"validate": "list", "source": source, "error_type": "warning"}
    )

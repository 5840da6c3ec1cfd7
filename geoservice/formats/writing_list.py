"""A plain list as an Excel workbook: one sheet, its head bold and kept in sight, no cell a formula."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import xlsxwriter

from geoservice.formats.writing_tables import LETTERS_OF_A_CELL, SAFE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FONT = "Microsoft YaHei"


def write_list(
    title: str, heads: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str | int]]
) -> bytes:
    """Return the workbook of a list; texts stay texts, whatever they look like."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {**SAFE, "in_memory": True}) as book:
        base = {"font_name": FONT, "font_size": 10, "valign": "top"}
        head = book.add_format({**base, "bold": True, "bg_color": "#E8EEF7", "border": 1})
        words = book.add_format({**base, "num_format": "@", "text_wrap": True})
        number = book.add_format(base)
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        for column, (name, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, head)
        for line, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(line, column, value, number)
                else:
                    sheet.write_string(line, column, value[:LETTERS_OF_A_CELL], words)
    return stream.getvalue()

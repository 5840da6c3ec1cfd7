"""CSV and Excel: no cell is ever a formula, codes stay text, shapes are longitude and latitude or WKT."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import shapely
import xlsxwriter

from geoservice.errors import BadRequest
from geoservice.formats.writing_values import Column, Kind, as_text, column

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.formats.writing_values import Features

# A spreadsheet takes what begins so for a formula; the full-width ones too, in some languages.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
FORMULA_PATTERN = r"^[=+\-@\t\r\n＝＋－＠]"
ROWS_OF_A_SHEET = 1_048_576
LETTERS_OF_A_CELL = 32_767
WIDEST = 40
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
DAY_FORMAT = "yyyy-mm-dd"


def write_csv(path: Path, features: Features) -> None:
    """Write UTF-8 with a byte order mark; a text that would be a formula gets an apostrophe before it."""
    columns = [*features.columns, *place_columns(features)]
    table = pa.table(
        [_harmless(as_text(one.values, one.kind)) for one in columns],
        names=[harmless_text(one.header) for one in columns],
    )
    with path.open("wb") as stream:
        stream.write(codecs.BOM_UTF8)
        pyarrow.csv.write_csv(table, stream)


def write_workbook(path: Path, features: Features) -> None:
    """Write the rows on the first sheet and what is to be known of them on the second."""
    columns = [*features.columns, *place_columns(features)]
    if len(features) >= ROWS_OF_A_SHEET:
        raise BadRequest("too_many_rows_for_excel", rows=len(features), most=ROWS_OF_A_SHEET - 1)
    with xlsxwriter.Workbook(
        str(path), {**SAFE, "constant_memory": True, "tmpdir": str(path.parent)}
    ) as book:
        sheet = book.add_worksheet(features.name[:31])
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1}),
            Kind.TEXT: book.add_format({"num_format": "@"}),
            Kind.DAY: book.add_format({"num_format": DAY_FORMAT}),
        }
        _fill(sheet, columns, formats)
        _tell(book, features)


def harmless_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def place_columns(features: Features) -> list[Column]:
    """The columns that hold the shapes: x and y of points, WKT of anything else; none of a table."""
    if features.shapes is None:
        return []
    shapes, target = features.placed, features.target
    if features.geometry == "Point":
        xy = np.round(np.column_stack((shapely.get_x(shapes), shapely.get_y(shapes))), target.decimals)
        headers = ("lon", "lat") if target.is_lonlat else ("x", "y")
        return [
            Column(
                _marked(header, features), Kind.REAL, pa.array(xy[:, axis], pa.float64(), from_pandas=True)
            )
            for axis, header in enumerate(headers)
        ]
    wkt = shapely.to_wkt(shapes, rounding_precision=-1)
    return [column(_marked("wkt", features), Kind.TEXT, wkt.tolist())]


def _marked(header: str, features: Features) -> str:
    # A name that no program takes for WGS 84.
    return f"{header}_gcj02" if features.target.is_shifted else header


def _harmless(values: pa.Array) -> pa.Array:
    if not pa.types.is_string(values.type):
        return values
    dangerous = pc.fill_null(pc.match_substring_regex(values, FORMULA_PATTERN), False)
    if not pc.any(dangerous).as_py():
        return values
    return pc.if_else(dangerous, pc.binary_join_element_wise("'", values, ""), values)


def _fill(sheet: Any, columns: list[Column], formats: dict[str, Any]) -> None:
    for place, one in enumerate(columns):
        sheet.set_column(place, place, _width(one))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(columns[0].values), 1), len(columns) - 1)
    for place, one in enumerate(columns):
        sheet.write_string(0, place, one.header[:LETTERS_OF_A_CELL], formats["head"])
    writers = [_writer(sheet, one, formats) for one in columns]
    cells = [_cells(one) for one in columns]
    for number, row in enumerate(zip(*cells, strict=True), 1):
        for place, value in enumerate(row):
            if value is not None:
                writers[place](number, place, value)


def _writer(sheet: Any, one: Column, formats: dict[str, Any]) -> Any:
    if one.kind in {Kind.INTEGER, Kind.REAL}:
        return sheet.write_number
    if one.kind is Kind.FLAG:
        return sheet.write_boolean
    if one.kind is Kind.DAY:
        return lambda row, place, value: sheet.write_datetime(row, place, value, formats[Kind.DAY])
    return lambda row, place, value: sheet.write_string(row, place, value, formats[Kind.TEXT])


def _cells(one: Column) -> list[Any]:
    if one.kind is Kind.DAY:
        return list(one.values.to_pylist())
    values = as_text(one.values, one.kind).to_pylist()
    if one.kind is not Kind.TEXT:
        return list(values)
    # A text that Excel can't hold whole is left out rather than cut: half a polygon is worse than none.
    return [None if value is None or len(value) > LETTERS_OF_A_CELL else value for value in values]


def _width(one: Column) -> float:
    letters = sum(1 if letter.isascii() else 2 for letter in one.header)
    return min(max(letters + 3, 10), WIDEST)


def _tell(book: Any, features: Features) -> None:
    notes = book.add_worksheet("说明 Notes")
    notes.set_column(0, 0, 100)
    for row, line in enumerate((features.title, *features.notes)):
        notes.write_string(row, 0, line)

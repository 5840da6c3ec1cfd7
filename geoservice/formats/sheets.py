"""CSV and workbooks (xlsx, xls, ods) → a grid of cells under a header."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from geoservice.errors import InvalidFile, Problem
from geoservice.formats.kinds import Kind
from geoservice.formats.tables import FeatureTable, Limits, first_problems
from geoservice.formats.text import decode_file, text_fault
from geoservice.formats.values import cell_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# As files are read whose ends of lines stay as they are.
LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
DELIMITERS = ",;\t|"
MOST_CELLS = 20_000_000
MOST_COLUMNS = 5_000
TITLES_SOUGHT = 8
"""How many rows are looked at for those above the header."""


@dataclass(frozen=True)
class Grid:
    """A sheet below its header: a column of cells per field; `numbers` are the rows of the user's program."""

    file: str
    sheet: str | None
    fields: tuple[str, ...]
    columns: list[list[Any]]
    numbers: list[int]
    encoding: str | None
    problems: list[Problem]

    def place_of(self, column: str) -> int:
        """The index of a column by its name, else InvalidFile naming those there are."""
        for index, field in enumerate(self.fields):
            if field == column:
                return index
        folded = [field.casefold() for field in self.fields]
        if column.casefold() in folded:
            return folded.index(column.casefold())
        raise InvalidFile("column_unknown", column=column, columns=", ".join(self.fields[:30]))

    def column(self, place: int) -> list[Any]:
        """The cells of one column, row by row."""
        return self.columns[place]

    def find(self, names: tuple[str, ...]) -> str | None:
        """The first field that has one of these names, whatever its case."""
        folded = {field.casefold(): field for field in reversed(self.fields)}
        return next((folded[name] for name in names if name in folded), None)


def grid_by_rows(
    path: Path, kind: Kind, name: str, sheet: str | int | None, encoding: str, limits: Limits
) -> Grid:
    """The cells of a CSV or of one sheet of a workbook."""
    if kind == Kind.CSV:
        text, used = decode_file(path.read_bytes(), encoding)
        csv.field_size_limit(limits.file_bytes)
        return _grid(_csv_records(text), name, None, used, limits)
    if kind != Kind.WORKBOOK:
        raise InvalidFile("not_a_table", kind=str(kind))
    title, records = _workbook_records(path, sheet, limits)
    return _grid(records, name, title, None, limits)


def table_of(grid: Grid) -> FeatureTable:
    """The rows of a sheet without geometry."""
    return FeatureTable(
        file=grid.file,
        layer=None,
        sheet=grid.sheet,
        fields=grid.fields,
        columns=grid.columns,
        geometry=[None] * len(grid.numbers),
        row_numbers=grid.numbers,
        crs=None,
        encoding=grid.encoding,
        problems=first_problems(grid.problems),
    )


def _reader(text: str) -> Iterator[list[str]]:
    lines = (found[0] for found in LINE.finditer(text))  # a StringIO would hold four bytes a letter
    return csv.reader(lines, delimiter=delimiter_of(text))


def _csv_records(text: str) -> Iterator[list[Any]]:
    return ([cell.strip() or None for cell in record] for record in _reader(text))


def delimiter_of(text: str) -> str:
    """The candidate that the header holds most of, outside quotes."""
    header = next((line for line in text[:100_000].splitlines() if line.strip()), "")
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _workbook_records(
    path: Path, wanted: str | int | None, limits: Limits
) -> tuple[str, Iterator[list[Any]]]:
    from geoservice.formats.workbooks import opened_workbook

    with opened_workbook(path, limits) as book:
        title = _title(book.sheet_names, wanted)
        sheet = book.get_sheet_by_name(title)
        if sheet.total_height * sheet.total_width > MOST_CELLS:
            raise InvalidFile("sheet_too_large", sheet=title, most=MOST_CELLS)
        rows = sheet.to_python(skip_empty_area=False)
    return title, ([cell_value(cell) for cell in row] for row in rows)


def _title(titles: list[str], wanted: str | int | None) -> str:
    if not titles:
        raise InvalidFile("file_damaged", kind=str(Kind.WORKBOOK))
    if wanted is None:
        return titles[0]
    if isinstance(wanted, int) and 0 <= wanted < len(titles):
        return titles[wanted]
    if wanted not in titles:
        raise InvalidFile("sheet_unknown", sheet=wanted, sheets=", ".join(titles[:30]))
    return str(wanted)


def _grid(
    records: Iterator[list[Any]], name: str, sheet: str | None, encoding: str | None, limits: Limits
) -> Grid:
    rows: list[list[Any]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    fields: tuple[str, ...] = ()
    for number, cells in _numbered(_below_titles(records)):
        if not fields:
            fields = header_of(cells)
            continue
        if cells.count(None) == len(cells):
            continue
        if fault := _row_fault(cells, len(fields)):
            problems.append(Problem(fault, file=name, sheet=sheet, row=number))
            continue
        if len(rows) == limits.features:
            raise InvalidFile("too_many_features", count=number, most=limits.features)
        rows.append(_as_wide(cells, len(fields)))
        numbers.append(number)
    if not fields:
        raise InvalidFile("file_empty")
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in fields]
    width = _width(fields, columns)
    return Grid(name, sheet, fields[:width], columns[:width], numbers, encoding, problems)


def _below_titles(records: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """All rows; those above the header that hold a title or a note, a third of the cells at the most, as blank ones."""
    first = list(islice(records, TITLES_SOUGHT))
    widest = max(map(_filled, first), default=0)
    titles = len(list(takewhile(lambda cells: 3 * _filled(cells) <= widest, first)))
    yield from ([None] * len(cells) for cells in first[:titles])
    yield from first[titles:]
    yield from records


def _filled(cells: list[Any]) -> int:
    return len(cells) - cells.count(None)


def _numbered(records: Iterator[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    try:
        yield from enumerate(records, 1)
    except csv.Error as error:
        raise InvalidFile("csv_invalid", reason=str(error)) from error


def _row_fault(cells: list[Any], width: int) -> str | None:
    if len(cells) > width and any(cell is not None for cell in cells[width:]):
        return "row_too_long"
    return text_fault("".join([cell for cell in cells if isinstance(cell, str)]))


def _as_wide(cells: list[Any], width: int) -> list[Any]:
    return cells if len(cells) == width else (cells + [None] * width)[:width]


def _width(fields: tuple[str, ...], columns: list[list[Any]]) -> int:
    """How many columns there are once those without a name and without a value, on the right, are gone."""
    width = len(fields)
    while (
        width
        and fields[width - 1] == unnamed(width)
        and columns[width - 1].count(None) == len(columns[width - 1])
    ):
        width -= 1
    return width


def unnamed(place: int) -> str:
    """What a column is called that has no name."""
    return f"column_{place}"


def header_of(cells: list[Any]) -> tuple[str, ...]:
    """Names of the columns: a blank one is called after its place, a repeated one gets a number; () for a blank row."""
    if all(cell is None for cell in cells):
        return ()
    if len(cells) > MOST_COLUMNS:
        raise InvalidFile("too_many_columns", count=len(cells), most=MOST_COLUMNS)
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, 1):
        name = str(cell) if cell is not None and not text_fault(str(cell)) else unnamed(place)
        unique, count = name, 1
        while unique in taken:
            count += 1
            unique = f"{name}_{count}"
        taken.add(unique)
        names.append(unique)
    return tuple(names)

"""A CSV as nearly all are, every row as wide as its header: read so many rows at a time, of which no more are in memory."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from geoservice.errors import InvalidFile
from geoservice.formats.kinds import Kind
from geoservice.formats.sheets import Grid, delimiter_of, grid_by_rows, header_of, unnamed
from geoservice.formats.text import column_is_storable, plain_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geoservice.formats.tables import Limits

HEAD_LETTERS = 100_000
ROWS_AT_ONCE = 20_000


class Uneven(Exception):
    """The file has to be read row by row."""


def read_grid(
    path: Path, kind: Kind, name: str, sheet: str | int | None, encoding: str, limits: Limits
) -> Grid:
    """The cells of a CSV or of one sheet of a workbook."""
    if kind == Kind.CSV:
        try:
            grids = list(even_grids(path, name, encoding, limits, ROWS_AT_ONCE))
        except Uneven:
            grids = []
        if grids:
            columns = [list(chain(*cells)) for cells in zip(*(grid.columns for grid in grids), strict=True)]
            return replace(
                grids[0], columns=columns, numbers=list(chain.from_iterable(grid.numbers for grid in grids))
            )
    return grid_by_rows(path, kind, name, sheet, encoding, limits)


def even_grids(path: Path, name: str, encoding: str, limits: Limits, rows: int) -> Iterator[Grid]:
    """The grid of a CSV, so many `rows` at a time; one part at least.

    Uneven, maybe after some parts, where a row is blank, of another width or can't be stored.
    """
    used = plain_encoding(path, encoding)
    if used is None:
        raise Uneven
    csv.field_size_limit(limits.file_bytes)
    try:
        with path.open(encoding="utf-8-sig" if used == "utf-8" else used, newline="") as stream:
            delimiter = delimiter_of(stream.read(HEAD_LETTERS))
            stream.seek(0)
            records = csv.reader(stream, delimiter=delimiter)
            fields = _named(next(records, []))
            number = 2
            while (part := list(islice(records, rows))) or number == 2:
                if number + len(part) - 2 > limits.features:
                    raise InvalidFile("too_many_features", count=limits.features + 2, most=limits.features)
                columns = _columns(part, len(fields))
                yield Grid(name, None, fields, columns, list(range(number, number + len(part))), used, [])
                number += max(len(part), 1)
    except csv.Error as error:
        raise Uneven from error


def _named(cells: list[str]) -> tuple[str, ...]:
    """The fields; Uneven where the last has no name, and may be no column at all."""
    fields = header_of([cell.strip().lstrip("\ufeff") or None for cell in cells])
    if not fields or fields[-1] == unnamed(len(fields)):
        raise Uneven
    return fields


def _columns(part: list[list[str]], width: int) -> list[list[Any]]:
    if not part:
        return [[] for _ in range(width)]
    if set(map(len, part)) != {width}:
        raise Uneven
    columns = [[cell.strip() or None for cell in cells] for cells in zip(*part, strict=True)]
    if any(all(cell is None for cell in row) for row in _suspects(columns)):
        raise Uneven
    if not all(map(column_is_storable, columns)):
        raise Uneven
    return columns


def _suspects(columns: list[list[Any]]) -> Iterator[list[Any]]:
    """Rows that may be blank: their first cell is."""
    first = columns[0]
    return ([column[index] for column in columns] for index, cell in enumerate(first) if cell is None)

"""CSV and workbooks (xlsx, xls, ods) → a grid of cells under a header; a geometry from its columns."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.errors import InvalidFile, Problem
from geoservice.formats.archives import check_workbook
from geoservice.formats.kinds import OLD_EXCEL, Kind
from geoservice.formats.tables import FeatureTable, Limits, first_problems
from geoservice.formats.text import decode_file, text_fault
from geoservice.formats.values import as_degrees, cell_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DELIMITERS = ",;\t|"
MOST_CELLS = 20_000_000
MOST_COLUMNS = 5_000
LON_NAMES = (
    "lon",
    "lng",
    "long",
    "longitude",
    "lon_wgs84",
    "lng_wgs84",
    "x",
    "point_x",
    "经度",
    "东经",
    "x坐标",
    "横坐标",
)
LAT_NAMES = ("lat", "latitude", "lat_wgs84", "y", "point_y", "纬度", "北纬", "y坐标", "纵坐标")
WKT_NAMES = ("wkt", "geometry", "geom", "the_geom", "shape", "几何")


@dataclass(frozen=True)
class Grid:
    """A sheet below its header. `rows` are as wide as `fields`; `numbers` are the rows of the user's program."""

    file: str
    sheet: str | None
    fields: tuple[str, ...]
    rows: list[list[Any]]
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

    def find(self, names: tuple[str, ...]) -> str | None:
        """The first field that has one of these names, whatever its case."""
        folded = {field.casefold(): field for field in reversed(self.fields)}
        return next((folded[name] for name in names if name in folded), None)


def read_grid(
    path: Path, kind: Kind, name: str, sheet: str | int | None, encoding: str, limits: Limits
) -> Grid:
    """The cells of a CSV or of one sheet of a workbook."""
    if kind == Kind.CSV:
        records, used = _csv_records(path, encoding, limits)
        return _grid(records, name, None, used, limits)
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
        rows=[dict(zip(grid.fields, row, strict=True)) for row in grid.rows],
        geometry=[None] * len(grid.rows),
        row_numbers=grid.numbers,
        crs=None,
        encoding=grid.encoding,
        problems=first_problems(grid.problems),
    )


def features_of(grid: Grid, lon: str | None, lat: str | None, wkt: str | None) -> FeatureTable:
    """The rows of a sheet with the geometry that its columns hold; a row without a readable one is a problem."""
    geometry, problems = _wkt_shapes(grid, wkt) if _uses_wkt(grid, lon, lat, wkt) else _points(grid, lon, lat)
    bad = {problem.row for problem in problems}
    kept = [index for index, number in enumerate(grid.numbers) if number not in bad]
    return FeatureTable(
        file=grid.file,
        layer=None,
        sheet=grid.sheet,
        fields=grid.fields,
        rows=[dict(zip(grid.fields, grid.rows[index], strict=True)) for index in kept],
        geometry=[geometry[index] for index in kept],
        row_numbers=[grid.numbers[index] for index in kept],
        crs=None,
        encoding=grid.encoding,
        problems=first_problems([*grid.problems, *problems]),
    )


def _uses_wkt(grid: Grid, lon: str | None, lat: str | None, wkt: str | None) -> bool:
    if wkt is not None:
        return True
    found = lon is not None or lat is not None or (grid.find(LON_NAMES) and grid.find(LAT_NAMES))
    return not found and grid.find(WKT_NAMES) is not None


def _points(grid: Grid, lon: str | None, lat: str | None) -> tuple[list[bytes | None], list[Problem]]:
    lon, lat = lon or grid.find(LON_NAMES), lat or grid.find(LAT_NAMES)
    if lon is None or lat is None:
        raise InvalidFile("coordinates_missing", columns=", ".join(grid.fields[:30]))
    at = grid.place_of(lon), grid.place_of(lat)
    places = np.zeros((len(grid.rows), 2))
    problems = []
    for index, row in enumerate(grid.rows):
        for axis, column in enumerate(at):
            try:
                degrees = as_degrees(row[column])
            except ValueError:
                degrees = None
            if degrees is None:
                problems.append(_problem(grid, index, "coordinate_unreadable", column))
                break
            places[index, axis] = degrees
    return list(np.asarray(shapely.to_wkb(shapely.points(places)), dtype=object)), problems


def _wkt_shapes(grid: Grid, wkt: str | None) -> tuple[list[bytes | None], list[Problem]]:
    column = grid.place_of(wkt or grid.find(WKT_NAMES) or "wkt")
    shapes: list[bytes | None] = []
    problems = []
    for index, row in enumerate(grid.rows):
        text = row[column]
        shapes.append(None)
        if text is None:
            continue
        try:
            shape = shapely.from_wkt(str(text).rpartition(";")[2])
            shapes[-1] = shapely.to_wkb(shapely.force_2d(shape))
        except shapely.GEOSException:
            problems.append(_problem(grid, index, "wkt_unreadable", column))
    return shapes, problems


def _problem(grid: Grid, index: int, code: str, column: int) -> Problem:
    value = grid.rows[index][column]
    shown = None if value is None else str(value)[:80]
    return Problem(
        code,
        file=grid.file,
        sheet=grid.sheet,
        row=grid.numbers[index],
        column=grid.fields[column],
        value=shown,
    )


def _csv_records(path: Path, encoding: str, limits: Limits) -> tuple[Iterator[list[Any]], str]:
    text, used = decode_file(path.read_bytes(), encoding)
    csv.field_size_limit(limits.file_bytes)
    return csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)), used


def _delimiter(text: str) -> str:
    """The candidate that the header holds most of, outside quotes."""
    header = next((line for line in text[:100_000].splitlines() if line.strip()), "")
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _workbook_records(
    path: Path, wanted: str | int | None, limits: Limits
) -> tuple[str, Iterator[list[Any]]]:
    import python_calamine

    with path.open("rb") as stream:
        if not stream.read(8).startswith(OLD_EXCEL):
            check_workbook(path, limits)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            title = _title(book.sheet_names, wanted)
            sheet = book.get_sheet_by_name(title)
            if sheet.total_height * sheet.total_width > MOST_CELLS:
                raise InvalidFile("sheet_too_large", sheet=title, most=MOST_CELLS)
            return title, iter(sheet.to_python(skip_empty_area=False))
    except python_calamine.PasswordError as error:
        raise InvalidFile("workbook_locked") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise InvalidFile("file_damaged", kind=str(Kind.WORKBOOK)) from error


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
    for number, record in _numbered(records):
        cells = [cell_value(cell) for cell in record]
        if not fields:
            fields = _header(cells)
            continue
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        if fault := _row_fault(cells, len(fields)):
            problems.append(Problem(fault, file=name, sheet=sheet, row=number))
            continue
        if len(rows) == limits.features:
            raise InvalidFile("too_many_features", count=number, most=limits.features)
        rows.append(cells + [None] * (len(fields) - len(cells)))
        numbers.append(number)
    if not fields:
        raise InvalidFile("file_empty")
    width = _width(fields, rows)
    return Grid(name, sheet, fields[:width], [row[:width] for row in rows], numbers, encoding, problems)


def _numbered(records: Iterator[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    try:
        yield from enumerate(records, 1)
    except csv.Error as error:
        raise InvalidFile("csv_invalid", reason=str(error)) from error


def _row_fault(cells: list[Any], width: int) -> str | None:
    if len(cells) > width:
        return "row_too_long"
    return next((fault for cell in cells if isinstance(cell, str) and (fault := text_fault(cell))), None)


def _width(fields: tuple[str, ...], rows: list[list[Any]]) -> int:
    """How many columns there are once those without a name and without a value, on the right, are gone."""
    width = len(fields)
    while width and fields[width - 1] == _unnamed(width) and all(row[width - 1] is None for row in rows):
        width -= 1
    return width


def _unnamed(place: int) -> str:
    return f"column_{place}"


def _header(cells: list[Any]) -> tuple[str, ...]:
    """Names of the columns: a blank one is called after its place, a repeated one gets a number; () for a blank row."""
    if all(cell is None for cell in cells):
        return ()
    if len(cells) > MOST_COLUMNS:
        raise InvalidFile("too_many_columns", count=len(cells), most=MOST_COLUMNS)
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, 1):
        name = str(cell) if cell is not None and not text_fault(str(cell)) else _unnamed(place)
        unique, count = name, 1
        while unique in taken:
            count += 1
            unique = f"{name}_{count}"
        taken.add(unique)
        names.append(unique)
    return tuple(names)

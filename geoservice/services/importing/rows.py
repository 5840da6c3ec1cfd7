"""Files → rows with shapes in WGS 84 longitude and latitude; what one row has wrong is a problem, never an exception."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.errors import InvalidFile, Problem
from geoservice.formats.kinds import SHAPEFILE_PARTS
from geoservice.formats.reader import Reader
from geoservice.formats.values import WHOLE_FLOAT
from geoservice.services.importing.columns import Header
from geoservice.services.importing.row_list import Row as Row
from geoservice.services.importing.row_list import Rows
from geoservice.store.ground import read_deployment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.formats import FeatureTable
    from geoservice.formats.framing import StoredFeatures
    from geoservice.services.importing.flow import Report

LONGEST_CODE = 100
LONGEST_TEXT = 500
_quoted = json.encoder.encode_basestring


class BadRow(Exception):
    """A row can't be taken: its argument is the problem."""


@dataclass(frozen=True)
class Input:
    """Files as a user names them, and what he says of them. `swapped`: latitude (northing) stands first."""

    paths: tuple[Path, ...]
    crs: str = "auto"
    swapped: bool = False
    encoding: str = "auto"
    layer: str | None = None
    lon: str | None = None
    lat: str | None = None
    wkt: str | None = None

    def parts(self) -> tuple[Path, ...]:
        """Every file that is read: a Shapefile has several, its .shp first."""
        return tuple(part for path in self.paths for part in _parts(path))


def read_tables(
    paths: Sequence[Path], report: Report, *, sheet: str | None, encoding: str
) -> tuple[Header, Rows]:
    """All rows of tables without geometry, as `read_rows` takes those with one."""
    tables: list[FeatureTable] = []
    with Reader() as reader:
        for path in paths:
            try:
                table = reader.read_table(path, sheet=sheet, encoding=encoding)
            except InvalidFile as error:
                refuse_file(error, path, report, alone=len(paths) == 1)
                continue
            report.detected.setdefault("encoding", table.encoding)
            report.detected.setdefault("layer", table.sheet)
            report.rejected += table.problems
            tables.append(table)
    return header_of(tables, paths), Rows(tables)


def header_of(tables: Sequence[FeatureTable] | Sequence[StoredFeatures], paths: Sequence[Path]) -> Header:
    """The fields of all files together; those that hold the geometry are in use."""
    fields = dict.fromkeys(field for table in tables for field in table.fields)
    header = Header(tuple(fields), paths[0].name if paths else "")
    header.used.update(*(table.placed_by for table in tables))
    return header


def metric_epsg(session: Session) -> int | None:
    """The projected CRS of the deployment's raster; None before the first data."""
    deployment = read_deployment(session)
    return deployment.metric_epsg if deployment else None


def refuse_file(error: InvalidFile, path: Path, report: Report, *, alone: bool) -> None:
    """Note a file that can't be taken, or raise it when it was the only one."""
    values = {key: value for key, value in error.values.items() if key != "file"}
    name = str(error.values.get("file", path.name))
    if alone:
        raise InvalidFile(error.code, problems=error.problems, file=name, **values) from error
    report.rejected.append(Problem(error.code, file=name, values=values))
    report.rejected += error.problems


def code_fault(row: Row, column: str | None, code: str | None, code_name: str = "code") -> Problem | None:
    """Why a code can't be used: blank, or too long to be one."""
    if code is None:
        return row.problem(f"{code_name}_missing", column)
    if len(code) > LONGEST_CODE:
        return row.problem("text_too_long", column, code, most=LONGEST_CODE)
    return None


def other_cells(row: Row, header: Header) -> dict[str, Any]:
    """What the file says beside the columns in use, as JSON that PostgreSQL gives back equal."""
    return {
        name: _storable(value)
        for name, value in row.cells.items()
        if value is not None and name not in header.used
    }


def other_json(rows: Rows, header: Header, places: Sequence[int] | None = None) -> list[str]:
    """What `other_cells` says of every row (of those at some places), as JSON: made by columns."""
    members: dict[str, list[Any]] = {}
    for name in header.fields:
        if name not in header.used:
            cells = rows.cells(name)
            key = json.dumps(name, ensure_ascii=False) + ": "
            members[key] = _json_values(cells if places is None else [cells[place] for place in places])
    if not members:
        return ["{}"] * len(rows if places is None else places)
    if any(None in column for column in members.values()):
        return [_object(members, values) for values in zip(*members.values(), strict=True)]
    template = "{" + ", ".join(key.replace("%", "%%") + "%s" for key in members) + "}"
    return list(map(template.__mod__, zip(*members.values(), strict=True)))


def _object(keys: Iterable[str], values: tuple[Any, ...]) -> str:
    told = (f"{key}{value}" for key, value in zip(keys, values, strict=True) if value is not None)
    return "{" + ", ".join(told) + "}"


def _json_values(cells: list[Any]) -> list[Any]:
    """Cells as what stands in JSON for them: texts of it, or numbers that are written so; None for a blank one."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        return [_quoted(cell) for cell in cells]
    if kinds == {int} or (kinds == {float} and max(map(abs, cells)) < WHOLE_FLOAT):
        return cells
    return [None if cell is None else _as_json_value(cell) for cell in cells]


def _as_json_value(cell: Any) -> str:
    """A cell as `as_json` writes it; the usual kinds without the encoder's detours."""
    if type(cell) is str:
        return _quoted(cell)
    if type(cell) is int or (type(cell) is float and abs(cell) < WHOLE_FLOAT):
        return repr(cell)
    return json.dumps(_storable(cell), ensure_ascii=False, allow_nan=False)


def as_json(cells: dict[str, Any]) -> str:
    """Attributes as stored."""
    return json.dumps(cells, ensure_ascii=False, allow_nan=False)


def wkb_of(shapes: Sequence[BaseGeometry]) -> list[bytes]:
    """Shapes as WKB, 2D, with ring starts and orders that don't depend on who drew them."""
    return list(_normal_wkb(np.array(shapes, dtype=object)))


def _normal_wkb(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.asarray(shapely.to_wkb(shapely.normalize(shapes), output_dimension=2), dtype=object)


def normal_wkb(stored: Sequence[bytes | None]) -> list[bytes | None]:
    """Stored WKB made comparable with `wkb_of`."""
    return list(_normal_wkb(shapely.from_wkb(np.array(stored, dtype=object))))


def _storable(value: Any) -> Any:
    return repr(value) if isinstance(value, float) and abs(value) >= WHOLE_FLOAT else value


def _parts(path: Path) -> list[Path]:
    if path.suffix.lower() != ".shp" or not path.parent.is_dir():
        return [path]
    beside = [
        part
        for part in path.parent.iterdir()
        if part.stem == path.stem and part.suffix.lower() in SHAPEFILE_PARTS
    ]
    return [path, *sorted({*beside} - {path})]

"""Shapefile, GeoPackage, FlatGeobuf, KML, GPX, DXF and OSM through GDAL, a layer at a time."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio

from geoservice.errors import InvalidFile, Problem
from geoservice.formats import drivers, xml
from geoservice.formats.kinds import Kind
from geoservice.formats.tables import FeatureTable, Limits, first_problems
from geoservice.formats.text import (
    AUTO,
    column_is_storable,
    dbf_encoding,
    decode_cells,
    decode_file,
    known_encoding,
    text_fault,
)
from geoservice.formats.values import cell_numbers, cell_value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

RAW = "ISO-8859-1"  # every byte is one letter, so that the bytes can be had back
OSM_SETTINGS = """\
[general]
closed_ways_are_polygons=aeroway,amenity,boundary,building,landuse,leisure,natural,place,shop,sport,tourism
[points]
osm_id=yes
attributes=name,amenity,shop,highway,railway,public_transport,tourism,leisure,barrier,ref,place
[lines]
osm_id=yes
attributes=name,highway,oneway,junction,maxspeed,lanes,ref,surface,bridge,tunnel,access,foot,bicycle,service,waterway,railway
[multipolygons]
osm_id=yes
attributes=name,type,amenity,admin_level,boundary,building,landuse,leisure,natural,place,shop,tourism
[multilinestrings]
osm_id=yes
attributes=name,type
[other_relations]
osm_id=yes
attributes=name,type
"""
LONGEST_PROJECTION_BYTES = 100_000
GPX_LAYERS = ("tracks", "routes", "waypoints")
SQL_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
VIRTUAL_TABLE = re.compile(r"\s*create\s+virtual\b", re.IGNORECASE)
# A spatial or text index, whatever its quoted name holds.
INDEX_TABLE = re.compile(
    r"""\s*create\s+virtual\s+table\s+(?:"(?:[^"]|"")*"|\[[^\]]*\]|`[^`]*`|'[^']*'|\w+)\s+using\s+(?:rtree|fts[345])\s*\(""",
    re.IGNORECASE,
)
Columns = dict[str, list[Any]]


def read_vector(
    path: Path, kind: Kind, name: str, layer: str | None, encoding: str, limits: Limits
) -> FeatureTable:
    """The features of one layer (of all its folders, for KML) in the CRS of the file."""
    prepare(path, kind)
    layers = _layers(path, kind)
    if kind == Kind.KML and layer is None and len(layers) > 1:
        return _joined([_read_layer(path, kind, name, each, encoding, limits) for each in layers])
    return _read_layer(path, kind, name, _layer(path, kind, layer, layers), encoding, limits)


def _refuse_other_drivers() -> None:
    loaded = set(pyogrio.list_drivers())
    if not loaded <= drivers.ALLOWED:
        msg = f"GDAL loaded drivers that no user's file may reach: {sorted(loaded - drivers.ALLOWED)}"
        raise RuntimeError(msg)


def prepare(path: Path, kind: Kind) -> None:
    """Before GDAL opens a file: refuse what could reach beyond it, and put its texts into UTF-8."""
    _refuse_other_drivers()
    match kind:
        case Kind.KML | Kind.GPX:
            document = xml.utf8_document(path)
            xml.check(document, kind.lower())
            path.unlink()
            path.write_bytes(document)
        case Kind.GPKG:
            _refuse_live_tables(path)
        case Kind.SHAPEFILE:
            _decode_projection(path.with_suffix(".prj"))


def _decode_projection(prj: Path) -> None:
    """Give GDAL a .prj in UTF-8: one with Chinese names comes in GBK, and would break the reading."""
    if not prj.exists():
        return
    raw = prj.read_bytes()[:LONGEST_PROJECTION_BYTES]
    prj.unlink()  # ours is a link to the user's
    try:
        prj.write_text(decode_file(raw)[0], encoding="utf-8")
    except InvalidFile:
        return


def _refuse_live_tables(path: Path) -> None:
    """Refuse a database with virtual tables that could reach into other files."""
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as connection:
            statements = connection.execute(
                "SELECT sql FROM sqlite_master WHERE sql LIKE '%virtual%'"
            ).fetchall()
    except (sqlite3.Error, ValueError) as error:
        raise InvalidFile("file_damaged", kind=str(Kind.GPKG)) from error
    for (statement,) in statements:
        bare = SQL_COMMENT.sub(" ", str(statement))
        if VIRTUAL_TABLE.match(bare) and not INDEX_TABLE.match(bare):
            raise InvalidFile("database_unsafe")


def _layers(path: Path, kind: Kind) -> list[str]:
    try:
        return [str(layer) for layer in pyogrio.list_layers(path)[:, 0]]
    except Exception as error:
        raise InvalidFile("file_damaged", kind=str(kind)) from error


def _layer(path: Path, kind: Kind, wanted: str | None, layers: list[str]) -> str | None:
    if not layers:
        raise InvalidFile("file_damaged", kind=str(kind))
    if kind == Kind.SHAPEFILE:
        return None
    if wanted is not None:
        if wanted not in layers:
            raise InvalidFile("layer_unknown", layer=wanted, layers=", ".join(layers))
        return wanted
    if kind == Kind.OSM:
        return "lines"
    if kind == Kind.GPX:
        filled = (each for each in GPX_LAYERS if each in layers and _count(path, each))
        return next(filled, GPX_LAYERS[0])
    if len(layers) > 1:
        raise InvalidFile("layer_needed", layers=", ".join(layers))
    return layers[0]


def _count(path: Path, layer: str | None, encoding: str | None = None) -> int:
    return int(pyogrio.read_info(path, layer=layer, encoding=encoding, force_feature_count=True)["features"])


def _read_layer(
    path: Path, kind: Kind, name: str, layer: str | None, encoding: str, limits: Limits
) -> FeatureTable:
    raw = kind == Kind.SHAPEFILE
    try:
        count = _count(path, layer, RAW if raw else None)
        if count > limits.features:
            raise InvalidFile("too_many_features", count=count, most=limits.features)
        meta, ids, shapes, values = pyogrio.raw.read(
            path,
            layer=layer,
            encoding=RAW if raw else None,
            force_2d=True,
            return_fids=True,
            datetime_as_string=True,
            **_open_options(path, kind),
        )
    except (InvalidFile, MemoryError):
        raise
    except Exception as error:  # pyogrio meets a damaged file with whatever comes to hand
        raise InvalidFile("file_damaged", kind=str(kind)) from error
    fields = [str(field) for field in meta["fields"]]
    columns = [_column(column, kind_of) for column, kind_of in zip(values, meta["ogr_types"], strict=True)]
    used = None
    if raw:
        fields, columns, used = _decoded(path, fields, columns, encoding)
    numbers = _row_numbers(ids, kind)
    return _without_unreadable(
        FeatureTable(
            file=name,
            layer=layer,
            sheet=None,
            fields=tuple(fields),
            columns=columns,
            geometry=[None] * len(ids) if shapes is None else list(shapes.tolist()),
            row_numbers=numbers,
            crs=str(meta["crs"]) if meta["crs"] else None,
            encoding=used or "utf-8",
        )
    )


def _open_options(path: Path, kind: Kind) -> dict[str, str]:
    """For OSM, the tags that become fields; the others stay together in `other_tags`."""
    if kind != Kind.OSM:
        return {}
    settings = path.with_name("osm.ini")
    settings.write_text(OSM_SETTINGS, encoding="ascii")
    return {"CONFIG_FILE": str(settings)}


def _row_numbers(ids: NDArray[np.int64], kind: Kind) -> list[int]:
    """GDAL counts a Shapefile's records from 0; a GeoPackage shows its own ids; the rest have none to show."""
    if kind == Kind.SHAPEFILE:
        return [int(number) + 1 for number in ids]
    if kind == Kind.GPKG:
        return list(ids.tolist())
    return list(range(1, len(ids) + 1))


def _column(column: NDArray[Any], kind: str) -> list[Any]:
    """A GDAL column as cells: whole-number fields stay whole where a row is blank."""
    if kind == "OFTBinary":
        return [None] * len(column)
    if column.dtype.kind in "iub":
        return list(column.tolist())
    if kind.startswith("OFTInteger") and column.dtype.kind == "f":
        return [None if np.isnan(value) else int(value) for value in column]
    if column.dtype.kind == "f":
        return cell_numbers(column)
    cells = column.tolist()
    if set(map(type, cells)) == {str}:
        return [cell.strip() or None for cell in cells]
    return [cell.strip() or None if type(cell) is str else _cell(cell) for cell in cells]


def _cell(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return json.dumps(value.tolist(), ensure_ascii=False, default=str)
    return cell_value(value)


def _decoded(
    path: Path, fields: list[str], columns: list[list[Any]], encoding: str
) -> tuple[list[str], list[list[Any]], str]:
    """Names and texts of a Shapefile in the encoding it has: GDAL would take an undeclared one for ISO-8859-1."""
    declared = dbf_encoding(path.with_suffix(".dbf")) if encoding == AUTO else known_encoding(encoding)
    raw = {text.encode(RAW, "replace") for text in _texts(fields, columns)}
    try:
        letters, used = decode_cells(raw, declared)
    except InvalidFile:
        if encoding != AUTO or declared is None:
            raise
        letters, used = decode_cells(raw, None)

    def text(value: Any) -> Any:
        return letters[value.encode(RAW, "replace")].strip() or None if isinstance(value, str) else value

    return (
        [text(field) or field for field in fields],
        [[text(value) for value in column] for column in columns],
        used,
    )


def _texts(fields: list[str], columns: list[list[Any]]) -> Iterable[str]:
    yield from fields
    for column in columns:
        yield from (value for value in column if isinstance(value, str))


def _without_unreadable(table: FeatureTable) -> FeatureTable:
    """Leave out the rows with a text that can't be stored."""
    faults: dict[int, Problem] = {}
    for field, column in zip(table.fields, table.columns, strict=True):
        if column_is_storable(column):
            continue
        for index, value in enumerate(column):
            if isinstance(value, str) and (fault := text_fault(value)):
                faults[index] = Problem(fault, file=table.file, row=table.row_numbers[index], column=field)
    return table.without(set(faults), (faults[index] for index in sorted(faults)))


def _joined(tables: list[FeatureTable]) -> FeatureTable:
    """The folders of one KML as one table, numbered on."""
    first = tables[0]
    fields = tuple(dict.fromkeys(field for table in tables for field in table.fields))
    rows = [row for table in tables for row in table.rows]
    return FeatureTable(
        file=first.file,
        layer=None,
        sheet=None,
        fields=fields,
        columns=[[row.get(field) for row in rows] for field in fields],
        geometry=[shape for table in tables for shape in table.geometry],
        row_numbers=list(range(1, len(rows) + 1)),
        crs=first.crs,
        encoding=first.encoding,
        problems=first_problems(problem for table in tables for problem in table.problems),
    )

"""GeoPackage and Shapefile, by GDAL's own drivers; columns travel as Arrow."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyogrio.raw
import shapely

from geoservice.errors import InvalidFile
from geoservice.formats.writing_names import fitting_names
from geoservice.formats.writing_values import Kind, as_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geoservice.formats.writing_values import Column, Features

GEOMETRY = "geom"
CHINESE, UNIVERSAL = "GBK", "UTF-8"
LONGEST_TEXT_BYTES = 254
# Nothing else in the archive may look like a layer to a program that opens it.
README = "README.md"


def write_geopackage(path: Path, features: Features) -> None:
    """Write one layer with title and notes; of a table without shapes a layer of attributes only."""
    arrays = [column.values for column in features.columns]
    names = [column.header for column in features.columns]
    _write(path, features, dict(zip(names, arrays, strict=True)), {
        "driver": "GPKG",
        "layer_options": {"IDENTIFIER": features.title, "DESCRIPTION": features.description, "GEOMETRY_NAME": GEOMETRY},
    })  # fmt: skip


def write_shapefile(path: Path, features: Features) -> None:
    """Write a zip with the Shapefile, in GBK where that has every letter, and a table of shortened field names."""
    columns = [(column.header, _for_dbf(column)) for column in features.columns]
    encoding = CHINESE if all(_is_chinese(name, values) for name, values in columns) else UNIVERSAL
    names = fitting_names([name for name, _ in columns], encoding)
    cut: dict[str, int] = {}
    fitted: dict[str, pa.Array] = {}
    for (header, values), name in zip(columns, names, strict=True):
        fitted[name], count = _fitting_texts(values, encoding)
        if count:
            cut[header] = count
    folder = path.parent / "parts"
    folder.mkdir()
    options = {"driver": "ESRI Shapefile", "encoding": encoding}
    _write(folder / f"{features.name}.shp", features, fitted, options)
    (folder / f"{features.name}.cpg").write_text(encoding, "ascii")
    (folder / README).write_text(_readme(features, names, encoding, cut), "utf-8-sig")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, part.name)


def _write(path: Path, features: Features, arrays: dict[str, pa.Array], options: dict[str, Any]) -> None:
    table = dict(arrays)
    if features.shapes is not None:
        table[GEOMETRY] = pa.array(shapely.to_wkb(features.placed), pa.binary())
        options = {
            **options,
            "geometry_name": GEOMETRY,
            "geometry_type": features.geometry,
            "crs": features.target.definition,
        }
    else:
        options["layer_options"] = {
            key: value for key, value in options["layer_options"].items() if key != "GEOMETRY_NAME"
        }
    try:
        pyogrio.raw.write_arrow(pa.table(table), str(path), layer=features.name, **options)
    except pyogrio.errors.DataSourceError as error:
        raise InvalidFile("file_not_writable", file=path.name, reason=str(error)) from error


def _for_dbf(column: Column) -> pa.Array:
    """A dBase table knows numbers, texts and days."""
    if column.kind is Kind.FLAG:
        return column.values.cast(pa.int32())
    if column.kind is Kind.INSTANT:
        return as_text(column.values, column.kind)
    return column.values


def _is_chinese(name: str, values: pa.Array) -> bool:
    """Whether GBK has every letter of a column."""
    try:
        name.encode(CHINESE)
        if pa.types.is_string(values.type):
            "".join(pc.unique(values).drop_null().to_pylist()).encode(CHINESE)
    except UnicodeEncodeError:
        return False
    return True


def _fitting_texts(values: pa.Array, encoding: str) -> tuple[pa.Array, int]:
    """Texts that fit a dBase cell → them, and how many had to be cut; whole letters are kept."""
    if not pa.types.is_string(values.type) or not len(values):
        return values, 0
    longest = pc.max(pc.binary_length(values)).as_py() or 0
    if longest <= LONGEST_TEXT_BYTES:  # UTF-8 is never shorter than GBK
        return values, 0
    cells = values.to_pylist()
    fitted = [None if cell is None else _cut(cell, encoding) for cell in cells]
    return pa.array(fitted, pa.string()), sum(old != new for old, new in zip(cells, fitted, strict=True))


def _cut(text: str, encoding: str) -> str:
    return text.encode(encoding)[:LONGEST_TEXT_BYTES].decode(encoding, "ignore")


def _readme(features: Features, names: Sequence[str], encoding: str, cut: dict[str, int]) -> str:
    lines = [
        f"# {features.title}",
        "",
        *features.notes,
        "",
        f"- 编码 encoding: {encoding} ({features.name}.cpg)",
        f"- 坐标系 coordinates: {features.target.code} ({features.target.crs.name})",
        "",
        "| 字段 field | 全名 full name |",
        "| --- | --- |",
        *(f"| {name} | {column.header} |" for name, column in zip(names, features.columns, strict=True)),
    ]
    if cut:
        lines += ["", f"超过 {LONGEST_TEXT_BYTES} 字节而被截断 cut at {LONGEST_TEXT_BYTES} bytes:"]
        lines += [f"- {header}: {count}" for header, count in cut.items()]
    return "\n".join(lines) + "\n"

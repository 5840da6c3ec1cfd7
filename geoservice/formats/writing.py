"""Features as files of every format people ask for, whole or not at all: written beside, then renamed into place."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, InvalidFile
from geoservice.formats import writing_gdal, writing_gpx, writing_json, writing_kml, writing_parquet
from geoservice.formats import writing_tables as tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoservice.formats.writing_values import Features


class Format(StrEnum):
    """What a file may be; the value is its ending."""

    GPKG = "gpkg"
    GEOJSON = "geojson"
    SHAPEFILE = "zip"
    KML = "kml"
    CSV = "csv"
    XLSX = "xlsx"
    GPX = "gpx"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Manner:
    """How a format is written; `places`: which coordinates it may hold; `tables`: whether rows without a shape fit."""

    write: Callable[[Path, Features], None]
    content_type: str
    places: str  # "any", "lonlat" (and GCJ-02 where somebody insists) or "wgs84"
    tables: bool = True


MANNERS: dict[Format, Manner] = {
    Format.GPKG: Manner(writing_gdal.write_geopackage, "application/geopackage+sqlite3", "any"),
    Format.GEOJSON: Manner(writing_json.write_geojson, "application/geo+json", "lonlat"),
    Format.SHAPEFILE: Manner(writing_gdal.write_shapefile, "application/zip", "any", tables=False),
    Format.KML: Manner(writing_kml.write_kml, "application/vnd.google-earth.kml+xml", "lonlat", tables=False),
    Format.CSV: Manner(tables.write_csv, "text/csv; charset=utf-8", "any"),
    Format.XLSX: Manner(
        tables.write_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "any"
    ),
    Format.GPX: Manner(writing_gpx.write_gpx, "application/gpx+xml", "wgs84", tables=False),
    Format.PARQUET: Manner(writing_parquet.write_parquet, "application/vnd.apache.parquet", "any"),
}
WORDS = {
    "shp": Format.SHAPEFILE,
    "shapefile": Format.SHAPEFILE,
    "json": Format.GEOJSON,
    "geoparquet": Format.PARQUET,
}


def format_named(word: str) -> Format:
    """Return the format of an ending or a name; BadRequest that lists the formats."""
    folded = word.strip().lower()
    if folded in WORDS:
        return WORDS[folded]
    if folded not in set(Format):
        raise BadRequest("unknown_file_type", value=word[:20], types=", ".join((*Format, "shp")))
    return Format(folded)


def write(path: Path, kind: Format, features: Features) -> None:
    """Write features to `path`, replacing it only when all went well.

    Raises BadRequest where the format can't hold them (coordinates, rows without a shape, too many rows) and
    InvalidFile where the place can't be written to.
    """
    refuse_misfit(kind, features)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            written = Path(folder) / f"{features.name}.{kind}"
            MANNERS[kind].write(written, features)
            written.replace(path)
    except OSError as error:
        raise InvalidFile("file_not_writable", file=path.name, reason=error.strerror or str(error)) from error


def refuse_misfit(kind: Format, features: Features) -> None:
    """Raise BadRequest where a format can't hold what is to be written."""
    manner, target = MANNERS[kind], features.target
    if features.shapes is None and not manner.tables:
        raise BadRequest("format_needs_shapes", format=kind)
    if features.shapes is None:
        return
    fits = {
        "any": True,
        "lonlat": target.is_wgs84 or target.is_shifted,
        "wgs84": target.is_wgs84,
    }
    if not fits[manner.places]:
        raise BadRequest("format_needs_wgs84", format=kind, crs=target.code)
    if kind is Format.GPX and features.geometry not in {"Point", "LineString"}:
        raise BadRequest("format_needs_lines")

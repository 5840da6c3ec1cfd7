"""Which kind of file this is: its name and its content must agree, so that nothing is read as what it is not."""

from __future__ import annotations

import re
import zipfile
from enum import StrEnum
from pathlib import Path

from geoservice.errors import InvalidFile
from geoservice.formats.text import BYTE_ORDER_MARKS


class Kind(StrEnum):
    """The kinds of file we read."""

    SHAPEFILE = "Shapefile"
    ARCHIVE = "zip"
    GPKG = "GeoPackage"
    GEOJSON = "GeoJSON"
    KML = "KML"
    KMZ = "KMZ"
    FLATGEOBUF = "FlatGeobuf"
    GPX = "GPX"
    DXF = "DXF"
    OSM = "OSM"
    CSV = "CSV"
    WORKBOOK = "workbook"
    PLT = "PLT"


KIND_OF_SUFFIX = {
    ".shp": Kind.SHAPEFILE,
    ".zip": Kind.ARCHIVE,
    ".gpkg": Kind.GPKG,
    ".geojson": Kind.GEOJSON,
    ".json": Kind.GEOJSON,
    ".kml": Kind.KML,
    ".kmz": Kind.KMZ,
    ".fgb": Kind.FLATGEOBUF,
    ".gpx": Kind.GPX,
    ".dxf": Kind.DXF,
    ".pbf": Kind.OSM,
    ".csv": Kind.CSV,
    ".tsv": Kind.CSV,
    ".txt": Kind.CSV,
    ".xlsx": Kind.WORKBOOK,
    ".xlsm": Kind.WORKBOOK,
    ".xls": Kind.WORKBOOK,
    ".ods": Kind.WORKBOOK,
    ".plt": Kind.PLT,
}
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BINARY_STARTS: dict[Kind, tuple[bytes, ...]] = {
    Kind.SHAPEFILE: (b"\x00\x00\x27\x0a",),
    Kind.GPKG: (b"SQLite format 3\x00",),
    Kind.FLATGEOBUF: (b"fgb",),
    Kind.ARCHIVE: ZIP,
    Kind.KMZ: ZIP,
}
BINARY_DXF = b"AutoCAD Binary DXF"
DXF_START = re.compile(rb"\s*(999\s[^\n]*\n\s*)*0\s*\r?\n\s*SECTION", re.IGNORECASE)
NEVER_TEXT = (
    *ZIP,
    OLD_EXCEL,
    b"SQLite format 3",
    b"\x7fELF",
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
)
HEAD_BYTES = 4096


def kind_of(path: Path, name: str) -> Kind:
    """The kind its name claims, once its content agrees; InvalidFile when there is none, or they differ."""
    suffix = Path(name).suffix.lower()
    kind = KIND_OF_SUFFIX.get(suffix)
    if kind is None:
        raise InvalidFile("kind_unknown", suffix=suffix or "-", supported=", ".join(sorted(KIND_OF_SUFFIX)))
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head.strip():
        raise InvalidFile("file_empty")
    if not _agrees(kind, head, path):
        raise InvalidFile("kind_mismatch", suffix=suffix, kind=str(kind))
    return kind


def _agrees(kind: Kind, head: bytes, path: Path) -> bool:
    if kind == Kind.WORKBOOK:
        return head.startswith(OLD_EXCEL) or (head.startswith(ZIP) and _holds_a_workbook(path))
    if kind in BINARY_STARTS:
        return head.startswith(BINARY_STARTS[kind])
    if kind == Kind.OSM:
        return head[4:15] == b"\x0a\x09OSMHeader"
    if kind == Kind.DXF:
        return head.startswith(BINARY_DXF) or DXF_START.match(_without_mark(head)) is not None
    if kind in {Kind.CSV, Kind.PLT}:
        return _is_text(head)
    return _is_text(head) and (_first_letter(head) == b"<") == (kind in {Kind.KML, Kind.GPX})


def _is_text(head: bytes) -> bool:
    return not head.startswith(NEVER_TEXT)


def _without_mark(head: bytes) -> bytes:
    return next((head[len(mark) :] for mark, _ in BYTE_ORDER_MARKS if head.startswith(mark)), head)


def _first_letter(head: bytes) -> bytes:
    return _without_mark(head).replace(b"\x00", b"").lstrip()[:1]


def _holds_a_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {entry.filename for entry in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InvalidFile("archive_broken") from error
    return any(name.startswith("xl/") for name in names) or {"content.xml", "mimetype"} <= names

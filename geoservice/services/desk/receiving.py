"""Files taken in: moved to a place of ours, under names that can be no path."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest, StorageFull
from geoservice.formats.kinds import SHAPEFILE_PARTS
from geoservice.formats.tables import Limits
from geoservice.formats.text import text_fault
from geoservice.services.desk.shelf import draft_folder
from geoservice.services.importing.flow import storable
from geoservice.store import drafts as stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

CHUNK_BYTES = 1 << 20
SPARE_BYTES = 64 << 20
LONGEST_STEM, LONGEST_NAME = 60, 255
SEPARATORS = re.compile(r"[\\/]")
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}")
# What programs lay beside a Shapefile and nobody needs to read it.
LITTER = (
    ".sbn",
    ".sbx",
    ".shp.xml",
    ".qpj",
    ".qix",
    ".qmd",
    ".qml",
    ".sld",
    ".fix",
    ".ain",
    ".aih",
    ".atx",
    ".cst",
    ".lyr",
)
DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
WKT_LINE = re.compile(
    r"(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\s*(Z|M|ZM)?\s*\(", re.IGNORECASE
)


@dataclass(frozen=True)
class Received:
    """An upload that lies in a temporary file, and what its owner calls it."""

    name: str
    path: Path


@dataclass(frozen=True)
class _Placed:
    """A file and where it goes, beneath its draft's folder."""

    file: Received
    path: PurePosixPath


def receive(
    session: Session, settings: Settings, files: Sequence[Received], *, by: int | None, now: datetime
) -> int:
    """Make a draft of files and return its id; BadRequest when there are none, too many, or a lone part of a Shapefile."""
    most = Limits().files
    wanted = [file for file in files if not _own_name(file.name).lower().endswith(LITTER)]
    if not wanted:
        raise BadRequest("upload_empty")
    if len(wanted) > most:
        raise BadRequest("upload_too_many", count=len(wanted), most=most)
    placed = _placed(wanted)
    draft_id = stored.add_draft(session, by=by, at=now)
    folder = draft_folder(settings, draft_id)
    try:
        _refuse_full_disk(folder, wanted)
        kept = [_keep(each, folder) for each in placed]
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            raise StorageFull from error
        raise
    stored.set_draft(session, draft_id, files=kept)
    return draft_id


def receive_text(session: Session, settings: Settings, text: str, *, by: int | None, now: datetime) -> int:
    """Make a draft of a pasted list: CSV, TSV as Excel copies it, GeoJSON, or lines of WKT; return its id."""
    text = text.strip("\ufeff\r\n ")
    if not text.strip():
        raise BadRequest("paste_empty")
    if text_fault(text):
        raise BadRequest("paste_unreadable")
    name, content = _pasted(text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(content, encoding="utf-8", newline="")
        return receive(session, settings, [Received(name, path)], by=by, now=now)


def _pasted(text: str) -> tuple[str, str]:
    """What a pasted text is called, and what it is as a file."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if text[0] in "{[":
        return "pasted.geojson", text
    if all(WKT_LINE.match(line) for line in lines):
        sheet = io.StringIO()
        csv.writer(sheet).writerows([["wkt"], *([line] for line in lines)])
        return "pasted.csv", sheet.getvalue()
    return ("pasted.tsv" if "\t" in lines[0] else "pasted.csv"), text


def _placed(files: Sequence[Received]) -> list[_Placed]:
    """Where each file goes: a folder each, but one for all parts of a Shapefile, which is known by the first of them: its .shp."""
    homes: dict[str, tuple[int, str]] = {}
    placed: dict[PurePosixPath, _Placed] = {}
    for number, file in enumerate(files):
        stem, suffix = safe_name(file.name)
        home = number
        if suffix in SHAPEFILE_PARTS:
            home, stem = homes.setdefault(stem.casefold(), (number, stem))
        path = PurePosixPath(str(home), *_owner(file.name, suffix), f"{stem}{suffix}")
        if path in placed:
            raise BadRequest("upload_twice", file=storable(file.name)[:LONGEST_NAME])
        placed[path] = _Placed(file, path)
    for each in placed.values():
        if each.path.suffix in SHAPEFILE_PARTS and each.path.with_suffix(".shp") not in placed:
            raise BadRequest("shapefile_part_alone", file=storable(each.file.name)[:LONGEST_NAME])
    beside = SHAPEFILE_PARTS[1:]
    return sorted(placed.values(), key=lambda each: (int(each.path.parts[0]), each.path.suffix in beside))


def _owner(name: str, suffix: str) -> tuple[str, ...]:
    """The folder that tells whose a GeoLife log is: its own, or one after the file where it came without."""
    if suffix != ".plt":
        return ()
    folders = [part for part in SEPARATORS.split(name)[:-1] if part and part.lower() != "trajectory"]
    return (safe_name(folders[-1] if folders else name)[0],)


def safe_name(name: str) -> tuple[str, str]:
    """A file's name without its folders as (stem, extension), of letters that mean nothing to a file system."""
    own = _own_name(name)
    suffix = PurePosixPath(own).suffix
    suffix = suffix.lower() if SUFFIX.fullmatch(suffix) else ""
    stem = own[: len(own) - len(suffix)]
    kept = "".join(letter if letter.isalnum() or letter in " -_.()（）" else "_" for letter in stem)
    return kept.strip(" .")[:LONGEST_STEM].strip(" .") or "file", suffix


def _own_name(name: str) -> str:
    return SEPARATORS.split(name)[-1]


def _refuse_full_disk(folder: Path, files: Sequence[Received]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    needed = sum(file.path.stat().st_size for file in files) + SPARE_BYTES
    if shutil.disk_usage(folder).free < needed:
        raise StorageFull


def _keep(placed: _Placed, folder: Path) -> dict[str, Any]:
    """Put a file where it belongs: under its name it is whole, or it is not there."""
    target = folder / placed.path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    half = target.with_name(f".{target.name}.part")
    with placed.file.path.open("rb") as source, half.open("xb") as sink:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            sink.write(chunk)
        sink.flush()
        os.fsync(sink.fileno())
    half.rename(target)
    placed.file.path.unlink()
    return {
        "name": storable(placed.file.name)[:LONGEST_NAME],
        "path": str(placed.path),
        "sha256": digest.hexdigest(),
        "bytes": size,
    }

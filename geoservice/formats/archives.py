"""Zip files that may be hostile: entries counted, inflated bytes counted as they come, their names never used on disk."""

from __future__ import annotations

import stat
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from geoservice.errors import InvalidFile
from geoservice.formats.kinds import KIND_OF_SUFFIX, SHAPEFILE_PARTS, Kind
from geoservice.formats.text import GUESSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geoservice.formats.tables import Limits

CHUNK_BYTES = 1 << 20
WORKBOOK_ENTRIES = 2_000
ENCRYPTED = 0x1
NAME_IS_UTF8 = 0x800
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, LookupError, RuntimeError)


@dataclass(frozen=True)
class Member:
    """One entry that we may take out, with the name its owner gave it."""

    entry: zipfile.ZipInfo
    name: str

    @property
    def suffix(self) -> str:
        """Its extension in small letters, with the dot."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def title(self) -> str:
        """Its file name without folder and extension: the name of its layer."""
        return PurePosixPath(self.name).stem


def take_out(path: Path, folder: Path, limits: Limits, layer: str | None) -> tuple[Path, str]:
    """Unpack the one data set in a zip (`layer` chooses among several) into `folder` → its path, and its own name."""
    with _opened(path) as archive:
        members = _members(archive, limits.files)
        chosen = _chosen(members, layer)
        parts = _parts_of(chosen, members)
        budget = limits.inflated_bytes
        for part in parts:
            budget -= _inflate(archive, part, folder / f"entry{part.suffix}", budget)
    return folder / f"entry{chosen.suffix}", chosen.name


def data_sets(path: Path, limits: Limits) -> list[str]:
    """The names by which `take_out` takes the data sets in a zip: those with shapes if any has them, else tables."""
    with _opened(path) as archive:
        return sorted(member.title for member in _candidates(_members(archive, limits.files)))


def take_out_kml(path: Path, folder: Path, limits: Limits) -> Path:
    """Unpack the document of a KMZ: `doc.kml`, else its first .kml."""
    with _opened(path) as archive:
        documents = [member for member in _members(archive, limits.files) if member.suffix == ".kml"]
        if not documents:
            raise InvalidFile("archive_holds_nothing", supported=".kml")
        chosen = min(documents, key=lambda member: (member.title.lower() != "doc", member.name.count("/")))
        target = folder / "entry.kml"
        _inflate(archive, chosen, target, limits.inflated_bytes)
    return target


def check_workbook(path: Path, limits: Limits) -> None:
    """Inflate a workbook into nothing, to learn that it is no bomb before a library opens it."""
    with _opened(path) as archive:
        budget = limits.inflated_bytes
        for member in _members(archive, WORKBOOK_ENTRIES):
            budget -= _inflate(archive, member, None, budget)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except BROKEN as error:
        raise InvalidFile("archive_broken") from error


def _members(archive: zipfile.ZipFile, most: int) -> list[Member]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > most:
        raise InvalidFile("archive_too_many_files", count=len(entries), most=most)
    members = [Member(entry, _own_name(entry)) for entry in entries]
    for member in members:
        _refuse_unsafe(member)
    return [member for member in members if not _is_litter(member.name)]


def _refuse_unsafe(member: Member) -> None:
    path = PurePosixPath(member.name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or stat.S_ISLNK(member.entry.external_attr >> 16):
        raise InvalidFile("archive_unsafe", entry=member.name)
    if member.entry.flag_bits & ENCRYPTED:
        raise InvalidFile("archive_encrypted")


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


def _own_name(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & NAME_IS_UTF8:
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    for encoding in GUESSES:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _readable(members: list[Member]) -> list[Member]:
    return [member for member in members if KIND_OF_SUFFIX.get(member.suffix, Kind.ARCHIVE) != Kind.ARCHIVE]


def _candidates(members: list[Member]) -> list[Member]:
    readable = _readable(members)
    return [member for member in readable if KIND_OF_SUFFIX[member.suffix] != Kind.CSV] or readable


def _chosen(members: list[Member], layer: str | None) -> Member:
    readable = _readable(members)
    candidates = _candidates(members)
    if layer is not None:
        wanted = [
            member
            for member in readable
            if layer in {member.title, member.name, PurePosixPath(member.name).name}
        ]
        candidates = wanted or (candidates if len(candidates) == 1 else [])
    if not readable:
        raise InvalidFile("archive_holds_nothing", supported=", ".join(sorted(KIND_OF_SUFFIX)))
    if len(candidates) != 1:
        raise InvalidFile("layer_needed", layers=", ".join(sorted(member.title for member in readable)))
    return candidates[0]


def _parts_of(chosen: Member, members: list[Member]) -> list[Member]:
    if chosen.suffix != ".shp":
        return [chosen]
    stem = chosen.name[: -len(chosen.suffix)].lower()
    beside = {
        member.suffix: member
        for member in members
        if member.name[: -len(member.suffix) or None].lower() == stem
    }
    return [beside[suffix] for suffix in SHAPEFILE_PARTS if suffix in beside]


def _inflate(archive: zipfile.ZipFile, member: Member, target: Path | None, budget: int) -> int:
    """Write (or only count) what an entry really holds → its bytes; stop as soon as they pass the budget."""
    written = 0
    with archive.open(member.entry) as source, (target or Path("/dev/null")).open("wb") as sink:
        while chunk := source.read(CHUNK_BYTES):
            written += len(chunk)
            if written > budget:
                raise InvalidFile("archive_too_large")
            sink.write(chunk)
    return written

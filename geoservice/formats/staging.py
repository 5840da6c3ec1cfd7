"""A user's file, checked from outside and put where the child finds it under a name of ours."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from geoservice.errors import InvalidFile
from geoservice.formats.kinds import SHAPEFILE_PARTS

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.formats.tables import Limits


def refuse_unreadable(path: Path, limits: Limits, name: str) -> None:
    """InvalidFile when there is no such file, or it is empty or too large."""
    if not path.is_file():  # a pipe would never open
        raise InvalidFile("file_missing", file=name)
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise InvalidFile("file_missing", file=name) from error
    if size == 0:
        raise InvalidFile("file_empty", file=name)
    if size > limits.file_bytes:
        raise InvalidFile("file_too_large", file=name, megabytes=round(limits.file_bytes / 1e6))


def stage(path: Path, folder: Path, suffix: str) -> Path:
    """Copy a file (a Shapefile: its parts) into `folder` as `input` with its extension.

    A copy, never a link: GDAL may write beside a database, and makes a Shapefile's index anew where it opens it.
    """
    suffix = suffix.lower()
    target = folder / f"input{suffix if suffix[1:].isascii() and suffix[1:].isalnum() else ''}"
    shutil.copyfile(path, target)
    if suffix == ".shp":
        for part in path.parent.iterdir():
            if part.stem == path.stem and part.suffix.lower() in SHAPEFILE_PARTS[1:]:
                shutil.copyfile(part, folder / f"input{part.suffix.lower()}")
    return target


def name_with_folders(path: Path) -> str:
    """A file with its two folders: a GeoLife log's tell whose it is."""
    return "/".join(path.absolute().parts[-3:]) if path.suffix.lower() == ".plt" else path.name

"""Workbooks (xlsx, xls, ods) opened by calamine, once they are known to be no bomb."""

from __future__ import annotations

import re
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import python_calamine

from geoservice.errors import InvalidFile
from geoservice.formats.archives import check_workbook
from geoservice.formats.kinds import OLD_EXCEL, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geoservice.formats.tables import Limits

CONTENT = "content.xml"
# Ends of lines between the elements of a table mean nothing; calamine takes them for cells, and GDAL writes them.
BETWEEN = re.compile(rb"(</?table:[^<>]*>|</text:p>)\s+(?=<)|\s+(?=</?table:)")


@contextmanager
def opened_workbook(path: Path, limits: Limits) -> Iterator[python_calamine.CalamineWorkbook]:
    """Open a workbook for as long as the block lasts; InvalidFile where it can't be read."""
    with path.open("rb") as stream:
        if not stream.read(8).startswith(OLD_EXCEL):
            check_workbook(path, limits)
            path = _on_one_line(path)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            yield book
    except python_calamine.PasswordError as error:
        raise InvalidFile("workbook_locked") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise InvalidFile("file_damaged", kind=str(Kind.WORKBOOK)) from error


def _on_one_line(path: Path) -> Path:
    """A copy of an OpenDocument sheet without ends of lines between its elements, where there are any; else the file itself."""
    with zipfile.ZipFile(path) as archive:
        if CONTENT not in archive.namelist():
            return path
        content = archive.read(CONTENT)
        bare = BETWEEN.sub(rb"\1", content)
        if bare == content:
            return path
        copy = path.with_name(f"bare-{path.name}")
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as written:
            for name in archive.namelist():
                written.writestr(name, bare if name == CONTENT else archive.read(name))
    return copy

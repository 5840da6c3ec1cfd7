"""The same texts in each encoding they might be in, so that somebody who reads Chinese can tell which is right."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from geoservice.formats.kinds import Kind
from geoservice.formats.text import GUESSES

if TYPE_CHECKING:
    from pathlib import Path

LINES = 5
WIDEST_CELL = 80
CSV_HEAD_BYTES = 64_000
DELIMITERS = ",;\t|"
RAW = "ISO-8859-1"  # every byte is one letter, so that the bytes can be had back


def show_encodings(path: Path, kind: Kind, used: str | None) -> dict[str, list[list[str]]]:
    """The first rows as each encoding shows them; nothing for files whose format leaves no doubt."""
    names = dict.fromkeys((*GUESSES, *([used] if used else [])))
    if kind == Kind.CSV:
        head = path.read_bytes()[:CSV_HEAD_BYTES]
        return {name: _csv_rows(head, name) for name in names}
    if kind == Kind.SHAPEFILE:
        lines = _raw_lines(path)
        return {name: [[_decoded(cell, name) for cell in line] for line in lines] for name in names}
    return {}


def _csv_rows(head: bytes, encoding: str) -> list[list[str]]:
    lines = head.decode(encoding, "replace").replace("\0", "\ufffd").splitlines()[: LINES + 1]
    header = next(iter(lines), "")
    delimiter = max(DELIMITERS, key=header.count)
    records = csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=delimiter)
    try:
        return [[cell.strip()[:WIDEST_CELL] for cell in record] for record in records]
    except csv.Error:
        return []


def _raw_lines(path: Path) -> list[list[bytes]]:
    """Header and first rows of the text fields of a Shapefile, as the bytes that they are."""
    import pyogrio

    try:
        meta, _, _, values = pyogrio.raw.read(path, encoding=RAW, read_geometry=False, max_features=LINES)
    except Exception:  # the reading itself has said what is wrong
        return []
    texts = [
        (field_name, column)
        for field_name, column, sort in zip(meta["fields"], values, meta["ogr_types"], strict=True)
        if sort == "OFTString"
    ]
    header = [str(field_name).encode(RAW, "replace") for field_name, _ in texts]
    rows = zip(*(column for _, column in texts), strict=True)
    return (
        [header, *([str(cell or "").encode(RAW, "replace") for cell in row] for row in rows)] if texts else []
    )


def _decoded(cell: bytes, encoding: str) -> str:
    return cell.decode(encoding, "replace").replace("\0", "\ufffd").strip()[:WIDEST_CELL]

"""Bytes to text: the encoding that was declared, else strict UTF-8, else GB18030; never a silent guess."""

from __future__ import annotations

import codecs
from types import NoneType
from typing import TYPE_CHECKING, Any

from geoservice.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AUTO = "auto"
CHUNK_BYTES = 1 << 20
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
GUESSES = ("utf-8", "gb18030")
CHINESE = {"gbk", "gb2312", "cp936", "hz", "gb18030"}
NOT_FOR_TEXT = {
    "idna",
    "punycode",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "utf_7",
    "mbcs",
    "oem",
}
# Language driver of a .dbf (byte 29) → code page: those that leave no doubt. 0x57 and 0x00 say nothing.
DBF_LANGUAGE = {
    0x4D: "gb18030",
    0x7A: "gb18030",
    0x4F: "cp950",
    0x78: "cp950",
    0x7B: "cp932",
    0x13: "cp932",
    0x4E: "cp949",
    0x79: "cp949",
}


def known_encoding(name: str) -> str:
    """Python's name of an encoding as people and .cpg files write it; InvalidFile when there is none."""
    cleaned = name.strip().strip("\x00").lower().replace("ansi ", "").replace("oem ", "")
    if cleaned.isdigit():
        cleaned = {"65001": "utf-8", "54936": "gb18030"}.get(cleaned, f"cp{cleaned}")
    try:
        found = codecs.lookup(cleaned).name
        "a".encode(found)  # refuses codecs that turn bytes into bytes
    except (LookupError, ValueError) as error:
        raise InvalidFile("encoding_unsupported", encoding=name) from error
    if found.replace("-", "_") in NOT_FOR_TEXT:
        raise InvalidFile("encoding_unsupported", encoding=name)
    return "gb18030" if found in CHINESE else found


def decode_file(raw: bytes, encoding: str = AUTO) -> tuple[str, str]:
    """The text of a whole file and the encoding it had."""
    for mark, name in BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return _strict(raw, name).lstrip("\ufeff"), name
    if encoding != AUTO:
        name = known_encoding(encoding)
        return _strict(raw, name), name
    for name in GUESSES:
        try:
            return raw.decode(name), name
        except UnicodeDecodeError:
            continue
    raise InvalidFile("encoding_unknown")


def plain_encoding(path: Path, encoding: str = AUTO) -> str | None:
    """The encoding by which `decode_file` would read a file, found a part at a time.

    None where it is another than UTF-8 or GB18030, there is none, or the file holds a NUL.
    """
    with path.open("rb") as stream:
        marked = next((name for mark, name in BYTE_ORDER_MARKS if stream.read(4).startswith(mark)), None)
    told = marked or (None if encoding == AUTO else known_encoding(encoding))
    wanted = GUESSES if told is None else tuple(name for name in GUESSES if name == told)
    return next((name for name in wanted if _reads(path, name)), None)


def _reads(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                if b"\0" in chunk:
                    return False
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decode_cells(cells: set[bytes], encoding: str | None) -> tuple[dict[bytes, str], str]:
    """The text of many short byte strings, and the one encoding that reads them all.

    A fixed-width file cuts the last character of a long text in half: the half is dropped.
    """
    for name in [encoding] if encoding else GUESSES:
        decoded = _all_decoded(cells, name)
        if decoded is not None:
            return decoded, name
    if encoding:
        raise InvalidFile("encoding_wrong", encoding=encoding)
    raise InvalidFile("encoding_unknown")


def dbf_encoding(dbf: Path) -> str | None:
    """What a Shapefile says of its encoding: its .cpg, else an unmistakable language byte; None when it is silent."""
    cpg = dbf.with_suffix(".cpg")
    if cpg.exists():
        try:
            return known_encoding(cpg.read_bytes()[:64].decode("ascii"))
        except (InvalidFile, UnicodeDecodeError):
            return None
    if not dbf.exists():
        return None
    with dbf.open("rb") as stream:
        head = stream.read(32)
    return DBF_LANGUAGE.get(head[29]) if len(head) == 32 else None


def text_fault(text: str) -> str | None:
    """Why a text can't be stored: `text_nul` or `text_surrogate`; None when it can."""
    if "\x00" in text:
        return "text_nul"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "text_surrogate"
    return None


def column_is_storable(cells: Sequence[Any]) -> bool:
    """Whether no text of a column has a fault: one look at all of them together."""
    kinds = set(map(type, cells))
    if kinds <= {str, NoneType}:
        return text_fault("".join(cells if NoneType not in kinds else filter(None, cells))) is None
    return text_fault("".join([cell for cell in cells if isinstance(cell, str)])) is None


def _strict(raw: bytes, name: str) -> str:
    try:
        return raw.decode(name)
    except UnicodeDecodeError as error:
        raise InvalidFile("encoding_wrong", encoding=name) from error


def _all_decoded(cells: set[bytes], name: str) -> dict[bytes, str] | None:
    decoded = {}
    for cell in cells:
        try:
            decoded[cell] = cell.decode(name)
        except UnicodeDecodeError as error:
            cut = cell[: error.start]
            if not cut or len(cell) - error.start > 3 or not _was_cut_off(error):
                return None
            decoded[cell] = cut.decode(name)
    return decoded


def _was_cut_off(error: UnicodeDecodeError) -> bool:
    return "incomplete" in error.reason or "unexpected end" in error.reason

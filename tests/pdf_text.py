"""The text of a PDF's pages, by the file's own tables from glyphs to letters: what a reader finds and copies."""

from __future__ import annotations

import base64
import re
import zlib

Letters = dict[int, str]


def pages_of(pdf: bytes) -> list[str]:
    """The rows of text of each page, a line each."""
    found = re.findall(rb"(?s)(?:^|\n)(\d+) 0 obj\n(.*?)endobj", pdf)
    parts = {int(number): body for number, body in found}
    fonts = {name.decode(): _letters(parts, parts[int(number)]) for name, number in set(re.findall(rb"/(F\d+\+\d+) (\d+) 0 R", pdf))}  # fmt: skip
    pages = [body for body in parts.values() if re.search(rb"/Type /Page\b(?!s)", body)]
    contents = (int(re.search(rb"/Contents (\d+) 0 R", page)[1]) for page in pages)
    return [_text(_stream(parts[number]).decode("latin-1"), fonts) for number in contents]


def _letters(parts: dict[int, bytes], font: bytes) -> Letters:
    """Which letter each glyph of a font is, as /ToUnicode says."""
    table = _stream(parts[int(re.search(rb"/ToUnicode (\d+) 0 R", font)[1])]).decode()
    letters: Letters = {}
    for first, listed in re.findall(r"<(\w+)> <\w+>\s*\[([^\]]*)\]", table):
        for step, letter in enumerate(re.findall(r"<(\w+)>", listed)):
            letters[int(first, 16) + step] = bytes.fromhex(letter).decode("utf-16-be")
    for block in re.findall(r"(?s)beginbfchar(.*?)endbfchar", table):
        for glyph, letter in re.findall(r"<(\w+)> <(\w+)>", block):
            letters[int(glyph, 16)] = bytes.fromhex(letter).decode("utf-16-be")
    return letters


def _stream(body: bytes) -> bytes:
    raw = re.search(rb"(?s)stream\r?\n(.*?)endstream", body)[1]
    if b"ASCII85Decode" in body:
        raw = base64.a85decode(raw.strip().removesuffix(b"~>"))
    return zlib.decompressobj().decompress(raw) if b"FlateDecode" in body else raw


def _text(content: str, fonts: dict[str, Letters]) -> str:
    rows, letters = [], {}
    for font, shown in re.findall(r"/(\S+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", content):
        if font:
            letters = fonts.get(font, {})
        else:
            rows.append("".join(letters.get(ord(one), "?") for one in _unescaped(shown)))
    return "\n".join(rows)


def _unescaped(shown: str) -> str:
    names = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    return re.sub(
        r"(?s)\\([0-7]{3}|.)",
        lambda one: chr(int(one[1], 8)) if one[1].isdigit() else names.get(one[1], one[1]),
        shown,
    )

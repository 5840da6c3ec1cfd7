"""XML that may be hostile: no document type, no entities, no deep nesting; any encoding becomes UTF-8."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from geoservice.errors import InvalidFile
from geoservice.formats.text import BYTE_ORDER_MARKS, decode_file, known_encoding

if TYPE_CHECKING:
    from pathlib import Path

DEEPEST = 200
DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def safe_parser() -> expat.XMLParserType:
    """A parser that refuses a document type, and with it entities and what they fetch."""
    parser = expat.ParserCreate(encoding="utf-8")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.buffer_text = True
    return parser


def utf8_document(path: Path) -> bytes:
    """The document as UTF-8 without its declaration, whatever encoding it declares."""
    raw = path.read_bytes()
    if any(raw.startswith(mark) for mark, _ in BYTE_ORDER_MARKS):
        text, _ = decode_file(raw)
    else:
        declared = DECLARED.match(raw[:256])
        name = known_encoding(declared[1].decode("ascii")) if declared else "utf-8"
        text, _ = decode_file(raw, name)
    return DECLARATION.sub("", text, count=1).lstrip().encode("utf-8", "surrogatepass")


def parse(parser: expat.XMLParserType, document: bytes) -> None:
    """Feed a whole document; InvalidFile naming the line where it stops being XML."""
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise InvalidFile("xml_invalid", line=error.lineno, reason=expat.ErrorString(error.code)) from error


def check(document: bytes, root: str) -> None:
    """Walk through a document once: its root must be `root`, its nesting shallow, its text XML."""
    depth = 0

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == 1 and local_name(name) != root:
            raise InvalidFile("kind_mismatch", suffix=f".{root}", kind=root.upper())
        if depth > DEEPEST:
            raise InvalidFile("nesting_too_deep")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = safe_parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parse(parser, document)


def local_name(name: str) -> str:
    """A tag without its prefix, in small letters."""
    return name.rpartition(":")[2].lower()


def _refuse_doctype(*_declaration: object) -> NoReturn:
    raise InvalidFile("xml_doctype")

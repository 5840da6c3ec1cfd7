"""Names that fit where little room is: at most ten bytes, each of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_BYTES = 10


def fitting_names(headers: Iterable[str], encoding: str) -> list[str]:
    """Return a name of at most ten bytes for each header; whole letters, unlike any other whatever their case."""
    taken: set[str] = set()
    names = []
    for header in headers:
        name, count = _cut(header, encoding, LONGEST_BYTES), 0
        while name.casefold() in taken:
            count += 1
            suffix = f"_{count}"
            name = _cut(header, encoding, LONGEST_BYTES - len(suffix)) + suffix
        taken.add(name.casefold())
        names.append(name)
    return names


def _cut(text: str, encoding: str, most: int) -> str:
    return text.encode(encoding)[:most].decode(encoding, "ignore").strip() or "field"[:most]

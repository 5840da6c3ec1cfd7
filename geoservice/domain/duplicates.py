"""Names and codes that people read as the same, however they were typed."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

Thing = TypeVar("Thing")
ALIKE = str.maketrans({"o": "0", "i": "1", "l": "1"})
"""Letters that are taken for digits in codes."""


def name_key(name: str) -> str:
    """What is left of a name without width, case, blanks and punctuation."""
    return "".join(each for each in unicodedata.normalize("NFKC", name).casefold() if each.isalnum())


def code_key(code: str) -> str:
    """A code without width, case, blanks and zeros in front, whatever parts it: "A-01" is "ａ 01", not "A0-1"."""
    plain = unicodedata.normalize("NFKC", code).casefold()
    parts = "".join(each if each.isalnum() else " " for each in plain).split()
    return "-".join(parts).translate(ALIKE).lstrip("0")


def groups_of(things: Iterable[Thing], key: Callable[[Thing], Hashable]) -> list[list[Thing]]:
    """Things with the same key, two and more together, in the order in which they come; a key "" is none."""
    found: dict[Hashable, list[Thing]] = {}
    for thing in things:
        if (value := key(thing)) not in {"", None}:
            found.setdefault(value, []).append(thing)
    return [group for group in found.values() if len(group) > 1]

"""Codes of zones that hold the codes of the zones above them: 6 digits of a county, 3 of a street, and so on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PART = re.compile(r"(\d{1,2})(?:[-–](\d{1,2}))?")
LONGEST_PART = 20
NOT_BELOW, NOT_DIGITS, WRONG_LENGTH = "code_not_below_parent", "code_not_digits", "code_wrong_length"


@dataclass(frozen=True)
class CodePattern:
    """How many digits each of the narrowest levels adds, the widest of them first: (fewest, most) each."""

    parts: tuple[tuple[int, int], ...]

    def lengths(self, levels: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Level → (shortest, longest) code; `levels` from the widest on, the pattern's last part is the last level's."""
        told: dict[str, tuple[int, int]] = {}
        shortest = longest = 0
        parts = self.parts[-len(levels) :] if len(levels) < len(self.parts) else self.parts
        for level, (fewest, most) in zip(levels[len(levels) - len(parts) :], parts, strict=True):
            shortest, longest = shortest + fewest, longest + most
            told[level] = (shortest, longest)
        return told


def parse_pattern(text: str) -> CodePattern | None:
    """ "6+3+3+2-3" → its parts, None for ""; raises ValueError for anything else."""
    if not text.strip():
        return None
    parts = []
    for part in text.replace(" ", "").split("+"):
        match = PART.fullmatch(part)
        if match is None:
            raise ValueError("needs numbers of digits joined by +, such as 6+3+3+2-3")
        fewest, most = int(match[1]), int(match[2] or match[1])
        if not 0 < fewest <= most <= LONGEST_PART:
            raise ValueError("each part needs 1 to 20 digits, the smaller number first")
        parts.append((fewest, most))
    return CodePattern(tuple(parts))


def code_faults(code: str, length: tuple[int, int], parent_code: str | None) -> list[str]:
    """What contradicts the pattern in a code, as codes of sentences; `parent_code` None where nothing is above."""
    faults = []
    if not (code.isascii() and code.isdigit()):
        faults.append(NOT_DIGITS)
    if not length[0] <= len(code) <= length[1]:
        faults.append(WRONG_LENGTH)
    if parent_code is not None and not starts_below(code, parent_code):
        faults.append(NOT_BELOW)
    return faults


def starts_below(code: str, parent_code: str) -> bool:
    """Whether a code begins with its parent's; pairs of zeros at the end of a wide zone's code stand for all below it."""
    stem = parent_code
    while len(stem) > 2 and stem.endswith("00") and not code.startswith(stem):
        stem = stem[:-2]
    return code.startswith(stem)

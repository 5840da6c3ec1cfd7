"""Checklists: what is looked at in a point, what it weighs, and the score that comes of what was found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_ITEMS = 200
HEAVIEST = 1000.0
LONGEST_CODE, LONGEST_TITLE, LONGEST_STANDARD = 40, 100, 1000


class Result(StrEnum):
    """What was found of one item."""

    PASS = "pass"  # noqa: S105 - a result, no password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class EvidenceAsked(StrEnum):
    """When an item wants a photo."""

    NONE = "none"
    ON_FAIL = "on_fail"
    ALWAYS = "always"


@dataclass(frozen=True)
class Item:
    """One thing to look at. `case_kind`: what a fail becomes; None: a fail is noted and no case is made of it."""

    code: str
    title: str
    standard: str
    weight: float
    evidence: EvidenceAsked = EvidenceAsked.ON_FAIL
    case_kind: str | None = None


@dataclass(frozen=True)
class Score:
    """The weight of what passed and of what applied."""

    passed: float
    applicable: float

    @property
    def per_cent(self) -> float | None:
        """Passed weight of a hundred that applied; None where nothing applied."""
        return 100 * self.passed / self.applicable if self.applicable else None


@dataclass(frozen=True)
class Fault:
    """Why an item can't stand in a checklist: a code of the messages, the field, and what it says."""

    code: str
    field: str
    value: str
    most: float | None = None


def score_of(weights: Mapping[str, float], results: Mapping[str, Result]) -> Score:
    """The score of results by item code; an item without a result counts as not looked at, so not as applying."""
    applied = {code: weights[code] for code, result in results.items() if result != Result.NOT_APPLICABLE}
    passed = [weight for code, weight in applied.items() if results[code] == Result.PASS]
    return Score(math.fsum(passed), math.fsum(applied.values()))


def needs_photo(asked: EvidenceAsked, result: Result) -> bool:
    """Tell whether a result must be shown by a photo."""
    if result == Result.NOT_APPLICABLE:
        return False
    return asked == EvidenceAsked.ALWAYS or (asked == EvidenceAsked.ON_FAIL and result == Result.FAIL)


def fault_of(item: Item) -> Fault | None:
    """The first thing wrong with an item by itself."""
    texts = (
        ("code", item.code, LONGEST_CODE),
        ("title", item.title, LONGEST_TITLE),
        ("standard", item.standard, LONGEST_STANDARD),
    )
    for field, text, most in texts:
        if not text:
            return Fault("checklist_field_needed", field, text)
        if len(text) > most:
            return Fault("checklist_field_long", field, text, most)
    if not (math.isfinite(item.weight) and 0 < item.weight <= HEAVIEST):
        return Fault("checklist_weight_invalid", "weight", f"{item.weight:g}", HEAVIEST)
    return None


def first_repeated(codes: Iterable[str]) -> str | None:
    """The first code that was there before, whatever its case."""
    seen: set[str] = set()
    for code in codes:
        if code.casefold() in seen:
            return code
        seen.add(code.casefold())
    return None


def differences(before: Sequence[Item], after: Sequence[Item]) -> tuple[list[str], list[str], list[str]]:
    """Codes of items that are new, that say something else, and that are gone; their order counts for nothing."""
    old = {item.code: item for item in before}
    new = {item.code: item for item in after}
    added = [code for code in new if code not in old]
    changed = [code for code in new if code in old and new[code] != old[code]]
    return added, changed, [code for code in old if code not in new]

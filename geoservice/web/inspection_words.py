"""Checklists and inspections as the reader calls what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import format_decimal

from geoservice.domain.checklists import EvidenceAsked, Result
from geoservice.web.texts import current_locale, gettext

if TYPE_CHECKING:
    from geoservice.store.checklist_rows import Word
    from geoservice.store.inspection_frame import Area


def word_of_kind(kind: str) -> str:
    """Return how an inspection goes about."""
    return {
        "open": gettext("Open inspection"),
        "covert": gettext("Covert inspection"),
        "random": gettext("Random sample"),
        "directed": gettext("Directed inspection"),
        "fixed": gettext("Fixed-point inspection"),
    }.get(kind, kind)


def word_of_state(state: str) -> str:
    """Return where a checklist's version or an inspection stands."""
    return {
        "draft": gettext("Draft"),
        "coming": gettext("Coming"),
        "in_force": gettext("In force"),
        "past": gettext("Replaced"),
        "planned": gettext("Planned"),
        "running": gettext("Running"),
        "over": gettext("Over"),
        "cancelled": gettext("Cancelled"),
    }.get(state, state)


def word_of_result(result: str) -> str:
    """Return what was found of an item."""
    return {
        Result.PASS.value: gettext("Pass"),
        Result.FAIL.value: gettext("Fail"),
        Result.NOT_APPLICABLE.value: gettext("Not applicable"),
    }.get(result, result)


def word_of_evidence(asked: str) -> str:
    """Return when an item wants a photo."""
    return {
        EvidenceAsked.NONE.value: gettext("No photo needed"),
        EvidenceAsked.ON_FAIL.value: gettext("Photo of a fail"),
        EvidenceAsked.ALWAYS.value: gettext("Photo always"),
    }.get(asked, asked)


def word_of_field(field: str) -> str:
    """Return a field as the forms call it."""
    return {
        "code": gettext("Code"),
        "title": gettext("Item"),
        "standard": gettext("Standard"),
        "weight": gettext("Weight"),
        "name": gettext("What it is called"),
        "size": gettext("Points to draw"),
        "minimum": gettext("At least of each stratum"),
        "seed": gettext("Seed"),
        "every_days": gettext("Every so many inspection days"),
        "from_on": gettext("First day"),
        "to_on": gettext("Last day"),
    }.get(field, field)


def name_of(word: Word) -> str:
    """Return a coded word in the reader's language."""
    return word.in_language(current_locale())


def name_of_level(area: Area) -> str:
    """Return the level of a zone in the reader's language."""
    return area.level_zh if current_locale().startswith("zh") else area.level_en


def write_score(score: float | None) -> str:
    """Write a score of a hundred with one decimal; a dash where nothing applied."""
    return "–" if score is None else str(format_decimal(score, "#,##0.0"))


def write_weight(weight: float) -> str:
    """Write a weight without needless decimals."""
    return str(format_decimal(weight, "#,##0.##"))

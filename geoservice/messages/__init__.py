"""Every code a user may be shown → one sentence that says the problem and what to do about it.

A sentence is English here and translated by the catalogue under `translations/`; `N_` marks it for pybabel. Its
named values come from the error or problem: `{file}`, `{row}`, `{column}`, `{value}` and what its code carries. A value
that is a word has it in every language (`in_each`), for whoever stores a problem does not know who will read it.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from geoservice.messages.case_pages import CASE_PAGES
from geoservice.messages.cases import CASES
from geoservice.messages.checks import CHECKS
from geoservice.messages.citizens import CITIZENS
from geoservice.messages.desk import DESK
from geoservice.messages.downloads import DOWNLOADS
from geoservice.messages.duty import DUTY
from geoservice.messages.editing import EDITING
from geoservice.messages.evidence import EVIDENCE
from geoservice.messages.files import ARCHIVES, COORDINATES, FILES, GEOMETRY, JSON, TABLES, TEXTS, TRACKS
from geoservice.messages.imports import CHECK_INS, IMPORTS
from geoservice.messages.inspections import INSPECTIONS
from geoservice.messages.orders import ORDERS
from geoservice.messages.pages import ACCOUNTS, EXPLANATIONS, GENERAL, PAGES, QUESTIONS
from geoservice.messages.patrol_requests import PATROL_REQUESTS
from geoservice.messages.patrols import PATROLS
from geoservice.messages.planning import PLANNING
from geoservice.messages.positions import POSITIONS
from geoservice.messages.programs import PROGRAMS
from geoservice.messages.report_words import REPORT_WORDS
from geoservice.messages.reports import REPORTS
from geoservice.messages.setup import SETUP
from geoservice.messages.sharing import SHARING, SHEET_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

TRANSLATIONS = Path(__file__).parents[1] / "translations"
UNKNOWN = "?"
LOCALES = ("zh_Hans_CN", "en")

GROUPS: tuple[dict[str, str], ...] = (
    CHECK_INS,
    QUESTIONS,
    EXPLANATIONS,
    FILES,
    ARCHIVES,
    TEXTS,
    TABLES,
    JSON,
    COORDINATES,
    GEOMETRY,
    TRACKS,
    IMPORTS,
    GENERAL,
    ACCOUNTS,
    PAGES,
    DESK,
    EDITING,
    CHECKS,
    DOWNLOADS,
    PROGRAMS,
    PLANNING,
    PATROLS,
    PATROL_REQUESTS,
    POSITIONS,
    SETUP,
    CASES,
    CASE_PAGES,
    INSPECTIONS,
    EVIDENCE,
    ORDERS,
    REPORTS,
    REPORT_WORDS,
    SHEET_WORDS,
    CITIZENS,
    DUTY,
    SHARING,
)
SENTENCES: dict[str, str] = {code: text for group in GROUPS for code, text in group.items()}


def sentence(code: str, values: Mapping[str, Any] | None = None, locale: str = "en") -> str:
    """The sentence for a code in a language, its values filled in; a value that is missing reads "?".

    A code without a sentence of its own gets the general one, with the code, so that nobody is left with nothing.
    """
    template = SENTENCES.get(code)
    if template is None:
        return f"{catalogue(locale).gettext(GENERAL['error'])} ({code})"
    return _Filler(locale).format(catalogue(locale).gettext(template), **(values or {}))


def word(text: str, locale: str = "en") -> str:
    """A text of the pages in a language, for what is made where no page is."""
    return str(catalogue(locale).gettext(text))


def words(one: str, many: str, number: int, locale: str = "en") -> str:
    """The text of the pages that fits a number, in a language."""
    return str(catalogue(locale).ngettext(one, many, number))


def in_each(text: str) -> dict[str, str]:
    """A text of the pages as a value of a sentence: locale → word."""
    return {locale: word(text, locale) for locale in LOCALES}


class _Filler(string.Formatter):
    """Fills names only: no attribute, no index and no format of a value is ever reached."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        """The value of one name, as text."""
        value = kwargs.get(field_name)
        if isinstance(value, Mapping):
            value = value.get(self._locale)
        return (UNKNOWN if value is None else value), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        """A value as text, whatever format a translation asks for."""
        return str(value)


@cache
def catalogue(locale: str) -> Translations | NullTranslations:
    """The catalogue of a language, read from its .po so that nothing has to be compiled."""
    path = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"
    if not locale.replace("_", "").isalnum() or not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=locale))
    compiled.seek(0)
    return Translations(compiled)

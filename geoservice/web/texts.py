"""Flask-Babel's words with types: what templates call `_` and what views call `gettext`."""

from __future__ import annotations

from typing import Any

import flask_babel


def gettext(text: str, **values: Any) -> str:
    """Return a text in the reader's language."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, number: int) -> str:
    """Return the text that fits a number, in the reader's language."""
    return str(flask_babel.ngettext(one, many, number))


def current_locale() -> str:
    """Return the reader's language: zh_Hans_CN or en."""
    return str(flask_babel.get_locale())

"""The language of a page: catalogues read from the .po files, and who gets which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import g, request, session
from flask_babel import Babel, Domain, get_locale

from geoservice.messages import catalogue
from geoservice.services.accounts import LOCALES
from geoservice.web.deployment import current_settings
from geoservice.web.identity import current_account

if TYPE_CHECKING:
    from babel.support import NullTranslations, Translations
    from flask import Flask

    from geoservice.config import Settings

LANGUAGE_NAMES = {"zh_Hans_CN": "中文", "en": "English"}


class PoDomain(Domain):  # type: ignore[misc]
    """Reads .po files at first use, so that nothing has to be compiled."""

    def get_translations(self) -> Translations | NullTranslations:
        """Return the catalogue of the request's language."""
        return catalogue(str(get_locale()))


class PoBabel(Babel):  # type: ignore[misc]
    """Flask-Babel on catalogues that are not compiled."""

    domain_instance = PoDomain()


def attach_languages(app: Flask, settings: Settings) -> None:
    """Let pages speak the reader's language and write times in the city's time zone."""
    PoBabel(
        app,
        default_locale=settings.default_locale,
        default_timezone=settings.timezone,
        locale_selector=chosen_locale,
    )


def chosen_locale() -> str:
    """Return the language: the one just chosen, the user's, the visitor's, the deployment's."""
    account = current_account() if g.get("visitor") else None
    wanted: tuple[Any, ...] = (
        session.get("locale"),
        account.locale if account else None,
        request.cookies.get("locale"),
        current_settings().default_locale,
    )
    return str(next(locale for locale in wanted if locale in LOCALES))

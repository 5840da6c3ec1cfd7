"""What texts the code and the templates hold, as Babel finds them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[2] / "geoservice"
METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
EMPTY_HEADERS = (
    "Project-Id",
    "Report-Msgid",
    "POT-Creation",
    "PO-Revision",
    "Last-Translator",
    "Language-Team",
    "Generated-By",
)
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}


def texts_in_use() -> Catalog:
    """Every text that is to be translated, with the places it is used in."""
    found = Catalog(locale="en")
    for file, line, message, comments, context in extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS):
        found.add(message, None, [(file, line)], auto_comments=comments, context=context)
    return found


def catalogue_of(locale: str) -> Catalog:
    """The committed catalogue of a language."""
    path = PACKAGE / "translations" / locale / "LC_MESSAGES" / "messages.po"
    return read_po(BytesIO(path.read_bytes()), locale)


def update(locale: str, translations: dict | None = None) -> list[str]:
    """Rewrite a language's catalogue to hold exactly the texts in use; return those that still lack a translation."""
    path = PACKAGE / "translations" / locale / "LC_MESSAGES" / "messages.po"
    before = catalogue_of(locale) if path.exists() else Catalog(locale=locale)
    known = {message.id: message.string for message in before if message.id} | (translations or {})
    fresh = Catalog(locale=locale, project="GeoService", fuzzy=False, charset="utf-8")
    fresh.header_comment = f"# GeoService in {locale}. `python -m tests.web.catalogues` brings it up to date."
    missing = []
    for message in sorted((one for one in texts_in_use() if one.id), key=lambda one: str(one.id)):
        text = known.get(message.id, "")
        if locale == "en":
            text = message.id
        if not text or not all(text):
            missing.append(str(message.id))
        fresh.add(message.id, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = BytesIO()
    write_po(written, fresh, width=120, no_location=True)
    kept = [
        line
        for line in written.getvalue().decode().splitlines(keepends=True)
        if not line.startswith(tuple(f'"{name}' for name in EMPTY_HEADERS))
    ]
    path.write_text("".join(kept), "utf-8")
    return missing


if __name__ == "__main__":
    for language in ("zh_Hans_CN", "en"):
        for text in update(language):
            print(f"{language}: to translate: {text}")

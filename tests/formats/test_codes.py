"""Every code that reading and the geometry beneath it can raise has a sentence, and every sentence can be filled."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import geoservice
from geoservice.messages import SENTENCES, sentence
from geoservice.messages.report_words import REPORT_WORDS
from geoservice.messages.sharing import SHEET_WORDS

PACKAGE = Path(geoservice.__file__).parent
RAISED = re.compile(r"""(?:InvalidFile|InvalidGeometry|Problem|_FeatureError)\(\s*"([a-z_0-9]+)\"""")
REFUSED = re.compile(r"""\.refuse\([^"]*"([a-z_0-9]+)\"""")


def codes_in(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return {*RAISED.findall(text), *REFUSED.findall(text)}


@pytest.mark.parametrize(
    "module",
    sorted([*(PACKAGE / "formats").glob("*.py"), *(PACKAGE / "domain").glob("*.py")]),
    ids=lambda path: path.stem,
)
def test_every_code_has_a_sentence(module: Path) -> None:
    assert codes_in(module) <= set(SENTENCES)


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_sentence_names_simple_values_and_ends(code: str) -> None:
    fields = [name for _, name, _, _ in string.Formatter().parse(SENTENCES[code]) if name is not None]
    assert all(name.isidentifier() for name in fields)
    assert sentence(code, dict.fromkeys(fields, 7)).count("7") >= len(fields)
    assert code in REPORT_WORDS | SHEET_WORDS or SENTENCES[code].rstrip().endswith((".", "?", "}"))


def test_values_are_text_and_never_reached_into() -> None:
    assert "{0.__class__}" in sentence("file_empty", {"file": "{0.__class__}"})
    assert "?" in sentence("file_empty", {})
    assert "no_such_code" in sentence("no_such_code", {})
    assert sentence("file_empty", {"file": "x"}, "../../etc") == sentence("file_empty", {"file": "x"})


def test_pybabel_finds_every_sentence() -> None:
    found = {
        message
        for name, _, message, _, _ in extract_from_dir(
            PACKAGE, [("messages/**.py", "python")], {}, {"N_": None}
        )
        if name.startswith("messages/")
    }
    assert set(SENTENCES.values()) <= found

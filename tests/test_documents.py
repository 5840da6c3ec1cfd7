"""What the documents claim about settings, logins and files is so."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from geoservice.config import Settings
from geoservice.errors import BadSettings

ROOT = Path(__file__).parents[1]
READMES = ["README.md", "README.zh-CN.md"]
STRONG_KEY = "correct horse battery staple, and then some"


def default_as_written(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("readme", READMES)
def test_every_setting_stands_in_the_table_with_its_default_and_no_other_does(readme):
    rows = re.findall(
        r"^\| `([A-Z0-9_]+)` \| `(.*?)` \| \S", (ROOT / readme).read_text("utf-8"), re.MULTILINE
    )
    assert {name: default.strip() for name, default in rows} == {
        setting.name.upper(): default_as_written(setting.default) for setting in fields(Settings)
    }


def test_the_english_table_says_what_the_code_says():
    text = (ROOT / "README.md").read_text("utf-8")
    assert all(setting.metadata["about"] in text for setting in fields(Settings))


@pytest.mark.parametrize("readme", READMES)
def test_links_and_pictures_lead_somewhere(readme):
    targets = re.findall(r"\]\(([^)#:]+)\)", (ROOT / readme).read_text("utf-8"))
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("key", ["", "secret", "a" * 64, "short but random 8#k"])
def test_a_weak_key_is_refused_outside_demo_mode(key):
    with pytest.raises(BadSettings, match="SECRET_KEY"):
        Settings.from_env({"SECRET_KEY": key})


def test_bad_settings_are_all_named_at_once():
    with pytest.raises(BadSettings) as refused:
        Settings.from_env(
            {"SECRET_KEY": STRONG_KEY, "CELL_M": "nan", "TIMEZONE": "Mars/Base", "LOGIN_FAILURES": "0"}
        )
    assert all(name in refused.value.values["faults"] for name in ("CELL_M", "TIMEZONE", "LOGIN_FAILURES"))


def test_what_is_not_set_takes_its_default():
    settings = Settings.from_env({"SECRET_KEY": STRONG_KEY, "REACH_FOOT_M": "25", "EVENING_FROM": "17:30"})
    assert (settings.reach_foot_m, settings.cell_m, settings.evening_from.hour) == (25.0, 5.0, 17)

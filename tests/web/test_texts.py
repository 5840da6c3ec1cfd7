"""Every text is in both languages, none is left over, and numbers are written as their reader writes them."""

from __future__ import annotations

import re
import string

import pytest

from geoservice.messages import GROUPS, SENTENCES
from geoservice.web import words
from tests.web.catalogues import catalogue_of, texts_in_use
from tests.web.conftest import csrf


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
def test_the_catalogue_holds_exactly_the_texts_in_use(locale):
    used = {message.id for message in texts_in_use() if message.id}
    held = {message.id: message for message in catalogue_of(locale) if message.id}
    update = "run: python -m tests.web.catalogues, then translate what is empty"
    assert not used - set(held), f"missing; {update}"
    assert not set(held) - used, f"left over; {update}"
    assert not [one.id for one in held.values() if one.fuzzy]
    empty = [one.id for one in held.values() if not one.string or not all(one.string)]
    assert not empty, f"not translated; {update}"


def test_no_code_has_two_sentences():
    assert len(SENTENCES) == sum(map(len, GROUPS))


def _places(text: str) -> set[str]:
    percent = set(re.findall(r"%\((\w+)\)s", text))
    return percent or {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_translation_keeps_the_places_of_its_text():
    for message in catalogue_of("zh_Hans_CN"):
        if message.id:
            english = message.id if isinstance(message.id, str) else message.id[1]
            chinese = message.string if isinstance(message.string, str) else message.string[0]
            assert _places(english) == _places(chinese), english


def test_chinese_is_chinese():
    names = {"GeoService", "Excel", "Word", "Ctrl+Y", "Ctrl+Z"}  # names, and what is on the keys
    for message in catalogue_of("zh_Hans_CN"):
        if message.id and str(message.id) not in names:
            chinese = message.string if isinstance(message.string, str) else message.string[0]
            assert re.search(r"[\u4e00-\u9fff]", chinese), message.id


@pytest.mark.parametrize(
    ("locale", "area_m2", "written"),
    [
        ("zh_Hans_CN", 950.4, "950 平方米"), ("zh_Hans_CN", 41_234, "4.1 公顷"), ("zh_Hans_CN", 2_136_000_000, "2,136.00 平方公里"),
        ("en", 950.4, "950 m²"), ("en", 41_234, "4.1 ha"), ("en", 1_500_000, "1.50 km²"),
    ],
)  # fmt: skip
def test_areas_are_written_in_the_readers_units(app, locale, area_m2, written):
    with app.test_request_context("/", headers={"Cookie": f"locale={locale}"}):
        assert words.write_area(area_m2) == written


def test_mu_is_for_chinese_readers(app):
    with app.test_request_context("/", headers={"Cookie": "locale=zh_Hans_CN"}):
        assert words.write_mu(10_000) == "15 亩"
    with app.test_request_context("/", headers={"Cookie": "locale=en"}):
        assert words.write_mu(10_000) == ""


def test_only_what_is_complete_is_a_hundred_per_cent(app):
    with app.test_request_context("/"):
        assert words.write_percent(0.99999) == "99.9%"
        assert words.write_percent(0.00001) == "0.1%"
        assert (words.write_percent(1), words.write_percent(0)) == ("100%", "0%")


def test_a_language_is_remembered_for_the_visitor_and_for_the_user(app, as_user):
    client = as_user("part")
    assert 'lang="zh-CN"' in client.get("/dispatch/").text
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/dispatch/")})
    assert 'lang="en"' in client.get("/dispatch/").text
    assert 'lang="en"' in client.get("/dispatch/map/frame").text
    elsewhere = as_user("part")
    page = elsewhere.get("/dispatch/").text
    assert "Coverage rate" in page
    assert "翠竹" in page, "names are never translated"
    client.post("/language", data={"locale": "zh_Hans_CN", "csrf_token": csrf(client, "/dispatch/")})
    assert (
        client.post("/language", data={"locale": "xx", "csrf_token": csrf(client, "/dispatch/")}).status_code
        == 400
    )

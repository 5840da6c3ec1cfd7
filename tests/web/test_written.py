"""Pages and files write measures alike, in the words of their reader and the hours of the city."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from geoservice.domain.lights import light_of
from geoservice.services import map_words
from geoservice.services.written import Written
from geoservice.web import map_text, words

AT = datetime(2026, 3, 18, 20, 30, tzinfo=UTC)  # past four on the 19th in the city
MEASURES = (
    ("area", words.write_area, 9_999.7, "10,000 m²", "10,000 平方米"),
    ("area", words.write_area, 41_234, "4.1 ha", "4.1 公顷"),
    ("area", words.write_area, 2_136_000_000, "2,136.00 km²", "2,136.00 平方公里"),
    ("mu", words.write_mu, 41_234, "", "62 亩"),
    ("length", words.write_length, 999.4, "999 m", "999 米"),
    ("length", words.write_length, 123_456, "123.5 km", "123.5 公里"),
    ("percent", words.write_percent, 0, "0%", "0%"),
    ("percent", words.write_percent, 1e-9, "0.1%", "0.1%"),
    ("percent", words.write_percent, 0.1234, "12.3%", "12.3%"),
    ("percent", words.write_percent, 0.99999, "99.9%", "99.9%"),
    ("percent", words.write_percent, 1, "100%", "100%"),
    ("count", words.write_count, 12_345, "12,345", "12,345"),
    ("days", words.write_days, 1, "1 day", "1 天"),
    ("days", words.write_days, 365, "365 days", "365 天"),
    ("part_days", words.write_part_days, 0.26, "6 h", "6 小时"),
    ("part_days", words.write_part_days, 2.5, "2.5 d", "2.5 天"),
    ("minutes", words.write_minutes, 12.1, "13 min", "13 分钟"),
    ("day", words.write_day, date(2026, 3, 18), "2026-03-18", "2026-03-18"),
    ("day", words.write_day, AT, "2026-03-19", "2026-03-19"),
    ("instant", words.write_instant, AT, "2026-03-19 04:30", "2026-03-19 04:30"),
    ("clock", words.write_clock, AT, "04:30", "04:30"),
)


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_files_and_pages_write_the_same(app, locale):
    written = Written(locale, ZoneInfo("Asia/Shanghai"))
    with app.test_request_context("/", headers={"Cookie": f"locale={locale}"}):
        for name, on_page, value, english, chinese in MEASURES:
            expected = english if locale == "en" else chinese
            assert (getattr(written, name)(value), on_page(value)) == (expected, expected), (name, value)
        page, file = map_text.map_text("T", fit="F"), map_words.map_text(written, "T", "F")
    for field in page.__slots__:
        if not field.startswith("write_"):
            assert getattr(file, field) == getattr(page, field), field


def test_a_light_changes_at_its_lower_edge():
    lights = {None: "none", 0: "poor", 0.4999: "poor", 0.5: "fair", 0.7999: "fair", 0.8: "good", 1: "good"}
    assert {rate: light_of(rate) for rate in lights} == lights

"""Files write numbers, days and words as the pages do, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from geoservice.services import map_words, sheets
from geoservice.services.written import Written
from geoservice.web import map_text, words

AT = datetime(2026, 3, 18, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
def test_files_and_pages_write_the_same(app, locale):
    written = Written(locale, ZoneInfo("Asia/Shanghai"))
    pairs = (
        (written.area, words.write_area, (0, 950.4, 9_999.7, 41_234, 999_950, 2_136_000_000)),
        (written.length, words.write_length, (0, 999.4, 999.6, 1_000, 123_456)),
        (written.percent, words.write_percent, (0, 1, 0.99999, 0.00001, 0.1234, 0.5)),
        (written.count, words.write_count, (0, 1, 12_345)),
        (written.days, words.write_days, (0, 1, 2, 365)),
        (written.part_days, words.write_part_days, (0.1, 1, 2.55)),
        (written.day, words.write_day, (AT.date(),)),
        (written.instant, words.write_instant, (AT,)),
        (sheets.light_of, words.light_of, (None, 0, 0.4999, 0.5, 0.7999, 0.8, 1)),
    )
    with app.test_request_context("/", headers={"Cookie": f"locale={locale}"}):
        for ours, theirs, values in pairs:
            for value in values:
                assert ours(value) == theirs(value)
        page, file = map_text.map_text("T", fit="F"), map_words.map_text(written, "T", "F")
    for field in page.__slots__:
        if not field.startswith("write_"):
            assert getattr(file, field) == getattr(page, field), field

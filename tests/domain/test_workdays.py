"""The calendar agrees with what the State Council announced, and what is decided here goes before it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.config import Settings
from geoservice.domain.workdays import Kind, Override, WorkCalendar, days_of, last_announced_year
from geoservice.errors import BadSettings

DAYS = st.dates(date(2021, 1, 1), date(2026, 12, 31))


def _days(year: int, month: int, *numbers: int) -> set[date]:
    return {date(year, month, number) for number in numbers}


# 国务院办公厅关于 2024、2025、2026 年部分节假日安排的通知: the days off, weekends within them included.
OFF = {
    2024: _days(2024, 1, 1) | _days(2024, 2, *range(10, 18)) | _days(2024, 4, 4, 5, 6) | _days(2024, 5, 1, 2, 3, 4, 5)
    | _days(2024, 6, 10) | _days(2024, 9, 15, 16, 17) | _days(2024, 10, *range(1, 8)),
    2025: _days(2025, 1, 1) | _days(2025, 1, 28, 29, 30, 31) | _days(2025, 2, 1, 2, 3, 4) | _days(2025, 4, 4, 5, 6)
    | _days(2025, 5, 1, 2, 3, 4, 5) | _days(2025, 5, 31) | _days(2025, 6, 1, 2) | _days(2025, 10, *range(1, 9)),
    2026: _days(2026, 1, 1, 2, 3) | _days(2026, 2, *range(15, 24)) | _days(2026, 4, 4, 5, 6) | _days(2026, 5, 1, 2, 3, 4, 5)
    | _days(2026, 6, 19, 20, 21) | _days(2026, 9, 25, 26, 27) | _days(2026, 10, *range(1, 8)),
}  # fmt: skip
MAKE_UP = {
    2024: {date(2024, 2, 4), date(2024, 2, 18), date(2024, 4, 7), date(2024, 4, 28), date(2024, 5, 11),
           date(2024, 9, 14), date(2024, 9, 29), date(2024, 10, 12)},
    2025: {date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11)},
    2026: {date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20),
           date(2026, 10, 10)},
}  # fmt: skip


@pytest.mark.parametrize("year", sorted(OFF))
def test_every_day_of_the_year_is_as_announced(year: int) -> None:
    calendar = WorkCalendar("CN")
    for day in days_of(year):
        announced = day in MAKE_UP[year] or (day.weekday() < 5 and day not in OFF[year])
        assert calendar.is_working(day) is announced, day


@pytest.mark.parametrize("year", sorted(MAKE_UP))
def test_make_up_days_are_told_from_other_working_days(year: int) -> None:
    calendar = WorkCalendar("CN")
    assert {day for day in days_of(year) if calendar.kind(day) is Kind.MAKE_UP} == MAKE_UP[year]


def test_a_holiday_has_a_name_in_both_languages() -> None:
    calendar = WorkCalendar("CN")
    assert calendar.name(date(2026, 6, 19), "zh_Hans_CN") == "端午节"
    assert calendar.name(date(2026, 6, 19), "en") == "Dragon Boat Festival"
    assert calendar.name(date(2026, 6, 18)) == ""
    assert calendar.name(date(2026, 1, 2), "en") == "Day off (substituted from 2026-01-04)"


def test_a_year_nobody_announced_yet_says_so() -> None:
    calendar = WorkCalendar("CN")
    assert calendar.is_announced(2026)
    assert not calendar.is_announced(last_announced_year("CN") + 1)
    assert WorkCalendar("DE-BY").is_announced(2090)


def test_elsewhere_has_its_own_days() -> None:
    assert WorkCalendar("DE-BY").name(date(2026, 1, 6), "en") == "Epiphany"
    assert WorkCalendar("DE").is_working(date(2026, 1, 6))
    assert WorkCalendar("DE").is_working(date(2026, 10, 2))


@given(DAYS, st.booleans(), st.text(max_size=5))
def test_what_is_decided_here_goes_before_the_country(day: date, working: bool, name: str) -> None:
    calendar = WorkCalendar("CN", {day: Override(working, name)})
    assert calendar.is_working(day) is working
    assert calendar.name(day) == (name or WorkCalendar("CN").name(day))
    other = day + timedelta(days=1)
    assert calendar.is_working(other) is WorkCalendar("CN").is_working(other)


@given(DAYS)
def test_the_next_working_day_leaves_only_rest_between(day: date) -> None:
    calendar = WorkCalendar("CN")
    after = calendar.next_working_day(day)
    assert calendar.is_working(after)
    assert calendar.working_days(day + timedelta(days=1), after) == 1


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_working_days_add_up(first: date, some: int, more: int) -> None:
    calendar = WorkCalendar("CN")
    middle, last = first + timedelta(days=some), first + timedelta(days=some + 1 + more)
    parts = calendar.working_days(first, middle) + calendar.working_days(middle + timedelta(days=1), last)
    assert calendar.working_days(first, last) == parts


def test_nobody_working_is_an_error_and_not_an_endless_search() -> None:
    first = date(2026, 3, 1)
    closed = {first + timedelta(days=ahead): Override(working=False) for ahead in range(100)}
    with pytest.raises(ValueError, match="no working day"):
        WorkCalendar("CN", closed).next_working_day(first)


@pytest.mark.parametrize("country", ["CN", "SG", "DE-BY"])
def test_a_known_country_is_taken(country: str) -> None:
    settings = Settings.from_env({"DEMO_MODE": "1", "CALENDAR_COUNTRY": country})
    assert WorkCalendar(settings.calendar_country).working_days(date(2026, 1, 1), date(2026, 12, 31)) > 200


@pytest.mark.parametrize("country", ["XX", "china", "DE-XX", "CN-11"])
def test_an_unknown_country_is_named_before_anything_starts(country: str) -> None:
    with pytest.raises(BadSettings, match="CALENDAR_COUNTRY"):
        Settings.from_env({"DEMO_MODE": "1", "CALENDAR_COUNTRY": country})

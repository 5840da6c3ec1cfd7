"""Which days are worked on: a country's calendar with its make-up working days, and what differs here.

A country's holidays come from the package `holidays`. China's are announced year by year by the State Council (国务院办公厅关于…节假日
安排的通知): until then only the days that the law itself names are known, and `is_announced` says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holidays import HolidayBase

FIRST_YEAR, LAST_YEAR = 2000, 2100
_LONGEST_REST = 60  # days in a row without work; more, and nobody ever works here
_AMERICAN_DAY = re.compile(r"\b(\d\d)/(\d\d)/(\d{4})\b")
_ANNOUNCED_YEAR_BY_YEAR = frozenset({"CN"})


class Kind(StrEnum):
    """What makes a day one of work or rest."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"  # a weekend day that is worked for a holiday elsewhere, 调休上班


@dataclass(frozen=True)
class Override:
    """What was decided here of one day, against the country's calendar or with it."""

    working: bool
    name: str = ""


@dataclass(frozen=True)
class CalendarEntry:
    """A day as it is here: `kind` is the country's word, `override` ours if there is one."""

    on: date
    working: bool
    kind: Kind
    name: str
    override: Override | None


@dataclass(frozen=True)
class WorkCalendar:
    """A country (`CN`), perhaps with a part of it (`DE-BY`), and the days that differ here."""

    country: str = "CN"
    overrides: Mapping[date, Override] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Tell whether `day` is worked on here."""
        override = self.overrides.get(day)
        return self.is_working_in_country(day) if override is None else override.working

    def is_working_in_country(self, day: date) -> bool:
        """Tell whether the country works on `day`, whatever was decided here."""
        return bool(_year(self.country, "en", day.year).is_working_day(day))

    def kind(self, day: date) -> Kind:
        """Return what the country's calendar makes of a day."""
        year = _year(self.country, "en", day.year)
        if day.weekday() in year.weekend:
            if day in year.weekend_workdays:
                return Kind.MAKE_UP
            return Kind.HOLIDAY if day in year else Kind.WEEKEND
        return Kind.HOLIDAY if day in year else Kind.WORKDAY

    def name(self, day: date, locale: str = "en") -> str:
        """Return what the day is called here or in the country: "" for most."""
        override = self.overrides.get(day)
        if override is not None and override.name:
            return override.name
        if self.kind(day) is not Kind.HOLIDAY:
            return ""
        found = str(_year(self.country, locale, day.year).get(day) or "")
        return _AMERICAN_DAY.sub(r"\3-\1-\2", found)

    def entry(self, day: date, locale: str = "en") -> CalendarEntry:
        """Return everything about one day."""
        return CalendarEntry(
            day, self.is_working(day), self.kind(day), self.name(day, locale), self.overrides.get(day)
        )

    def next_working_day(self, day: date) -> date:
        """Return the first working day after `day`; ValueError where nobody works for two months."""
        for ahead in range(1, _LONGEST_REST + 1):
            if self.is_working(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        raise ValueError(f"no working day within {_LONGEST_REST} days after {day}")

    def working_days(self, first: date, last: date) -> int:
        """Count the working days from `first` to `last`, both included; 0 when they are the wrong way round."""
        span = (last - first).days + 1
        return sum(self.is_working(first + timedelta(days=ahead)) for ahead in range(span))

    def is_announced(self, year: int) -> bool:
        """Tell whether the year's holidays are known in full; elsewhere than in China they follow from the law."""
        return self.country not in _ANNOUNCED_YEAR_BY_YEAR or year <= last_announced_year(self.country)


def last_announced_year(country: str) -> int:
    """Return the last year whose swaps of days the package knows."""
    known = getattr(_year(country, "en", FIRST_YEAR), "special_public_holidays", {})
    return max(known, default=LAST_YEAR)


def days_of(year: int) -> list[date]:
    """Return the days of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=ahead) for ahead in range((date(year + 1, 1, 1) - first).days)]


@lru_cache(maxsize=128)
def _year(country: str, locale: str, year: int) -> HolidayBase:
    """One year each and never extended, so that threads can share it."""
    code, _, part = country.partition("-")
    plain = holidays.country_holidays(code, subdiv=part or None, years=year, expand=False)
    wanted = "zh" if locale.startswith("zh") else "en"
    languages = [word for word in plain.supported_languages if word.startswith(wanted)]
    if not languages:
        return plain
    language = "zh_CN" if "zh_CN" in languages else languages[0]
    return holidays.country_holidays(code, subdiv=part or None, years=year, expand=False, language=language)

"""Numbers, days and words as a reader writes them: on pages, and in files that are made where no page is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.numbers import format_decimal, format_percent

from geoservice.domain.windows import local_day
from geoservice.messages import sentence, word, words
from geoservice.messages.marking import N_

if TYPE_CHECKING:
    from datetime import date
    from typing import Any
    from zoneinfo import ZoneInfo

    from geoservice.services.point_counts import PointRow

M2_PER_HECTARE = 10_000
M2_PER_KM2 = 1_000_000
M2_PER_MU = 2_000 / 3
M_PER_KM = 1000
HTML_LANGUAGE = {"zh_Hans_CN": "zh-CN"}


@dataclass(frozen=True)
class Written:
    """In what language and time zone somebody reads."""

    locale: str
    zone: ZoneInfo

    @property
    def lang(self) -> str:
        """The language as HTML names it."""
        return HTML_LANGUAGE.get(self.locale, self.locale)

    def say(self, code: str, **values: Any) -> str:
        """Return the sentence of a code."""
        return sentence(code, values, self.locale)

    def word(self, text: str) -> str:
        """Return a text of the pages."""
        return word(text, self.locale)

    def area(self, area_m2: float) -> str:
        """Write square metres in the unit that keeps the number small."""
        if area_m2 < M2_PER_HECTARE:
            return self._unit(N_("%(number)s m²"), round(area_m2), "#,##0")
        if area_m2 < M2_PER_KM2:
            return self._unit(N_("%(number)s ha"), area_m2 / M2_PER_HECTARE, "#,##0.0")
        return self._unit(N_("%(number)s km²"), area_m2 / M2_PER_KM2, "#,##0.00")

    def mu(self, area_m2: float) -> str:
        """Write square metres in 亩 for Chinese readers; nothing for others."""
        return f"{self.count(round(area_m2 / M2_PER_MU))} 亩" if self.locale == "zh_Hans_CN" else ""

    def length(self, metres: float) -> str:
        """Write metres, from a kilometre on in kilometres."""
        if metres < M_PER_KM:
            return self._unit(N_("%(number)s m"), round(metres), "#,##0")
        return self._unit(N_("%(number)s km"), metres / M_PER_KM, "#,##0.0")

    def percent(self, share: float) -> str:
        """Write a share of 1; only what is complete is 100 %, only what is nothing is 0 %."""
        shown = min(max(share, 0.001), 0.999) if 0 < share < 1 and not 0.001 <= share <= 0.999 else share
        return str(format_percent(shown, "#,##0.#%", _customs(self.locale)))

    def count(self, number: float) -> str:
        """Write a whole number."""
        return _decimal(number, "#,##0", self.locale)

    def days(self, number: int) -> str:
        """Write a number of days."""
        return words("%(num)s day", "%(num)s days", number, self.locale) % {"num": number}

    def part_days(self, days: float) -> str:
        """Write a number of days with one decimal; under a day in hours."""
        if days < 1:
            return self._unit(N_("%(number)s h"), 24 * days, "#,##0")
        return self._unit(N_("%(number)s d"), days, "#,##0.#")

    def minutes(self, minutes: float) -> str:
        """Write a time that somebody needs, in whole minutes, rounded up."""
        return self._unit(N_("%(number)s min"), math.ceil(minutes), "#,##0")

    def day(self, day: date) -> str:
        """Write a calendar day; of an instant, the day it is in the city."""
        return (local_day(day, self.zone) if isinstance(day, datetime) else day).isoformat()

    def instant(self, at: datetime) -> str:
        """Write an instant in the city's time zone."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def clock(self, at: datetime) -> str:
        """Write the time of day of an instant in the city's time zone."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def visits(self, point: PointRow) -> tuple[str, str]:
        """Write when a point was last visited, and its longest stretch without a visit."""
        longest = point.longest_unvisited_days
        last = self.instant(point.last_visit_at) if point.last_visit_at else self.word(N_("never"))
        return last, "" if longest is None else self.part_days(longest)

    def _unit(self, text: str, number: float, pattern: str) -> str:
        return self.word(text) % {"number": _decimal(number, pattern, self.locale)}


@lru_cache(maxsize=10_000)
def _decimal(number: float, pattern: str, locale: str) -> str:
    """Write a number; pages write the same ones again and again, and reading a pattern takes longer than all else of it."""
    return str(format_decimal(number, pattern, _customs(locale)))


@cache
def _customs(locale: str) -> Locale:
    """Return how a language writes numbers; looked up once, not for each number."""
    return Locale.parse(locale)

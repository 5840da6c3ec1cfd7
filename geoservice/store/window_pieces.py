"""The bitmaps that together are what was seen in a window: as few as there are."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoservice.domain.windows import Window

# Whole calendar weeks, and day by day what they leave.
_WEEKS_AND_DAYS = (
    "SELECT tx, ty, bits FROM coverage_week WHERE monday >= :first_monday AND monday < :after_weeks "
    "UNION ALL SELECT tx, ty, bits FROM coverage_tile WHERE day BETWEEN :from_on AND :to_on "
    "AND NOT (day >= :first_monday AND day < :after_weeks)"
)
# Weeks hold all periods.
_DAYS_OF_PERIOD = (
    "SELECT tx, ty, bits FROM coverage_tile WHERE day BETWEEN :from_on AND :to_on AND period = :period"
)


def pieces_of(window: Window) -> tuple[str, dict[str, Any]]:
    """Return a query of (tx, ty, bits), some tiles many times, and its values."""
    if window.period is not None:
        return _DAYS_OF_PERIOD, window_values(window)
    first_monday, after_weeks = whole_weeks(window.from_on, window.to_on)
    weeks = {"first_monday": first_monday, "after_weeks": after_weeks}
    return _WEEKS_AND_DAYS, {"from_on": window.from_on, "to_on": window.to_on, **weeks}


def window_values(window: Window) -> dict[str, Any]:
    """Return a window as values to bind; `period` None: the whole of each day."""
    period = None if window.period is None else int(window.period)
    return {"from_on": window.from_on, "to_on": window.to_on, "period": period}


def whole_weeks(from_on: date, to_on: date) -> tuple[date, date]:
    """Return the Monday that the whole weeks within two days start with, and the one after them; equal: there are none."""
    first_monday = from_on + timedelta(days=-from_on.weekday() % 7)
    after_weeks = to_on + timedelta(days=1)
    after_weeks -= timedelta(days=after_weeks.weekday())
    return (first_monday, after_weeks) if after_weeks > first_monday else (from_on, from_on)


def for_copy(query: str) -> str:
    """Return a query with `:name` values as COPY's cursor takes them."""
    return re.sub(r"(?<!:):([a-z_]+)", r"%(\1)s", query)

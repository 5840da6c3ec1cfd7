"""Measures as the reader of a page writes them: areas, lengths, shares, counts, days and instants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.services.written import Written
from geoservice.web.deployment import current_settings
from geoservice.web.texts import current_locale

if TYPE_CHECKING:
    from datetime import date, datetime


def written_here() -> Written:
    """Return how whoever reads the page that is being made writes."""
    return Written(current_locale(), current_settings().zone_info)


def write_area(area_m2: float) -> str:
    """Write an area in the unit that keeps its number small: m², 公顷 or ha, km²."""
    return written_here().area(area_m2)


def write_mu(area_m2: float) -> str:
    """Write an area in 亩 for Chinese readers; nothing for others."""
    return written_here().mu(area_m2)


def write_percent(share: float) -> str:
    """Write a share of 1; only what is complete is 100 %, only what is nothing is 0 %."""
    return written_here().percent(share)


def write_count(count: float) -> str:
    """Write a whole number."""
    return written_here().count(count)


def write_days(days: int) -> str:
    """Write a number of days."""
    return written_here().days(days)


def write_part_days(days: float) -> str:
    """Write a number of days with one decimal; under a day in hours."""
    return written_here().part_days(days)


def write_length(metres: float) -> str:
    """Write a length in metres, from a kilometre on in kilometres."""
    return written_here().length(metres)


def write_minutes(minutes: float) -> str:
    """Write a time that somebody needs, in whole minutes, rounded up."""
    return written_here().minutes(minutes)


def write_day(day: date) -> str:
    """Write a calendar day; of an instant, the day it is in the city."""
    return written_here().day(day)


def write_instant(instant: datetime) -> str:
    """Write an instant in the city's time zone."""
    return written_here().instant(instant)


def write_clock(instant: datetime) -> str:
    """Write the time of day of an instant in the city's time zone."""
    return written_here().clock(instant)

"""Measures as the reader writes them: areas, lengths, shares, counts, days and instants."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from flask_babel import format_date, format_datetime, format_decimal, format_percent

from geoservice.web.texts import current_locale, gettext, ngettext

if TYPE_CHECKING:
    from datetime import date, datetime

M_PER_KM = 1000
M2_PER_HECTARE = 10_000
M2_PER_KM2 = 1_000_000
M2_PER_MU = 2_000 / 3


def write_area(area_m2: float) -> str:
    """Write an area in the unit that keeps its number small: m², 公顷 or ha, km²."""
    if area_m2 < M2_PER_HECTARE:
        return gettext("%(number)s m²", number=format_decimal(round(area_m2), "#,##0"))
    if area_m2 < M2_PER_KM2:
        return gettext("%(number)s ha", number=format_decimal(area_m2 / M2_PER_HECTARE, "#,##0.0"))
    return gettext("%(number)s km²", number=format_decimal(area_m2 / M2_PER_KM2, "#,##0.00"))


def write_mu(area_m2: float) -> str:
    """Write an area in 亩 for Chinese readers; nothing for others."""
    if current_locale() != "zh_Hans_CN":
        return ""
    return f"{format_decimal(round(area_m2 / M2_PER_MU), '#,##0')} 亩"


def write_percent(share: float) -> str:
    """Write a share of 1; only what is complete is 100 %, only what is nothing is 0 %."""
    shown = share
    if 0.999 < share < 1:
        shown = 0.999
    elif 0 < share < 0.001:
        shown = 0.001
    return str(format_percent(shown, "#,##0.#%"))


def write_count(count: float) -> str:
    """Write a whole number."""
    return str(format_decimal(count, "#,##0"))


def write_days(days: int) -> str:
    """Write a number of days."""
    return ngettext("%(num)s day", "%(num)s days", days)


def write_part_days(days: float) -> str:
    """Write a number of days with one decimal; under a day in hours."""
    if days < 1:
        return gettext("%(number)s h", number=format_decimal(24 * days, "#,##0"))
    return gettext("%(number)s d", number=format_decimal(days, "#,##0.#"))


def write_length(metres: float) -> str:
    """Write a length in metres, from a kilometre on in kilometres."""
    if metres < M_PER_KM:
        return gettext("%(number)s m", number=format_decimal(round(metres), "#,##0"))
    return gettext("%(number)s km", number=format_decimal(metres / M_PER_KM, "#,##0.0"))


def write_minutes(minutes: float) -> str:
    """Write a time that somebody needs, in whole minutes, rounded up."""
    return gettext("%(number)s min", number=format_decimal(math.ceil(minutes), "#,##0"))


def write_day(day: date) -> str:
    """Write a calendar day."""
    return str(format_date(day, "yyyy-MM-dd"))


def write_instant(instant: datetime) -> str:
    """Write an instant in the city's time zone."""
    return str(format_datetime(instant, "yyyy-MM-dd HH:mm"))


def write_clock(instant: datetime) -> str:
    """Write the time of day of an instant in the city's time zone."""
    return str(format_datetime(instant, "HH:mm"))

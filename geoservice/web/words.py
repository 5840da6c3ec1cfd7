"""Words and numbers as the reader writes them: areas, shares, days, traffic lights, roles, codes as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    format_percent,
    get_locale,
    gettext,
    lazy_gettext,
    ngettext,
)

from geoservice.domain.roles import Role

if TYPE_CHECKING:
    from datetime import date, datetime

    from flask_babel import LazyString

M2_PER_HECTARE = 10_000
M2_PER_KM2 = 1_000_000
M2_PER_MU = 2_000 / 3

GOOD_FROM, FAIR_FROM = 0.8, 0.5
"""Lower edges of the green and the amber light."""


def write_area(area_m2: float) -> str:
    """Write an area in the unit that keeps its number small: m², 公顷 or ha, km²."""
    if area_m2 < M2_PER_HECTARE:
        return gettext("%(number)s m²", number=format_decimal(round(area_m2), "#,##0"))
    if area_m2 < M2_PER_KM2:
        return gettext("%(number)s ha", number=format_decimal(area_m2 / M2_PER_HECTARE, "#,##0.0"))
    return gettext("%(number)s km²", number=format_decimal(area_m2 / M2_PER_KM2, "#,##0.00"))


def write_mu(area_m2: float) -> str:
    """Write an area in 亩 for Chinese readers; nothing for others."""
    if str(get_locale()) != "zh_Hans_CN":
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
    return str(ngettext("%(num)s day", "%(num)s days", days))


def write_day(day: date) -> str:
    """Write a calendar day."""
    return str(format_date(day, "yyyy-MM-dd"))


def write_instant(instant: datetime) -> str:
    """Write an instant in the city's time zone."""
    return str(format_datetime(instant, "yyyy-MM-dd HH:mm"))


def light_of(rate: float | None) -> str:
    """Return the traffic light of a rate: good, fair, poor or none."""
    if rate is None:
        return "none"
    return "good" if rate >= GOOD_FROM else "fair" if rate >= FAIR_FROM else "poor"


def word_of_light(light: str) -> str:
    """Return what a traffic light says."""
    return {
        "good": gettext("Well covered"),
        "fair": gettext("Partly covered"),
        "poor": gettext("Poorly covered"),
    }.get(light, gettext("No data"))


def word_of_role(role: Role | str) -> str:
    """Return a role as the reader calls it."""
    return {
        Role.ADMINISTRATOR: gettext("Administrator"),
        Role.DISPATCHER: gettext("Dispatcher"),
        Role.GIS: gettext("GIS staff"),
        Role.LEADER: gettext("Leader"),
        Role.MEMBER: gettext("Patrol member"),
    }[Role(role)]


def say(code: str, values: dict[str, Any]) -> str:
    """Return the sentence of a code: the web's own, else the one shared with the command line."""
    from geoservice.messages import sentence

    own = _own_sentences(values).get(code)
    return str(own) if own else sentence(code, values, str(get_locale()))


def _own_sentences(values: dict[str, Any]) -> dict[str, LazyString]:
    return {
        "login_needed": lazy_gettext("Please log in; your session may have ended."),
        "not_allowed": lazy_gettext(
            "Your role does not open this page. Ask your administrator if it should."
        ),
        "not_found": lazy_gettext("There is no such page, or it is not for you."),
        "unreadable_text": lazy_gettext("The request holds characters that can't be stored."),
        "old_password_wrong": lazy_gettext("The current password is not right."),
        "passwords_differ": lazy_gettext("The two new passwords are not the same."),
        "password_length": lazy_gettext(
            "A password needs %(least)s to %(most)s characters.",
            least=values.get("least", ""),
            most=values.get("most", ""),
        ),
        "password_easy": lazy_gettext("This password is too easy to guess."),
        "login_invalid": lazy_gettext("A login needs 1 to 64 characters."),
        "login_taken": lazy_gettext("The login %(login)s exists already.", login=values.get("login", "")),
        "leader_missing": lazy_gettext("Choose which leader this user is."),
        "last_administrator": lazy_gettext("This is the last administrator; make another one first."),
        "user_unknown": lazy_gettext("There is no such user."),
        "unknown_language": lazy_gettext("This language is not offered."),
        "unknown_role": lazy_gettext("There is no such role."),
        "bad_day": lazy_gettext("%(day)s is not a day; write it as 2026-01-31.", day=values.get("day", "")),
        "window_reversed": lazy_gettext("The first day of a window can't come after its last day."),
        "window_too_long": lazy_gettext(
            "A window can hold at most %(days)s days.", days=values.get("days", "")
        ),
        "database_unavailable": lazy_gettext(
            "The database does not answer now. This page tries again by itself; nothing is lost."
        ),
    }

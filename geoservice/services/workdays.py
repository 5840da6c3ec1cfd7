"""The work calendar of the city: the country's, and what dispatchers decide of single days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.workdays import FIRST_YEAR, LAST_YEAR, Override, WorkCalendar, days_of
from geoservice.errors import BadRequest, NotFound
from geoservice.store import audit, calendar_rows

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.workdays import CalendarEntry

LONGEST_NAME = 60


def calendar(session: Session, settings: Settings) -> WorkCalendar:
    """Return the calendar that the city works by."""
    overrides = {row.on_day: Override(row.working, row.name) for row in calendar_rows.all_days(session)}
    return WorkCalendar(settings.calendar_country, overrides)


def year_of(known: WorkCalendar, year: int, locale: str) -> list[CalendarEntry]:
    """Return every day of a year; BadRequest for a year that no calendar reaches."""
    _check_year(year)
    return [known.entry(day, locale) for day in days_of(year)]


def set_day(session: Session, day: date, decided: Override, *, by: int | None, now: datetime) -> None:
    """Decide that `day` is worked on here, or not; replaces what was decided of it before."""
    _check_year(day.year)
    name = " ".join(decided.name.split())
    if len(name) > LONGEST_NAME:
        raise BadRequest("day_name_too_long", most=LONGEST_NAME)
    calendar_rows.put_days(session, [(day, decided.working, name)], by=by, now=now)
    detail = {"working": decided.working, "name": name}
    audit.record(session, by, "calendar_day.set", "calendar_day", day.isoformat(), detail)


def unset_day(session: Session, day: date, *, by: int | None) -> None:
    """Let the country decide of `day` again; NotFound when nothing was decided here."""
    if not calendar_rows.remove_day(session, day):
        raise NotFound("day_not_set", day=day.isoformat())
    audit.record(session, by, "calendar_day.unset", "calendar_day", day.isoformat())


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadRequest("year_out_of_reach", year=year, first=FIRST_YEAR, last=LAST_YEAR)

"""The work calendar: a year of days, and what dispatchers decide of single ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale

from geoservice.domain.workdays import Kind, Override, last_announced_year
from geoservice.errors import BadRequest
from geoservice.services import cases, told, workdays
from geoservice.web import case_words
from geoservice.web.case_settings import sentence_of_moves
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.identity import own_transaction, the_account
from geoservice.web.setup_door import REFUSED, reason_of, refused, setup
from geoservice.web.texts import current_locale, gettext

if TYPE_CHECKING:
    from datetime import date

    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.domain.workdays import CalendarEntry
    from geoservice.services.cases import MoveView


@setup.get("/calendar")
def show_calendar() -> str:
    """Show a year: holidays, make-up working days, and what was decided here."""
    return _page()


@setup.post("/calendar")
def set_day() -> AnyResponse | str | tuple[str, int]:
    """Decide of a day, or take back what was decided of it; show which deadlines of cases this moved."""
    form = request.form
    try:
        day = told.read_day(form.get("day", ""), "day")
        if day is None:
            raise BadRequest("field_needed", field="day")
        # The calendar is the whole city's, and so are the deadlines that hang on it.
        with open_transaction() as session:
            if form.get("do") == "unset":
                workdays.unset_day(session, day, by=the_account().id)
            else:
                decided = Override(form.get("working") == "yes", form.get("name", ""))
                workdays.set_day(session, day, decided, by=the_account().id, now=current_time())
            actor = cases.Actor.of(the_account())
            moved = cases.recount_deadlines(session, current_settings(), by=actor, now=current_time(), on=day)
    except REFUSED as error:
        problem, status = refused(error)
        return _page(problem), status
    if moved:
        flash(sentence_of_moves(moved), "good")
        return _page(moved=moved)
    flash(sentence_of_moves(moved), "good")
    return redirect(url_for("setup.show_calendar", year=day.year, day=day.isoformat()))


def _page(problem: str | None = None, moved: list[MoveView] | None = None) -> str:
    year, chosen = _asked()
    with own_transaction() as session:
        known = workdays.calendar(session, current_settings())
    try:
        days = workdays.year_of(known, year, current_locale())
    except BadRequest as error:
        problem = problem or reason_of(error)
        year, chosen = today().year, None
        days = workdays.year_of(known, year, current_locale())
    by_day = {entry.on: entry for entry in days}
    return render_template(
        "dispatch/setup_calendar.html",
        year=year,
        months=_months(days),
        weekdays=[str(get_locale().days["stand-alone"]["narrow"][number]) for number in range(7)],
        special=[entry for entry in days if entry.override or entry.kind in {Kind.HOLIDAY, Kind.MAKE_UP}],
        working_days=sum(entry.working for entry in days),
        announced=known.is_announced(year),
        last_announced=last_announced_year(known.country),
        country=known.country,
        chosen=by_day.get(chosen) if chosen else None,
        problem=problem,
        moved=moved,
        word=case_words,
        form=request.form,
        sign=sign_of,
        words=_words(),
        today=today(),
    )


def _asked() -> tuple[int, date | None]:
    """Return the year and the day that the address or the form names; nonsense names none."""
    try:
        chosen = told.read_day(request.values.get("day", ""), "day")
    except BadRequest:
        chosen = None
    year = request.args.get("year", type=int) or (chosen or today()).year
    return year, chosen


def sign_of(entry: CalendarEntry) -> str:
    """Return how a day is drawn: what it is, whoever decided so."""
    if entry.override is not None:
        return "made-working" if entry.working else "made-resting"
    return entry.kind.value


def _words() -> dict[str, dict[str, str]]:
    """Return what each kind of day is called, long and on its field of the calendar."""
    return {
        "long": {
            "workday": gettext("Working day"),
            "weekend": gettext("Weekend"),
            "holiday": gettext("Holiday"),
            "make_up": gettext("Make-up working day"),
            "made-working": gettext("Working day, decided here"),
            "made-resting": gettext("Day of rest, decided here"),
        },
        "short": {
            "holiday": gettext("off"),
            "make_up": gettext("work"),
            "made-working": gettext("work"),
            "made-resting": gettext("off"),
        },
    }


def _months(days: list[CalendarEntry]) -> list[dict[str, Any]]:
    """Return the months of a year as weeks of seven, None where a week belongs to another month."""
    names = get_locale().months["stand-alone"]["wide"]
    months = []
    for number in range(1, 13):
        mine = [entry for entry in days if entry.on.month == number]
        cells: list[CalendarEntry | None] = [None] * mine[0].on.weekday() + mine
        cells += [None] * (-len(cells) % 7)
        weeks = [cells[first : first + 7] for first in range(0, len(cells), 7)]
        months.append({"name": str(names[number]), "number": number, "weeks": weeks})
    return months

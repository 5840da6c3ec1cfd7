"""What deadlines are made of: kinds of case with their clocks and limits, and the hours of a working day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.clocks import Clock
from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import cases as service
from geoservice.services import layers, told
from geoservice.services.case_kinds import add_kind
from geoservice.store import case_marks
from geoservice.web import case_words
from geoservice.web.case_pages import the_actor
from geoservice.web.deployment import current_settings, current_time, open_transaction
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, the_account
from geoservice.web.texts import current_locale, gettext, ngettext
from geoservice.web.words import say, write_instant

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.errors import GeoServiceError
    from geoservice.services.cases import MoveView

case_settings = Blueprint("case_settings", __name__, url_prefix="/cases/settings")
guard(case_settings, Permission.RUN_CASES)

MOST_NAMED = 5
REFUSED = (BadRequest, Conflict, NotFound)
NUMBERS = ("handle_limit", "open_limit", "verify_limit", "weight")
SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–—~至]\s*([01]?\d|2[0-4]):([0-5]\d)")


@case_settings.get("/")
def show_settings() -> str:
    """Show every kind of case with its clock, and the working hours of a day."""
    return _page()


@case_settings.post("/kinds")
def set_kind() -> AnyResponse | tuple[str, int]:
    """Change a kind of case, or add one; clocks that run already keep their limits."""
    code = request.form.get("code", "").strip()
    try:
        changes = _changes()
        with open_transaction() as session:
            keep = add_kind if request.form.get("new") else service.set_kind
            keep(session, code, changes, by=the_account().id)
    except REFUSED as error:
        return _page(error, opened=code or "new"), status_of(error)
    flash(gettext("Saved. New cases of this kind follow it; clocks that run keep their limits."), "good")
    return redirect(url_for("case_settings.show_settings", _anchor=f"kind-{code}"))


@case_settings.post("/shifts")
def put_shifts() -> str | tuple[str, int]:
    """Replace the hours of a working day, and show which deadlines this moved."""
    try:
        wanted = _spans(request.form.get("shifts", ""))
        with open_transaction() as session:
            moved = service.put_shifts(
                session, current_settings(), wanted, by=the_actor(), now=current_time()
            )
    except REFUSED as error:
        return _page(error, opened="shifts"), status_of(error)
    flash(sentence_of_moves(moved), "good")
    return _page(moved=moved)


@case_settings.post("/recount")
def recount() -> str:
    """Count every running deadline again by the calendar as it is now, and show which moved."""
    with open_transaction() as session:
        moved = service.recount_deadlines(session, current_settings(), by=the_actor(), now=current_time())
    flash(sentence_of_moves(moved), "good")
    return _page(moved=moved)


def sentence_of_moves(moved: list[MoveView]) -> str:
    """Return how many deadlines a change moved, and the first of them."""
    if not moved:
        return gettext("Saved. No deadline moved.")
    told = ngettext("Saved. %(num)s deadline moved:", "Saved. %(num)s deadlines moved:", len(moved))
    named = [
        f"{move.number} {write_instant(move.old_due_at)} → {write_instant(move.new_due_at)}" for move in moved
    ]
    return f"{told} {'; '.join(named[:MOST_NAMED])}{' …' if len(named) > MOST_NAMED else ''}"


def _page(
    problem: GeoServiceError | None = None, *, opened: str = "", moved: list[MoveView] | None = None
) -> str:
    with open_transaction() as session:
        kinds = service.list_kinds(session, active_only=False)
        shifts = service.shifts(session)
        departments = case_marks.departments(session)
        roles = layers.role_names(session, current_locale())
    written = "\n".join(f"{_clock(first)}-{_clock(last)}" for first, last in shifts)
    return render_template(
        "cases/settings.html",
        kinds=kinds,
        shifts=request.form.get("shifts", written) if opened == "shifts" else written,
        departments=departments,
        roles=roles,
        clocks=list(Clock),
        problem=say(problem.code, problem.values) if problem else "",
        opened=opened,
        typed=request.form if opened else {},
        moved=moved,
        word=case_words,
    )


def _changes() -> dict[str, Any]:
    """Return what the form of a kind says; raises BadRequest for a number that is none."""
    form = request.form
    changes: dict[str, Any] = {
        name: told.read_name(form.get(name, ""), label) for name, label in _name_words().items()
    }
    changes["clock"] = form.get("clock", "")
    for name in NUMBERS:
        try:
            changes[name] = float(form.get(name, "").replace(",", "."))
        except ValueError:
            raise BadRequest(
                "case_form_choice_unreadable", field=_words()[name], value=form.get(name, "")[:20]
            ) from None
    department = form.get("department_id", "")
    changes["department_id"] = int(department) if department.isascii() and department.isdigit() else None
    changes["role"] = form.get("role") or None
    changes["photo_needed"] = form.get("photo_needed") == "yes"
    changes["active"] = form.get("active") == "yes"
    return changes


def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of working hours, one a line, as minutes of the day."""
    spans = []
    for line in filter(None, (line.strip() for line in text.replace(",", "\n").splitlines())):
        found = SPAN.fullmatch(line)
        if found is None:
            raise BadRequest("case_kind_shifts_unreadable", value=line[:20])
        hours = [int(part) for part in found.groups()]
        spans.append((hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]))
    return tuple(spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _name_words() -> dict[str, str]:
    return {"name_zh": gettext("Name in Chinese"), "name_en": gettext("Name in English")}


def _words() -> dict[str, str]:
    return {
        "handle_limit": gettext("To put it right"),
        "open_limit": gettext("To open and assign it (working hours)"),
        "verify_limit": gettext("To verify it (working hours)"),
        "weight": gettext("Weight in rankings"),
    }

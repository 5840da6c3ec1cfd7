"""What citizens sent, at the desk: taken up as a case, joined to one, refused or answered for the public to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, NotAllowed, NotFound
from geoservice.services import cases, evidence
from geoservice.services import citizens as service
from geoservice.services.cases import Actor
from geoservice.web.deployment import current_settings, current_time, open_transaction
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.map_ground import ground_shapes
from geoservice.web.place_maps import place_map
from geoservice.web.texts import current_locale, gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

citizens = Blueprint("citizens", __name__, url_prefix="/dispatch/citizens")
guard(citizens, Permission.RUN_CASES)

REPORT = "/<int(max=9223372036854775807):report_id>"
REFUSED = (BadRequest, Conflict, NotAllowed)
SHOWN = 30


@citizens.get("/")
def show_reports() -> str:
    """List what citizens sent, what nobody looked at yet first."""
    given = request.args.get("state", "received")
    state = given if given in service.STATES else None
    before = request.args.get("before", type=int)
    with own_transaction() as session:
        rows = service.list_reports(session, state, before_id=before, limit=SHOWN + 1)
        counts = service.count_by_state(session)
    return render_template(
        "citizens/list.html",
        rows=rows[:SHOWN],
        state=state or "all",
        counts=counts,
        next_before=rows[SHOWN - 1].id if len(rows) > SHOWN else None,
        state_words=_state_words(),
        is_open=current_settings().citizen_reports,
    )


@citizens.get(REPORT)
def show_report(report_id: int) -> str:
    """Show one report, what it may be part of, and what can be done with it."""
    return _page(report_id)


@citizens.get(f"{REPORT}/map")
def show_map(report_id: int) -> Response:
    """Show where it is, a page of its own for the frame."""
    words = (gettext("Map of the place"), gettext("Show the place again"), gettext("Here it is"))
    with own_transaction() as session:
        report = service.read_report(session, report_id)
        return place_map(session, ground_shapes(session), (report.lon, report.lat), words)


@citizens.post(f"{REPORT}/take")
def take_up(report_id: int) -> AnyResponse | tuple[str, int]:
    """Let a report become a case."""
    form = request.form
    with own_transaction() as session:
        report = service.read_report(session, report_id)
    new = service.case_for(
        report, form.get("kind", "")[:40], form.get("title", ""), form.get("description", "")
    )
    by = Actor.of(the_account())
    try:
        # Whose ground a place is does not depend on who takes it up.
        with open_transaction() as session:
            case = service.take_up(session, current_settings(), report_id, new, by=by, now=current_time())
    except REFUSED as error:
        return _page(report_id, say(error.code, error.values)), status_of(error)
    flash(gettext("It is case %(number)s now.", number=case.number), "good")
    return redirect(url_for("citizens.show_report", report_id=report_id))


@citizens.post(f"{REPORT}/join")
def join(report_id: int) -> AnyResponse | tuple[str, int]:
    """Let a report belong to a case that is there."""
    number = request.form.get("number", "")
    return _act(report_id, lambda session: service.join(session, report_id, number, by=the_account().id))


@citizens.post(f"{REPORT}/refuse")
def refuse(report_id: int) -> AnyResponse | tuple[str, int]:
    """Do not take a report up, and say why."""
    reason = request.form.get("reply", "")
    return _act(
        report_id,
        lambda session: service.refuse(session, report_id, reason, by=the_account().id, now=current_time()),
    )


@citizens.post(f"{REPORT}/answer")
def answer(report_id: int) -> AnyResponse | tuple[str, int]:
    """Answer a report for the public to read."""
    reply = request.form.get("reply", "")
    return _act(
        report_id,
        lambda session: service.answer(session, report_id, reply, by=the_account().id, now=current_time()),
    )


@citizens.post(f"{REPORT}/forget")
def forget_contact(report_id: int) -> AnyResponse | tuple[str, int]:
    """Forget how the citizen can be reached."""
    return _act(report_id, lambda session: service.forget_contact(session, report_id, by=the_account().id))


def _act(report_id: int, work: Callable[[Session], object]) -> AnyResponse | tuple[str, int]:
    try:
        with own_transaction() as session:
            service.read_report(session, report_id)
            work(session)
    except (*REFUSED, NotFound) as error:
        return _page(report_id, say(error.code, error.values)), status_of(error)
    flash(gettext("Saved."), "good")
    return redirect(url_for("citizens.show_report", report_id=report_id))


def _page(report_id: int, problem: str | None = None) -> str:
    with own_transaction() as session:
        report = service.read_report(session, report_id)
        kinds = cases.list_kinds(session)
        near = service.near_cases(session, report, now=current_time()) if report.state == "received" else []
        subject = ("case", report.case_id) if report.case_id else ("citizen_report", report.id)
        photos = evidence.photos_of_many(session, subject[0], [subject[1]]).get(subject[1], [])  # type: ignore[arg-type]
    names = {kind.code: kind.name_en if current_locale() == "en" else kind.name_zh for kind in kinds}
    return render_template(
        "citizens/report.html",
        report=report,
        kinds=names,
        near=near,
        photos=photos,
        problem=problem,
        form=request.form,
        state_words=_state_words(),
        longest_reply=service.LONGEST_REPLY,
    )


def _state_words() -> dict[str, str]:
    return {
        "received": gettext("To look at"),
        "taken": gettext("Taken up"),
        "answered": gettext("Answered"),
        "refused": gettext("Not taken up"),
    }

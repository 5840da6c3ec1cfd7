"""Making, looking over and publishing reports; formulas and digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.indicators import LESS_IS_BETTER, RATES
from geoservice.domain.report_kinds import ReportKind, window_before
from geoservice.domain.roles import Permission
from geoservice.domain.scoring import SUBJECTS, read_formula
from geoservice.errors import BadRequest, GeoServiceError, NotAllowed
from geoservice.jobs.queue import wake
from geoservice.jobs.reports import ask_to_make, ask_to_send, send_again
from geoservice.services import reports as service
from geoservice.services.reports import digests, formulas
from geoservice.services.reports.measures import RATES_OF
from geoservice.store import jobs
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.errors import status_of
from geoservice.web.identity import current_account, current_scope, guard, own_transaction, the_account
from geoservice.web.report_words import page_values, words
from geoservice.web.texts import gettext
from geoservice.web.windows import window_of as window_between
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

reporting = Blueprint("reporting", __name__, url_prefix="/dispatch/reports")
guard(reporting, Permission.PUBLISH_REPORTS)

LISTED = 100
JOBS_SHOWN = 5


@reporting.before_request
def _need_the_whole_city() -> None:
    """A report is of the whole city: whoever sees a part of it can't answer for one."""
    if current_account() is not None and not current_scope().everything:
        raise NotAllowed


@reporting.get("/")
def show_reports() -> str:
    """List drafts and all that was published, and what can be made."""
    with own_transaction() as session:
        found = service.list_reports(session, published=False, limit=LISTED)
        open_jobs = [
            job
            for job in jobs.recent(session, JOBS_SHOWN, kind="make_report")
            if job.state in {"queued", "running"}
        ]
    return render_template(
        "reports/desk.html",
        rows=found,
        jobs=open_jobs,
        kinds=list(ReportKind),
        usual=window_before(ReportKind.WEEK, today()).from_on,
        **words(),
    )


@reporting.post("/")
def make_report() -> Response:
    """Ask for a draft, which a worker makes."""
    form = request.form
    kind = ReportKind.named(form.get("kind", ""))
    on = window_between(form.get("on", ""), "").from_on
    if on > today():
        raise BadRequest("report_not_begun", day=on.isoformat())
    with own_transaction() as session:
        job_id = ask_to_make(session, kind, on, by=the_account().id)
    wake(current_settings(), [job_id])
    return redirect(url_for("jobs.show_job", job_id=job_id))


@reporting.get("/<int(max=2147483647):report_id>")
def show_report(report_id: int) -> str:
    """Look over a report, whatever became of it."""
    with own_transaction() as session:
        view = service.find(session, report_id, drafts=True)
        values = page_values(session, view)
        wanted = digests.targets_for(session, view.kind)
    return render_template("reports/report.html", looked_over=True, digest_count=len(wanted), **values)


@reporting.post("/<int(max=2147483647):report_id>/remarks")
def set_remarks(report_id: int) -> Response:
    """Write the remarks of a draft."""
    with own_transaction() as session:
        service.set_remarks(session, report_id, request.form.get("remarks", ""))
    flash(gettext("The remarks are kept."), "good")
    return redirect(url_for("reporting.show_report", report_id=report_id))


@reporting.post("/<int(max=2147483647):report_id>/publish")
def publish_report(report_id: int) -> Response:
    """Publish a draft and send its digests."""
    account = the_account()
    with own_transaction() as session:
        if "remarks" in request.form:
            service.set_remarks(session, report_id, request.form["remarks"])
        job_ids = _publish(session, report_id, account.id)
    wake(current_settings(), job_ids)
    flash(gettext("The report is published."), "good")
    return redirect(url_for("reporting.show_report", report_id=report_id))


@reporting.post("/<int(max=2147483647):report_id>/withdraw")
def withdraw_report(report_id: int) -> Response:
    """Take a published report back."""
    with own_transaction() as session:
        service.withdraw(session, report_id, by=the_account().id, now=current_time())
    flash(gettext("The report is withdrawn. Its period may be issued again."), "good")
    return redirect(url_for("reporting.show_report", report_id=report_id))


@reporting.post("/<int(max=2147483647):report_id>/drop")
def drop_report(report_id: int) -> Response:
    """Delete a draft."""
    with own_transaction() as session:
        service.drop(session, report_id)
    flash(gettext("The draft is deleted."), "good")
    return redirect(url_for("reporting.show_reports"))


@reporting.get("/formula")
def show_formula() -> str:
    """Show the formula in force, its versions, and a form for the next."""
    return _formula_page()


@reporting.post("/formula")
def change_formula() -> tuple[str, int] | Response:
    """Add a version of the formula."""
    form = request.form
    try:
        since = window_between(form.get("valid_from", ""), "").from_on
        with own_transaction() as session:
            formulas.change(
                session, form.get("name", ""), _weights_typed(), valid_from=since, by=the_account().id
            )
    except BadRequest as error:
        return _formula_page(error), status_of(error)
    flash(gettext("The new formula holds from %(day)s on.", day=since.isoformat()), "good")
    return redirect(url_for("reporting.show_formula"))


@reporting.get("/digests")
def show_targets() -> str:
    """List where digests go."""
    return _targets_page()


@reporting.post("/digests")
def add_target() -> tuple[str, int] | Response:
    """Add a target."""
    form = request.form
    try:
        with own_transaction() as session:
            digests.add_target(
                session,
                form.get("name", ""),
                form.get("address", ""),
                form.getlist("kinds"),
                by=the_account().id,
            )
    except BadRequest as error:
        return _targets_page(error), status_of(error)
    flash(gettext("The target is kept. Its address is not shown again."), "good")
    return redirect(url_for("reporting.show_targets"))


@reporting.post("/digests/<int(max=2147483647):target_id>")
def change_target(target_id: int) -> Response:
    """Switch a target on or off, forget it, or send it the newest report."""
    by, wanted = the_account().id, request.form.get("do", "")
    job_ids: list[int] = []
    with own_transaction() as session:
        if wanted == "remove":
            digests.remove_target(session, target_id, by=by)
        elif wanted == "send":
            job_ids = [send_again(session, target_id, by=by)]
        elif wanted in {"on", "off"}:
            digests.set_active(session, target_id, wanted == "on", by=by)
        else:
            raise BadRequest
    wake(current_settings(), job_ids)
    if job_ids:
        flash(gettext("The digest is on its way. Load this page again to see what became of it."), "good")
    return redirect(url_for("reporting.show_targets"))


def _publish(session: Session, report_id: int, by: int) -> list[int]:
    service.publish(session, current_settings(), report_id, by=by, now=current_time())
    return ask_to_send(session, report_id, by=by)


def _formula_page(error: GeoServiceError | None = None) -> str:
    with own_transaction() as session:
        versions = formulas.versions(session)
    in_force = next((one for one in versions if one.valid_from <= today()), None)
    typed: Mapping[str, Any] = _weights_typed() if error else in_force.weights if in_force else {}
    return render_template(
        "reports/formula.html",
        versions=versions,
        in_force=in_force,
        formula=read_formula(in_force.weights) if in_force else None,
        typed=typed,
        rates={subject: _offered(subject, typed) for subject in SUBJECTS},
        less_is_better=LESS_IS_BETTER,
        valid_from=request.form.get("valid_from", today().isoformat())[:10],
        name=request.form.get("name", "")[:80],
        problem=say(error.code, _named(error)) if error else "",
        **words(),
    )


def _offered(subject: str, typed: Mapping[str, Any]) -> list[str]:
    """Return the indicators that can be weighed: what is never measured of a subject would only keep it from having points."""
    weighed = typed.get(subject) or {}
    return [code for code in RATES if code in RATES_OF[subject] or code in weighed]


def _named(error: GeoServiceError) -> dict[str, object]:
    """Return an error's values with indicators and subjects in the reader's words."""
    values = dict(error.values)
    if values.get("name") in RATES:
        values["name"] = say(f"indicator_{values['name']}", {})
    if values.get("subject") in SUBJECTS:
        values["subject"] = say(f"by_{values['subject']}", {})
    return values


def _weights_typed() -> dict[str, object]:
    """Return the weights of a form; an empty field is no weight."""
    form = request.form
    typed: dict[str, object] = {
        subject: {
            code: form[f"{subject}-{code}"].strip()
            for code in RATES
            if form.get(f"{subject}-{code}", "").strip()
        }
        for subject in SUBJECTS
    }
    names = ("red", "black", "red_from", "black_below")
    typed["lists"] = {name: form.get(name, "").strip() for name in names}
    typed["least_known"] = _share(form.get("least_known", ""))
    return typed


def _share(percent: str) -> object:
    try:
        return float(percent) / 100
    except ValueError:
        return percent


def _targets_page(error: GeoServiceError | None = None) -> str:
    with own_transaction() as session:
        found = digests.targets(session)
    form = request.form
    return render_template(
        "reports/digests.html",
        targets=found,
        kinds=list(ReportKind),
        schemes=digests.SCHEMES,
        has_address=bool(current_settings().public_url),
        name=form.get("name", "")[:80],
        chosen=form.getlist("kinds"),
        problem=say(error.code, error.values) if error else "",
        **words(),
    )

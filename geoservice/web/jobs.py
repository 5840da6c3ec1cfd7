"""Background work that somebody asked for: how far it is, how to stop it, where its result is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.jobs.queue import wake
from geoservice.store import jobs as store
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.windows import period_args, window_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

jobs = Blueprint("jobs", __name__, url_prefix="/jobs")
guard(jobs, Permission.COMPUTE_COVERAGE)

LISTED = 50


@jobs.get("/")
def show_jobs() -> str:
    """List the newest jobs."""
    with own_transaction() as session:
        found = store.recent(session, LISTED)
    return render_template("jobs/list.html", jobs=found)


@jobs.post("/coverage")
def compute_coverage() -> Response:
    """Ask for the coverage of a window and then its blind spots; a second click is the same two jobs."""
    form = request.form
    window = window_of(form.get("from", ""), form.get("to", ""), form.get("period", ""))
    days: dict[str, Any] = {"from": window.from_on.isoformat(), "to": window.to_on.isoformat()}
    asked = {**days, **period_args(window)}
    with own_transaction() as session:
        job_id = store.ask(session, "cover", days, dedupe_key=_key("cover", days), by=the_account().id)
        gaps_id = store.ask(
            session, "gap_report", asked, dedupe_key=_key("gap_report", asked), by=the_account().id
        )
    wake(current_settings(), [job_id, gaps_id])
    return redirect(url_for("dispatch.show_zones", **asked, job=job_id))


@jobs.get("/<int(max=9223372036854775807):job_id>")
def show_job(job_id: int) -> str:
    """Show one job."""
    with own_transaction() as session:
        job = store.read(session, job_id)
    return render_template("jobs/job.html", job=job)


@jobs.get("/<int(max=9223372036854775807):job_id>/progress")
def show_progress(job_id: int) -> str:
    """Show the box that a page asks for again and again while the job is under way."""
    with own_transaction() as session:
        job = store.read(session, job_id)
    return render_template("jobs/box.html", job=job)


@jobs.post("/<int(max=9223372036854775807):job_id>/cancel")
def cancel_job(job_id: int) -> Response | str:
    """Stop a job: at once while it waits, at its next step while it runs."""
    with own_transaction() as session:
        store.cancel(session, job_id, now=current_time(), by=the_account().id)
        job = store.read(session, job_id)
    if "HX-Request" in request.headers:
        return render_template("jobs/box.html", job=job)
    return redirect(url_for("jobs.show_job", job_id=job_id))


def _key(kind: str, asked: dict[str, Any]) -> str:
    return " ".join((kind, *asked.values()))  # as the scheduler names them, so that both ask for one job

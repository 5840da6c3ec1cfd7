"""Background work that somebody asked for: how far it is, how to stop it, where its result is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.jobs.queue import wake
from geoservice.store import jobs as store
from geoservice.web.deployment import current_settings
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.job_pages import JOB, any_job, attach_job_pages
from geoservice.web.windows import period_args, window_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

jobs = Blueprint("jobs", __name__, url_prefix="/jobs")
guard(jobs, Permission.COMPUTE_COVERAGE)
attach_job_pages(jobs, f"/{JOB}", any_job, "jobs/job.html", "jobs/box.html")

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


def _key(kind: str, asked: dict[str, Any]) -> str:
    return " ".join((kind, *asked.values()))  # as the scheduler names them, so that both ask for one job

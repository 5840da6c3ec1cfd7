"""The pages of one job: how far it is, a box that asks for itself again and again, and how to stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for

from geoservice.errors import NotFound
from geoservice.store import jobs as store
from geoservice.web.deployment import current_time
from geoservice.web.identity import own_transaction, the_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint
    from werkzeug.wrappers import Response

    from geoservice.store.jobs import JobStatus

JOB = "<int(max=9223372036854775807):job_id>"


def attach_job_pages(
    blueprint: Blueprint, rule: str, read: Callable[[int], JobStatus], page: str, box: str
) -> None:
    """Give a blueprint the pages of the jobs that `read` finds, below `rule`; NotFound for all others.

    `page` and `box` are templates that show a `job`: the whole page, and the box in it.
    """

    def show_job(job_id: int) -> str:
        return render_template(page, job=read(job_id))

    def show_progress(job_id: int) -> str:
        return render_template(box, job=read(job_id))

    def cancel_job(job_id: int) -> Response | str:
        read(job_id)
        with own_transaction() as session:
            store.cancel(session, job_id, now=current_time(), by=the_account().id)
        if "HX-Request" in request.headers:
            return show_progress(job_id)
        return redirect(url_for(".show_job", job_id=job_id), 303)

    blueprint.add_url_rule(rule, view_func=show_job)
    blueprint.add_url_rule(f"{rule}/progress", view_func=show_progress)
    blueprint.add_url_rule(f"{rule}/cancel", view_func=cancel_job, methods=["POST"])


def any_job(job_id: int) -> JobStatus:
    """Return a job, whoever asked for it."""
    with own_transaction() as session:
        return store.read(session, job_id)


def own_job(kind: str, job_id: int) -> JobStatus:
    """Return a job of a kind to whoever asked for it; NotFound for anybody else."""
    job = any_job(job_id)
    if job.kind != kind or job.requested_by != the_account().id:
        raise NotFound("job_not_found", id=job_id)
    return job

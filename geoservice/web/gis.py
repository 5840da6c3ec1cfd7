"""The GIS desk: what was imported, how it was read, what it refused, and how it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, url_for

from geoservice.domain.roles import Permission
from geoservice.errors import Conflict
from geoservice.jobs.queue import wake
from geoservice.services import desk
from geoservice.store import import_history, jobs
from geoservice.web import desk_words
from geoservice.web.deployment import current_settings
from geoservice.web.identity import current_scope, guard, own_transaction, the_account

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from geoservice.store.jobs import JobStatus

gis = Blueprint("gis", __name__, url_prefix="/gis")
guard(gis, Permission.IMPORT)

LISTED = 100
DRAFTS_LISTED = 10
UNDO = "undo_import"
JOBS_SEARCHED = 200


@gis.get("/imports")
def show_imports() -> str:
    """List the newest imports with their counts, and what still lies on the desk."""
    with own_transaction() as session:
        found = import_history.recent_batches(session, LISTED, only_by=only_by())
        waiting = [
            one for one in desk.drafts(session, only_by=only_by(), limit=LISTED) if one.state != "applied"
        ]
    return render_template("gis/imports.html", batches=found, drafts=waiting[:DRAFTS_LISTED], desk=desk_words)


@gis.get("/imports/<int(max=2147483647):batch_id>")
def show_import(batch_id: int) -> str:
    """Show one import with every problem it met, and how far its undoing is, if anybody asked for it."""
    with own_transaction() as session:
        batch = import_history.read_batch(session, batch_id, only_by=only_by())
        job = _undoing(session, batch_id)
    return render_template("gis/import.html", batch=batch, row=batch.row, job=job, desk=desk_words)


@gis.post("/imports/<int(max=2147483647):batch_id>/undo")
def undo_import(batch_id: int) -> Response:
    """Ask for an import to be taken back."""
    with own_transaction() as session:
        batch = import_history.read_batch(session, batch_id, only_by=only_by())
        if batch.row.undone_at is not None:
            raise Conflict("undone_already", batch=batch_id)
        job_id = jobs.ask(
            session, UNDO, {"batch": batch_id}, dedupe_key=f"{UNDO} {batch_id}", by=the_account().id
        )
    wake(current_settings(), [job_id])
    return redirect(url_for("gis.show_import", batch_id=batch_id), 303)


def only_by() -> int | None:
    """Refused rows tell names of the whole city: whoever sees a part of it sees his own imports only."""
    return None if current_scope().everything else the_account().id


def _undoing(session: Session, batch_id: int) -> JobStatus | None:
    """Return the newest job that takes a batch back, of those not long ago."""
    asked = jobs.recent(session, JOBS_SEARCHED, kind=UNDO)
    return next((job for job in asked if job.args.get("batch") == batch_id), None)

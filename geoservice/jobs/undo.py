"""Undoing one import."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from geoservice.services import undoing
from geoservice.store import jobs

if TYPE_CHECKING:
    from geoservice.jobs.work import Work


def undo(work: Work) -> dict[str, Any]:
    """Take back the import `batch` of the arguments, in the name of whoever asked for the job."""
    with work.last_transaction() as session:
        done = undoing.undo_batch(
            session,
            work.settings,
            int(work.args["batch"]),
            by=jobs.read(session, work.job_id).requested_by,
            now=datetime.now(UTC),
            progress=lambda stage, share: work.progress(round(100 * share), stage),
        )
        work.result = asdict(done)
    return work.result

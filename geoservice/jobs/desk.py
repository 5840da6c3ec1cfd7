"""An import on the desk, step by step: look at its files, check what they would do, apply it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from geoservice.errors import Conflict
from geoservice.services import desk
from geoservice.services.importing import Run
from geoservice.store import drafts, jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoservice.jobs.work import Work

# Where in the whole each stage of an import begins and ends, per cent.
STAGES = {
    "looking": (0, 90),
    "reading": (0, 40),
    "writing": (40, 75),
    "rasters": (75, 95),
    "comparing": (75, 95),
    "keeping": (90, 99),
}


def look(work: Work) -> dict[str, Any]:
    """Look at the files of the draft `draft` of the arguments."""
    with work.transaction() as session:
        draft = desk.read_draft(session, work.args["draft"])
    looks = desk.read_looks(work.settings, draft, _progress(work))
    with work.last_transaction() as session:
        seen = desk.see(session, work.settings, draft, looks)
        _write(session, draft, state="looked", seen=seen, choices=desk.still_known(draft, seen), report={})
    return {}


def check(work: Work) -> dict[str, Any]:
    """Run the import of the draft `draft` without writing, and keep what it would do."""
    with work.last_transaction() as session:
        draft = desk.read_draft(session, work.args["draft"])
        report = desk.check_draft(session, work.settings, draft, _run(session, work))
        _write(session, draft, state="checked", report=report)
        work.result = {"counts": report["counts"]}
    return work.result


def apply(work: Work) -> dict[str, Any]:
    """Apply the draft `draft` as it was checked."""
    with work.last_transaction() as session:
        draft = desk.read_draft(session, work.args["draft"])
        if draft.state != "checked":
            raise Conflict("draft_not_ready", state=draft.state)
        batch_id = desk.apply_draft(session, work.settings, draft, _run(session, work))
        _write(session, draft, state="applied", batch_id=batch_id)
        work.result = {"batch": batch_id}
    return work.result


def _run(session: Any, work: Work) -> Run:
    by = jobs.read(session, work.job_id).requested_by
    return Run(now=datetime.now(UTC), by=by, progress=_progress(work))


def _write(session: Any, draft: drafts.Draft, **values: Any) -> None:
    if not drafts.set_draft_as_read(session, draft.id, draft.row_version, **values):
        raise Conflict("draft_changed")


def _progress(work: Work) -> Callable[[str, float], None]:
    def tell(stage: str, share: float) -> None:
        begin, end = STAGES.get(stage, (0, 100))
        work.progress(round(begin + (end - begin) * share), stage)

    return tell

"""Background work for a draft is asked for, one piece at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, Conflict
from geoservice.services.desk.kinds import options_of
from geoservice.services.desk.shelf import hold_draft, key_of
from geoservice.store import drafts as stored
from geoservice.store import jobs

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.store.drafts import Draft

STEPS = {
    "look": ("look_at_import", ("received", "looked", "checked")),
    "check": ("check_import", ("looked", "checked")),
    "apply": ("apply_import", ("checked",)),
}


def ask(session: Session, draft_id: int, step: str, *, by: int | None, row_version: int | None = None) -> int:
    """Ask for a step (look, check, apply) and return the job to wake after the commit.

    Conflict `draft_busy` while a job works on it, `draft_changed` when `row_version` is given and not the newest,
    `draft_not_ready` when the step before it has not been made, `nothing_to_apply`, and `repairs_need_answer` when repaired
    shapes would be applied that nobody has agreed to; BadRequest `choice_needed`.
    """
    draft = hold_draft(session, draft_id, row_version)
    job_kind, states = STEPS[step]
    if draft.state not in states:
        raise Conflict("draft_not_ready", state=draft.state)
    if step == "check":
        _refuse_unsaid(draft)
    if step == "apply":
        _refuse_pointless(draft)
    job_id = jobs.ask(session, job_kind, {"draft": draft_id}, dedupe_key=key_of(draft_id), by=by)
    stored.set_draft(session, draft_id, job_id=job_id)
    return job_id


def _refuse_unsaid(draft: Draft) -> None:
    needed = (
        ["kind"] if draft.kind is None else [each.name for each in options_of(draft.kind) if each.required]
    )
    for name in needed:
        if not draft.choices.get(name):
            raise BadRequest("choice_needed", choice=name)


def _refuse_pointless(draft: Draft) -> None:
    found = draft.report["counts"]
    if not found["new"] + found["changed"] + found["removed"]:
        raise Conflict("nothing_to_apply")
    if found["repaired"] and not draft.choices.get("repairs"):
        raise Conflict("repairs_need_answer", count=found["repaired"])

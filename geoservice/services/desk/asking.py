"""Background work for a draft is asked for, one piece at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def ask(session: Session, draft_id: int, step: str, *, by: int | None, row_version: int | None = None) -> int:
    """Ask for a step (look, check, apply) and return the job to wake after the commit.

    Conflict `draft_busy` while a job works on it, `draft_changed` when `row_version` is given and not the newest,
    `draft_not_ready` when the step before it has not been made, `repairs_need_answer` when repaired shapes would be applied
    that nobody has agreed to.
    """
    raise NotImplementedError

"""The import of a draft, done: exactly what was checked, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geoservice.errors import Conflict
from geoservice.services.desk.checking import copy_outcomes, digest_of, takes_repairs
from geoservice.services.desk.importers import run_import

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing import Run
    from geoservice.store.drafts import Draft


def apply_draft(session: Session, settings: Settings, draft: Draft, run: Run) -> int:
    """Import a checked draft and return the batch; Conflict `ground_changed_since_check` when it did something else.

    What was done is read as the check read it; an error takes the whole transaction back, which is the caller's.
    """
    report = run_import(
        session, settings, draft, replace(run, dry_run=False, take_repairs=takes_repairs(draft))
    )
    run.progress("comparing", 0.9)
    done = digest_of(copy_outcomes(session, settings, draft, run, report, None), report)
    if done != draft.report["digest"]:
        raise Conflict("ground_changed_since_check")
    return report.batch_id

"""The import of a draft, done: exactly what was checked, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.desk.shelf import Draft
    from geoservice.services.importing import Run


def apply_draft(session: Session, settings: Settings, draft: Draft, run: Run) -> int:
    """Import a checked draft and return the batch; Conflict `ground_changed_since_check` when it would do something else."""
    raise NotImplementedError

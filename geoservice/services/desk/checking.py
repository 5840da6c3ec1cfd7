"""The import, run without writing: what it would bring, change, end and refuse, kept as items of the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.desk.shelf import Draft
    from geoservice.services.importing import Run


def check_draft(session: Session, settings: Settings, draft: Draft, run: Run) -> None:
    """Run the import of a draft dry and keep what it would do; everything else stays as it is."""
    raise NotImplementedError

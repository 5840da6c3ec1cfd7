"""As of when an answer holds: when it was computed, and what arrived late and may have changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.store import gap_rows, late_rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.store.gap_rows import Revision
    from geoservice.store.late_rows import LateTracks


def computed_at(session: Session, window: Window) -> datetime | None:
    """Return when the window's gaps were computed, else when coverage last was."""
    report = gap_rows.report_at(session, window)
    return report[1] if report else gap_rows.last_run(session)


def revision(session: Session, window: Window) -> Revision | None:
    """Return when the window's report was computed, and whether late tracks changed it since it was past; None: no report."""
    return gap_rows.revision_of(session, window)


def late(session: Session, settings: Settings, window: Window) -> LateTracks:
    """Return the tracks of the window that came after it had ended: what was said of it before may have changed."""
    start, end = window.instants(settings.zone_info)
    return late_rows.late_tracks(session, start, end, end)

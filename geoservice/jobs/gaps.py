"""The gaps of the whole city in one window, kept as its report."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from geoservice.domain.windows import Period, Window
from geoservice.services import gap_reports, ground

if TYPE_CHECKING:
    from geoservice.jobs.work import Work


def gap_report(work: Work) -> dict[str, Any]:
    """Build the report of the window `from`–`to` of the arguments, or of its `period`, unless a fresh one is there."""
    window = Window(
        date.fromisoformat(work.args["from"]),
        date.fromisoformat(work.args["to"]),
        Period.named(work.args.get("period", "")),
    )
    with work.last_transaction() as session:
        ground.refresh_masks(session, work.settings)
        if gap_reports.is_ready(session, window):
            return {}
        found = gap_reports.build(
            session,
            work.settings,
            window,
            now=datetime.now(UTC),
            progress=lambda percent: work.progress(percent, "gaps"),
        )
        work.result = {"gaps": found}
    return work.result

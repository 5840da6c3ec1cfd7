"""How coverage grows over the hours of the days that today is compared with."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from geoservice.services import today_usual

if TYPE_CHECKING:
    from geoservice.jobs.work import Work


def usual_hours(work: Work) -> dict[str, Any]:
    """Measure the days before `on` of the arguments; what is kept of older ones stays."""
    with work.transaction() as session:
        return today_usual.make_curves(
            session,
            work.settings,
            date.fromisoformat(work.args["on"]),
            lambda percent: work.progress(percent, "measuring"),
        )

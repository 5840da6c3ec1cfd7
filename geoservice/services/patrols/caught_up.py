"""What somebody wanted is done once a patrol was there; what was missed stays on the list by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.actual import Outcome
from geoservice.services.patrols.following import follow_all
from geoservice.store import patrol_facts, patrol_rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window


def settle_wanted(session: Session, settings: Settings, window: Window, *, now: datetime) -> list[int]:
    """Note as done what was wanted and what patrols of some days did, whoever tells of it; return the ids.

    A point that only a track tells of counts where `PROBABLE_VISITS_COUNT` says so.
    """
    rows = patrol_rows.with_open_wishes(session, window.from_on, window.to_on)
    done = [
        (stop.wanted_id, stop.arrived_at)
        for view in follow_all(session, settings, rows, now)
        for stop in view.stops
        if stop.wanted_id is not None and stop.outcome is Outcome.DONE and stop.arrived_at is not None
        if stop.said or stop.kind != "point" or settings.probable_visits_count
    ]
    return patrol_facts.note_wanted_done(session, done) if done else []

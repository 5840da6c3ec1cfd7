"""How the deadline of each case of a list stands, counted by the city's working hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain import clocks
from geoservice.services import cases
from geoservice.store import case_marks

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.clocks import WorkTime
    from geoservice.store.case_marks import RunningClock

NEAR_FROM = 0.7
"""Of the limit: from here on a deadline is near. The first reminder goes out at the same share."""


@dataclass(frozen=True)
class Light:
    """The clock that runs: `look` is calm, near, late or rests; `share` of its limit is gone, over 1 when late."""

    look: str
    share: float
    stage: str
    due_at: datetime


def lights(
    session: Session, settings: Settings, case_ids: Collection[int], *, now: datetime
) -> dict[int, Light]:
    """Return case → its light; cases for which no clock runs are left out."""
    running = case_marks.running_clocks(session, case_ids)
    if not running:
        return {}
    hours = cases.work_time(session, settings)
    return {case_id: _light(clock, hours, now) for case_id, clock in running.items()}


def look_of(share: float, *, late: bool, rests: bool) -> str:
    """Return how a deadline stands, in one word of ours."""
    if rests:
        return "rests"
    if late:
        return "late"
    return "near" if share >= NEAR_FROM else "calm"


def _light(clock: RunningClock, hours: WorkTime, now: datetime) -> Light:
    rest = ((clock.paused_at, now),) if clock.paused_at is not None and clock.paused_at < now else ()
    run = clocks.Run(clocks.Clock(clock.clock), clock.limit, clock.started_at, (*clock.pauses, *rest))
    share = clocks.share(run, hours, now)
    look = look_of(share, late=clock.due_at < now, rests=clock.paused_at is not None)
    return Light(look, share, clock.stage, clock.due_at)

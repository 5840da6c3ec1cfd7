"""The hours that clocks count by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.clocks import WorkTime
from geoservice.services import workdays
from geoservice.store import case_writes as store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings


def work_time(session: Session, settings: Settings) -> WorkTime:
    """Return the calendar and the shifts that clocks count by."""
    return WorkTime(workdays.calendar(session, settings), store.shifts(session), settings.zone_info)


def shifts(session: Session) -> tuple[tuple[int, int], ...]:
    """Return the working hours of a day, as minutes of the local day, in order."""
    return store.shifts(session)

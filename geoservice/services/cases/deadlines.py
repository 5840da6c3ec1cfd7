"""Deadlines: by which hours they are counted, how a change of these moves them, and the end of suspensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.clocks import WorkTime
    from geoservice.services.cases.values import (
        Actor,
        CaseView,
        MoveView,
    )


def work_time(session: Session, settings: Settings) -> WorkTime:
    """Return the calendar and the shifts that clocks count by."""
    raise NotImplementedError


def shifts(session: Session) -> tuple[tuple[int, int], ...]:
    """Return the working hours of a day, as minutes of the local day."""
    raise NotImplementedError


def put_shifts(
    session: Session, settings: Settings, wanted: tuple[tuple[int, int], ...], *, by: Actor, now: datetime
) -> list[MoveView]:
    """Replace the working hours of a day, and return the deadlines that this moved."""
    raise NotImplementedError


def recount_deadlines(
    session: Session,
    settings: Settings,
    *,
    by: Actor,
    now: datetime,
    cause: str = "calendar",
    on: date | None = None,
) -> list[MoveView]:
    """Count every running deadline again, or those that day `on` can move; return what moved, each kept as a DeadlineMove."""
    raise NotImplementedError


def resume_due(session: Session, settings: Settings, *, now: datetime) -> list[CaseView]:
    """Let the clocks of suspended cases run again whose day has come."""
    raise NotImplementedError

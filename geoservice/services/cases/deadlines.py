"""Deadlines that move: the calendar or the shifts have changed, or a suspension is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.domain.cases import Action, Stage
from geoservice.domain.windows import day_start, local_day
from geoservice.errors import BadRequest
from geoservice.services.cases.acting import act
from geoservice.services.cases.hours import work_time
from geoservice.services.cases.ticking import move
from geoservice.services.cases.values import Actor
from geoservice.store import audit, case_rows
from geoservice.store import case_writes as store

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.case_rows import CaseView, MoveView

MINUTES_A_DAY = 1440


def recount_deadlines(
    session: Session,
    settings: Settings,
    *,
    by: Actor,
    now: datetime,
    cause: str = "calendar",
    on: date | None = None,
) -> list[MoveView]:
    """Count every running deadline again, or those that day `on` can move; return what moved, each kept as a DeadlineMove.

    `session` must see the whole city, as its calendar is one, and be the one that changes the calendar: whoever acts meanwhile
    waits, and counts by the new one. What stands still is counted when it goes on.
    """
    store.keep_hours(session, to_change=True)
    hours = work_time(session, settings)
    span = (None, None) if on is None else _touching(on, settings)
    moved = []
    for clock, case in store.recountable(session, *span):
        moves = move(clock, hours, cause=cause, at=now, by=by.account_id)
        if moves is None:
            continue
        moved.append(moves)
        case.due_at = clock.due_at
        if clock.stage == Stage.HANDLE:
            case.handle_due_at = clock.due_at
    return case_rows.moves(session, ids=store.add_moves(session, moved))


def put_shifts(
    session: Session, settings: Settings, wanted: tuple[tuple[int, int], ...], *, by: Actor, now: datetime
) -> list[MoveView]:
    """Replace the working hours of a day, and return the deadlines that this moved."""
    in_order = tuple(sorted(wanted))
    ends = 0
    for first, last in in_order:
        if not ends <= first < last <= MINUTES_A_DAY:
            raise BadRequest("shifts_wrong")
        ends = last
    if not in_order:
        raise BadRequest("shifts_wrong")
    store.keep_hours(session, to_change=True)
    store.put_shifts(session, in_order)
    moved = recount_deadlines(session, settings, by=by, now=now, cause="shifts")
    detail = {"shifts": [list(shift) for shift in in_order], "moved": len(moved)}
    audit.record(session, by.account_id, "work_shift.set", "work_shift", "", detail)
    return moved


def resume_due(session: Session, settings: Settings, *, now: datetime) -> list[CaseView]:
    """Let the clocks of suspended cases run again whose day has come."""
    today = local_day(now, settings.zone_info)
    return [
        act(session, settings, case_id, Action.RESUME, {}, by=Actor.system(), now=now)
        for case_id in store.suspended_until(session, today.isoformat())
    ]


def _touching(on: date, settings: Settings) -> tuple[datetime, datetime]:
    """Return the span such that only runs that share an instant with it can be moved by that day."""
    return day_start(on, settings.zone_info), day_start(on + timedelta(days=1), settings.zone_info)

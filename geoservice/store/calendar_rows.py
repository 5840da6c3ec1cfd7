"""The days that differ here from the country's calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from geoservice.store.calendars import CalendarDay

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session


def all_days(session: Session) -> list[CalendarDay]:
    """Return every day that differs here, the first first."""
    return list(session.scalars(select(CalendarDay).order_by(CalendarDay.on_day)))


def put_days(
    session: Session, days: Iterable[tuple[date, bool, str]], *, by: int | None, now: datetime
) -> None:
    """Set days (day, whether it is worked on, name) in place of what was decided of them before."""
    rows = [
        {"on_day": day, "working": working, "name": name, "set_by": by, "set_at": now}
        for day, working, name in days
    ]
    if not rows:
        return
    statement = insert(CalendarDay)
    taken = {name: statement.excluded[name] for name in ("working", "name", "set_by", "set_at")}
    session.execute(statement.on_conflict_do_update(index_elements=[CalendarDay.on_day], set_=taken), rows)


def remove_day(session: Session, day: date) -> bool:
    """Let the country decide of a day again; False when nothing was decided here."""
    gone = delete(CalendarDay).where(CalendarDay.on_day == day).returning(CalendarDay.on_day)
    return session.scalar(gone) is not None

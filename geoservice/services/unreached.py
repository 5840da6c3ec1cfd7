"""What would reach nobody: the desk has it on its list, so that nothing runs out unseen.

A case or an order for a department in which nobody logs in, for a leader without an account, points to inspect without an
inspector.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from geoservice.domain.windows import day_start
from geoservice.services.day_lists import Task
from geoservice.store import deputy_rows
from geoservice.store import unreached_rows as store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings


def unreached(session: Session, settings: Settings, on: date, states: list[str]) -> Iterator[Task]:
    """Yield what nobody would find on his list of a day: cases in some states, orders, inspections."""
    leaders = _reached_leaders(session, on)
    rows: list[Any] = list(store.cases(session, states, leaders))
    for row in rows:
        yield Task("case_nobody", row.title, row.place, row.due_at, {"case": row.id}, row.number)
    rows = list(store.orders(session, leaders))
    for row in rows:
        ids = {"order": row.id, "kind": row.kind}
        yield Task("order_nobody", row.title, "", row.reply_due_at, ids, row.number)
    rows = list(store.inspections(session, on))
    for row in rows:
        due_at = day_start(min(row.on_day, row.to_on) + timedelta(days=1), settings.zone_info)
        yield Task("inspection_nobody", row.inspection, row.name, due_at, {"inspection": row.inspection_id})


def _reached_leaders(session: Session, on: date) -> list[int]:
    """Return the leaders who log in, or for whom somebody who does stands in on a day."""
    found = store.leaders_who_log_in(session)
    return sorted(found.union(*(deputy_rows.absent_leaders(session, one, on) for one in found)))

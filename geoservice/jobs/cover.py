"""Coverage of the days that wait for it, day by day, each in transactions of its own."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from geoservice.services import covering, following
from geoservice.services.covering import Covered
from geoservice.store import device_days, run_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.jobs.work import Work


def cover(work: Work) -> dict[str, Any]:
    """Cover what waits between the days `from` and `to` of the arguments; all that waits where they are absent."""
    return cover_window(
        work.transaction,
        work.settings,
        _day(work.args.get("from")),
        _day(work.args.get("to")),
        progress=work.progress,
        job_id=work.job_id,
    )


def cover_window(
    transaction: Callable[[], AbstractContextManager[Session]],
    settings: Settings,
    from_on: date | None,
    to_on: date | None,
    *,
    progress: Callable[[int, str], None],
    job_id: int | None = None,
) -> dict[str, Any]:
    """Cover the waiting days of a window (either end open); return the run's id and counts.

    Killed half-way, what is committed stays and the rest still waits: running it again finishes it.
    """
    progress(0, "preparing")
    with transaction() as session:
        following.prepare(session, settings)
        days = device_days.waiting_days(session, from_on, to_on)
        run_id = run_rows.start_run(
            session, from_on or (days or [_today()])[0], to_on or (days or [_today()])[-1], _now(), job_id
        )
    total = Covered()
    for done, day in enumerate(days):
        progress(100 * done // len(days), "covering")
        while covered := _cover_some(transaction, settings, day):
            total.add(covered)
            progress(100 * done // len(days), "covering")
    counts = asdict(total)
    refused = counts.pop("refused")
    with transaction() as session:
        run_rows.finish_run(session, run_id, counts, refused, _now())
    progress(100, "done")
    return {"run": run_id, "days": len(days), **counts, "refused": refused}


def _cover_some(
    transaction: Callable[[], AbstractContextManager[Session]], settings: Settings, day: date
) -> Covered | None:
    with transaction() as session:
        return covering.cover_some(session, settings, day)


def _day(raw: object) -> date | None:
    return date.fromisoformat(raw) if isinstance(raw, str) else None


def _now() -> datetime:
    return datetime.now(UTC)


def _today() -> date:
    return _now().date()

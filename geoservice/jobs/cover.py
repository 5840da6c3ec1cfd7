"""Coverage of the days that wait for it, day by day, each in transactions of its own."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from geoservice.jobs import crew
from geoservice.services import following
from geoservice.services.covering import Covered
from geoservice.store import device_days, run_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.jobs.work import Work


@dataclass(frozen=True)
class Manner:
    """How days are walked: for which job, by how many processes (None: as many as are worth it), from which end."""

    job_id: int | None = None
    workers: int | None = 1
    newest_first: bool = False


ALONE = Manner()
# Starting a process takes as long as computing so many device days.
_WORTH_A_PROCESS = 120
_MOST_WORKERS = 4


def cover(work: Work) -> dict[str, Any]:
    """Cover what waits between the days `from` and `to` of the arguments; all that waits where they are absent.

    A second job, with `newest_first`, comes from the other end.
    """
    return cover_window(
        work.transaction,
        work.settings,
        _day(work.args.get("from")),
        _day(work.args.get("to")),
        progress=work.progress,
        manner=Manner(work.job_id, newest_first=bool(work.args.get("newest_first"))),
    )


def cover_window(
    transaction: Callable[[], AbstractContextManager[Session]],
    settings: Settings,
    from_on: date | None,
    to_on: date | None,
    *,
    progress: Callable[[int, str], None],
    manner: Manner = ALONE,
) -> dict[str, Any]:
    """Cover the waiting days of a window (either end open); return the run's id and counts.

    Killed half-way, what is committed stays and the rest still waits: running it again finishes it.
    """
    progress(0, "preparing")
    with transaction() as session:
        following.prepare(session, settings)
        days = device_days.waiting_days(session, from_on, to_on)
        waiting = device_days.count_waiting(session, from_on, to_on)
        first, last = from_on or (days or [_today()])[0], to_on or (days or [_today()])[-1]
        run_id = run_rows.start_run(session, first, last, _now(), manner.job_id)
    total = Covered()
    for done, covered in _walk(transaction, settings, days, _with_workers(manner, waiting)):
        total.add(covered)
        progress(100 * done // len(days), "covering")
    counts = asdict(total)
    refused = counts.pop("refused")
    with transaction() as session:
        run_rows.finish_run(session, run_id, counts, refused, _now())
    progress(100, "done")
    return {"run": run_id, "days": len(days), **counts, "refused": refused}


def _with_workers(manner: Manner, waiting: int) -> Manner:
    """Return the manner with as many processes as so many waiting device days are worth, where it leaves that open."""
    if manner.workers is not None:
        return manner
    worth = min(os.cpu_count() or 1, _MOST_WORKERS, waiting // _WORTH_A_PROCESS)
    return replace(manner, workers=max(worth, 1))


def _walk(
    transaction: Callable[[], AbstractContextManager[Session]],
    settings: Settings,
    days: list[date],
    manner: Manner,
) -> Iterator[tuple[int, Covered]]:
    if manner.workers and manner.workers > 1:
        return crew.walk_together(settings, days, manner.workers)
    return crew.walk(transaction, settings, days[::-1] if manner.newest_first else days)


def _day(raw: object) -> date | None:
    return date.fromisoformat(raw) if isinstance(raw, str) else None


def _now() -> datetime:
    return datetime.now(UTC)


def _today() -> date:
    return _now().date()

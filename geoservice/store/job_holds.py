"""Jobs in the hands of workers: taken for a while, held on to, ended; free again when a worker falls silent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, null, or_, select, update
from sqlalchemy.exc import OperationalError

from geoservice.store.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

# What may pass by itself: the server went away, a deadlock, a full disk. Worth another attempt, unlike any other error.
PASSING_ERRORS = (OperationalError,)


class Hold(Enum):
    """What a worker hears when it speaks about its job."""

    KEPT = "kept"  # go on
    STOP = "stop"  # somebody asked for it to be cancelled
    LOST = "lost"  # ended, or taken by another worker


@dataclass(frozen=True)
class Taken:
    """A job in the hands of one worker; every later word of that worker carries the fence."""

    id: int
    kind: str
    args: dict[str, Any]
    fence: int
    attempts: int


def take(session: Session, job_id: int, *, now: datetime, lease_s: float) -> Taken | None:
    """Take the job for `lease_s` seconds; None when it is over, unknown, or held by a live lease.

    A job whose worker fell silent may be taken again: its new fence shuts the old worker out.
    """
    row = session.execute(
        update(Job)
        .where(Job.id == job_id, ~Job.cancel_asked, _is_free(now))
        .values(
            state="running",
            fence=Job.fence + 1,
            attempts=Job.attempts + 1,
            lease_until=now + timedelta(seconds=lease_s),
            started_at=func.coalesce(Job.started_at, now),
            progress=0,
            stage="",
        )
        .returning(Job.id, Job.kind, Job.args, Job.fence, Job.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if row is None else Taken(*row)


def renew(session: Session, job_id: int, fence: int, *, now: datetime, lease_s: float) -> Hold:
    """Hold the job `lease_s` seconds longer."""
    return _hold(session, job_id, fence, lease_until=now + timedelta(seconds=lease_s))


def report(  # noqa: PLR0913 - one statement a progress step
    session: Session, job_id: int, fence: int, percent: int, stage: str, *, now: datetime, lease_s: float
) -> Hold:
    """Note how far the job is, and hold it longer."""
    return _hold(
        session, job_id, fence, progress=percent, stage=stage, lease_until=now + timedelta(seconds=lease_s)
    )


def finish(
    session: Session, job_id: int, fence: int, result: Mapping[str, Any] | None, *, now: datetime
) -> bool:
    """Mark the job done; False when it is ours no more, and then nothing of this transaction may be committed."""
    kept = null() if result is None else _plain(dict(result))
    return _end(session, job_id, fence, state="done", progress=100, result=kept, finished_at=now)


def fail(
    session: Session, job_id: int, fence: int, code: str, values: Mapping[str, Any], *, now: datetime
) -> bool:
    """Mark the job failed, for a reason that another attempt would not cure."""
    error = {"code": code, "values": _plain(dict(values))}
    return _end(session, job_id, fence, state="failed", error=error, finished_at=now)


def stop(session: Session, job_id: int, fence: int, *, now: datetime) -> bool:
    """Mark the running job cancelled, as was asked."""
    return _end(session, job_id, fence, state="cancelled", finished_at=now)


def give_back(session: Session, job_id: int, fence: int, *, now: datetime) -> bool:
    """Let go of the job at once, so that `lost` finds it: what stopped it may have passed by then."""
    return _hold(session, job_id, fence, lease_until=now) is not Hold.LOST


def lost(session: Session, now: datetime, *, limit: int = 1000) -> Sequence[int]:
    """Ids of jobs that wait for a worker: queued, or running with a lease that ran out. Oldest first."""
    return session.scalars(
        select(Job.id).where(~Job.cancel_asked, _is_free(now)).order_by(Job.id).limit(limit)
    ).all()


def end_lost(session: Session, now: datetime, *, max_attempts: int) -> Sequence[int]:
    """End the jobs whose worker fell silent too often (failed) or while asked to stop (cancelled); return ids."""
    silent = and_(Job.state == "running", Job.lease_until <= now)
    ripe = (
        select(Job.id)
        .where(silent, or_(Job.cancel_asked, Job.attempts >= max_attempts))
        .with_for_update(skip_locked=True)
    )
    lost_error = func.jsonb_build_object(
        "code", "job_lost", "values", func.jsonb_build_object("attempts", Job.attempts)
    )
    return session.scalars(
        update(Job)
        .where(Job.id.in_(ripe))
        .values(
            state=case((Job.cancel_asked, "cancelled"), else_="failed"),
            error=case((Job.cancel_asked, null()), else_=lost_error),
            fence=Job.fence + 1,
            finished_at=now,
        )
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).all()


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(Job.state == "queued", and_(Job.state == "running", Job.lease_until <= now))


def _hold(session: Session, job_id: int, fence: int, **values: Any) -> Hold:
    stop_asked = session.scalar(_ours(job_id, fence, values).returning(Job.cancel_asked))
    if stop_asked is None:
        return Hold.LOST
    return Hold.STOP if stop_asked else Hold.KEPT


def _end(session: Session, job_id: int, fence: int, **values: Any) -> bool:
    return session.scalar(_ours(job_id, fence, {**values, "lease_until": None}).returning(Job.id)) is not None


def _ours(job_id: int, fence: int, values: dict[str, Any]) -> Any:
    return (
        update(Job)
        .where(Job.id == job_id, Job.fence == fence, Job.state == "running")
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _plain(value: Any) -> Any:
    """Return `value` as JSONB can hold it: no NUL, no lone surrogate, no NaN, anything else as its text."""
    if isinstance(value, dict):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return str(value).replace("\0", "\ufffd").encode("utf-8", "replace").decode()

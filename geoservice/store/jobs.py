"""Jobs: this table is the truth about background work; Redis only wakes a worker."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    and_,
    case,
    func,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.errors import NotFound
from geoservice.store import audit
from geoservice.store.base import Base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


class Job(Base):
    """One piece of background work, its progress and its end.

    `fence` rises each time a worker takes the job; only the worker that holds the newest fence may finish it.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state_known"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress_percent"),
        Index(
            "uq_job_open_dedupe_key",
            "dedupe_key",
            unique=True,
            postgresql_where=text("state = 'queued' AND dedupe_key IS NOT NULL"),
        ),
        Index("ix_job_open", "state", "id", postgresql_where=text("state IN ('queued', 'running')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    dedupe_key: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=text("'queued'"))
    progress: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    stage: Mapped[str] = mapped_column(server_default=text("''"))  # a code, translated on display
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    fence: Mapped[int] = mapped_column(server_default=text("0"))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancel_asked: Mapped[bool] = mapped_column(server_default=text("false"))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # {"code", "values"}
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


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


@dataclass(frozen=True)
class JobStatus:
    """What people are shown of a job; `stage` and `error["code"]` are codes."""

    id: int
    kind: str
    args: dict[str, Any]
    state: str
    progress: int
    stage: str
    attempts: int
    cancel_asked: bool
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    requested_by: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def ask(
    session: Session,
    kind: str,
    args: Mapping[str, Any],
    *,
    dedupe_key: str | None = None,
    by: int | None = None,
) -> int:
    """Ask for a job and return its id; a queued job with the same `dedupe_key` serves instead of a second one.

    The queued job found is locked until the asker commits, so no worker starts it before what the asker wrote is
    there to be seen. Wake a worker (`jobs.queue.wake`) after the commit.
    """
    new = (
        insert(Job)
        .values(kind=kind, args=dict(args), dedupe_key=dedupe_key, requested_by=by)
        .on_conflict_do_nothing(
            index_elements=[Job.dedupe_key], index_where=text("state = 'queued' AND dedupe_key IS NOT NULL")
        )
        .returning(Job.id)
    )
    waiting = (
        select(Job.id).where(Job.dedupe_key == dedupe_key, Job.state == "queued").with_for_update(read=True)
    )
    while True:  # a second round only when the waiting job was taken between the two statements
        job_id = session.scalar(new) or session.scalar(waiting)
        if job_id is not None:
            return job_id


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


def cancel(session: Session, job_id: int, *, now: datetime, by: int | None = None) -> str:
    """Cancel a queued job at once, ask a running one to stop; return its state. `by` goes to the audit trail."""
    state = session.scalar(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(("queued", "running")))
        .values(
            cancel_asked=True,
            state=case((Job.state == "queued", "cancelled"), else_=Job.state),
            finished_at=case((Job.state == "queued", now)),
        )
        .returning(Job.state)
        .execution_options(synchronize_session=False)
    )
    if state is None:  # over already, or unknown
        return read(session, job_id).state
    audit.record(session, by, "job.cancel", "job", str(job_id))
    return state


def read(session: Session, job_id: int) -> JobStatus:
    """Return what is to be shown of one job; raises NotFound."""
    row = session.execute(_STATUS.where(Job.id == job_id)).one_or_none()
    if row is None:
        raise NotFound("job_not_found", id=job_id)
    return JobStatus(*row)


def recent(session: Session, limit: int = 50, *, kind: str | None = None) -> list[JobStatus]:
    """Return the newest jobs first."""
    query = _STATUS.order_by(Job.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(Job.kind == kind)
    return [JobStatus(*row) for row in session.execute(query)]


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


def is_open(session: Session, dedupe_key: str) -> bool:
    """Whether a job with this key is queued or running."""
    query = select(Job.id).where(Job.dedupe_key == dedupe_key, Job.state.in_(("queued", "running"))).limit(1)
    return session.scalar(query) is not None


def only_here(session: Session, name: str) -> bool:
    """Claim `name` until this transaction ends; False when another transaction has it."""
    claimed = select(
        func.pg_try_advisory_xact_lock(func.hashtext("geoservice.periodic"), func.hashtext(name))
    )
    return bool(session.scalar(claimed))


_STATUS = select(
    Job.id,
    Job.kind,
    Job.args,
    Job.state,
    Job.progress,
    Job.stage,
    Job.attempts,
    Job.cancel_asked,
    Job.result,
    Job.error,
    Job.requested_by,
    Job.created_at,
    Job.started_at,
    Job.finished_at,
)


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

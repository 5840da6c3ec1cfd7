"""Jobs: this table is the truth about background work; Redis only wakes a worker. What workers do with them: `job_holds`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    case,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.errors import NotFound
from geoservice.store import audit
from geoservice.store.base import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

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

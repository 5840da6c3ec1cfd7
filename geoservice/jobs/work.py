"""What a running job holds in its hands: settings, arguments, transactions, and a lease that must be kept."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from geoservice.store import job_holds
from geoservice.store.base import make_engine, transaction
from geoservice.store.job_holds import Hold
from geoservice.store.scope import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.job_holds import Taken
    from geoservice.store.scope import Scope

log = logging.getLogger(__name__)


class JobCancelled(Exception):
    """Somebody asked for this job to stop."""


class Superseded(Exception):
    """Another worker has taken this job over, or it was ended elsewhere: nothing may be committed any more."""


class Work:
    """One attempt at one job. Everything it does may happen again in another attempt, so it must be repeatable.

    `result` may be set inside `last_transaction`; otherwise what the kind returns is the result.
    """

    def __init__(self, settings: Settings, taken: Taken, lease_s: float) -> None:
        self.settings = settings
        self.args: dict[str, Any] = taken.args
        self.job_id = taken.id
        self.kind = taken.kind
        self.attempt = taken.attempts
        self.result: dict[str, Any] | None = None
        self.is_done = False
        self._fence = taken.fence
        self._lease_s = lease_s
        self._engine = make_engine(settings.database_url)
        self._hold = Hold.KEPT
        self._said: tuple[int, str] | None = None

    @contextmanager
    def transaction(self, scope: Scope = EVERYTHING) -> Iterator[Session]:
        """Open a transaction that sees `scope`, for reading and for writes that may be repeated."""
        self._check()
        with transaction(self._engine, scope) as session:
            yield session

    def progress(self, percent: int, stage: str = "") -> None:
        """Say how far the job is; raises JobCancelled or Superseded when it should not go on.

        `stage` is a code, translated on display. The same words again cost nothing.
        """
        self._check()
        said = (min(100, max(0, percent)), stage)
        if said == self._said:
            return
        with transaction(self._engine) as session:
            self._hold = job_holds.report(
                session, self.job_id, self._fence, *said, now=_now(), lease_s=self._lease_s
            )
        self._said = said
        self._check()

    @contextmanager
    def last_transaction(self) -> Iterator[Session]:
        """Open the transaction whose commit also marks the job done, both or neither; raises Superseded.

        The fence is checked at the end, under a lock on the job's row: whoever takes the job over later finds it
        done, and whoever took it earlier makes this transaction roll back.
        """
        self._check()
        with transaction(self._engine) as session:
            yield session
            if not job_holds.finish(session, self.job_id, self._fence, self.result, now=_now()):
                raise Superseded
        self.is_done = True

    @contextmanager
    def parting_transaction(self) -> Iterator[Session]:
        """Open the transaction whose commit also marks the job cancelled: for what is worth keeping of a stopped job."""
        with transaction(self._engine) as session:
            yield session
            if not job_holds.stop(session, self.job_id, self._fence, now=_now()):
                raise Superseded
        self.is_done = True

    def renew(self) -> Hold:
        """Hold the job for another lease."""
        with transaction(self._engine) as session:
            self._hold = job_holds.renew(session, self.job_id, self._fence, now=_now(), lease_s=self._lease_s)
        return self._hold

    def fail(self, code: str, values: dict[str, Any]) -> None:
        """Mark the job failed."""
        with transaction(self._engine) as session:
            job_holds.fail(session, self.job_id, self._fence, code, values, now=_now())

    def stop(self) -> None:
        """Mark the job cancelled."""
        with transaction(self._engine) as session:
            job_holds.stop(session, self.job_id, self._fence, now=_now())

    def give_back(self) -> None:
        """Leave the job to the next attempt."""
        with transaction(self._engine) as session:
            job_holds.give_back(session, self.job_id, self._fence, now=_now())

    @contextmanager
    def heartbeat(self) -> Iterator[None]:
        """Renew the lease three times a lease from a thread of its own, while the job computes or waits.

        Native code that keeps the interpreter locked for longer than a lease stops this thread too; the job is then
        superseded, which costs time and no harm.
        """
        over = Event()
        thread = Thread(target=self._beat, args=(over,), name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=self._lease_s)

    def _beat(self, over: Event) -> None:
        while not over.wait(self._lease_s / 3):
            try:
                if self.renew() is Hold.LOST:
                    return
            except Exception as error:  # the database is away: the next beat may reach it
                log.warning("heartbeat failed: %s", error)

    def _check(self) -> None:
        if self._hold is Hold.STOP:
            raise JobCancelled
        if self._hold is Hold.LOST:
            raise Superseded


def _now() -> datetime:
    return datetime.now(UTC)

"""Kinds of job made for tests: each leaves a row in `effect`, so that one too many shows."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from geoservice.jobs.work import Work

SAMPLE_KINDS = {
    name: f"tests.jobs.sample_kinds:{name}"
    for name in ("note", "steps", "gated", "silent", "broken", "refusing", "suicidal", "stubborn")
}

EFFECT = text("INSERT INTO effect (job_id, attempt) VALUES (:job_id, :attempt)")


def _leave_effect(session: Any, work: Work) -> None:
    session.execute(EFFECT, {"job_id": work.job_id, "attempt": work.attempt})


def note(work: Work) -> None:
    """The shortest job: one effect, in the same commit as its end."""
    with work.last_transaction() as session:
        _leave_effect(session, work)
        work.result = {"attempt": work.attempt}


def steps(work: Work) -> None:
    """A job that works for `seconds` in small steps, saying so."""
    count = int(work.args["seconds"] / 0.02)
    for step in range(count):
        work.progress(100 * step // count, "stepping")
        time.sleep(0.02)
    note(work)


def gated(work: Work) -> None:
    """A job that is at 40 percent until somebody opens the gate."""
    work.progress(40, "waiting_at_gate")
    while True:
        with work.transaction() as session:
            if session.scalar(text("SELECT count(*) FROM gate WHERE job_id = :id"), {"id": work.job_id}):
                break
        work.progress(41, "waiting_at_gate")
        time.sleep(0.02)
    note(work)


def silent(work: Work) -> dict[str, Any]:
    """A job that says nothing for longer than its lease; only the heartbeat keeps it."""
    time.sleep(work.args["seconds"])
    with work.transaction() as session:
        _leave_effect(session, work)
    return {"said": "nothing"}


def stubborn(work: Work) -> None:
    """A job that computes on, whatever happens meanwhile, and learns of it at its last transaction."""
    with work.last_transaction() as session:
        _leave_effect(session, work)
        while not session.scalar(text("SELECT count(*) FROM gate WHERE job_id = :id"), {"id": work.job_id}):
            time.sleep(0.02)


def broken(_work: Work) -> None:
    """A job with a bug."""
    raise ValueError("a bug")


def refusing(work: Work) -> None:
    """A job that finds its question senseless."""
    with work.last_transaction() as session:
        _leave_effect(session, work)
        raise BadRequest("window_reversed", name="a\0b", area=float("nan"), days=[1, 2])


def suicidal(work: Work) -> None:
    """A job that kills its work-horse until it has been tried often enough."""
    if work.attempt < work.args["survives_at"]:
        os.kill(os.getpid(), signal.SIGKILL)
    note(work)

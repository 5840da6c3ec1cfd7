"""How one attempt at a job ends, seen from inside the worker's process."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from geoservice.jobs import kinds, run
from geoservice.jobs.run import execute
from geoservice.jobs.work import JobCancelled, Superseded, Work
from geoservice.store import job_holds
from tests.jobs.conftest import wait_until


@pytest.fixture
def in_thread(bench):
    """Run a job in a thread of this process, as a worker would."""

    def start(job_id: int) -> threading.Thread:
        thread = threading.Thread(target=execute, args=(bench.settings, job_id), daemon=True)
        thread.start()
        return thread

    return start


def work_on(bench, job_id: int, lease_s: float = 30) -> Work:
    with bench.transaction() as session:
        taken = job_holds.take(session, job_id, now=datetime.now(UTC), lease_s=lease_s)
    return Work(bench.settings, taken, lease_s)


def expire(bench, job_id: int) -> None:
    with bench.transaction() as session:
        session.execute(
            text("UPDATE job SET lease_until = now() - interval '1 s' WHERE id = :id"), {"id": job_id}
        )


def test_a_bug_fails_the_job_and_shows_its_traceback_in_the_log_only(bench, caplog):
    job_id = bench.ask("broken", wake_it=False)
    execute(bench.settings, job_id)
    job = bench.read(job_id)
    assert (job.state, job.error) == ("failed", {"code": "internal_error", "values": {"type": "ValueError"}})
    assert "ValueError: a bug" in caplog.text
    with bench.transaction() as session:
        assert job_id not in job_holds.lost(session, datetime.now(UTC))


def test_an_error_with_a_code_fails_the_job_with_it_and_undoes_its_transaction(bench):
    job_id = bench.ask("refusing", wake_it=False)
    execute(bench.settings, job_id)
    job = bench.read(job_id)
    assert job.state == "failed"
    assert job.error == {
        "code": "window_reversed",
        "values": {"name": "a\ufffdb", "area": "nan", "days": [1, 2]},
    }
    assert bench.effects(job_id) == 0


def test_a_kind_nobody_knows_fails_with_its_name(bench):
    job_id = bench.ask("no_such_kind", wake_it=False)
    execute(bench.settings, job_id)
    assert bench.read(job_id).error == {"code": "job_kind_not_found", "values": {"kind": "no_such_kind"}}


def test_a_lost_connection_gives_the_job_back(bench, monkeypatch, caplog):
    """PostgreSQL restarted under a job: the attempt is over, the job is not."""
    caplog.set_level(logging.INFO)

    def cut(work: Work) -> None:
        if work.attempt == 1:
            with work.transaction() as session:
                session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        with work.last_transaction():
            pass

    monkeypatch.setattr(kinds, "find_kind", lambda _kind: cut)
    monkeypatch.setattr(run, "find_kind", lambda _kind: cut)
    job_id = bench.ask("cut", wake_it=False)
    execute(bench.settings, job_id)
    assert "given back for another attempt" in caplog.text
    with bench.transaction() as session:
        assert job_id in job_holds.lost(session, datetime.now(UTC))
    execute(bench.settings, job_id)
    job = bench.read(job_id)
    assert (job.state, job.attempts) == ("done", 2)


def test_a_deadlock_gives_the_job_back(bench, monkeypatch):
    def deadlock(_work: Work) -> None:
        raise OperationalError("UPDATE", {}, Exception("deadlock detected"))

    monkeypatch.setattr(run, "find_kind", lambda _kind: deadlock)
    job_id = bench.ask("deadlock", wake_it=False)
    execute(bench.settings, job_id)
    assert bench.read(job_id).state == "running"
    with bench.transaction() as session:
        assert job_id in job_holds.lost(session, datetime.now(UTC))


def test_cancelling_stops_a_running_job_at_its_next_step(bench, in_thread, monkeypatch):
    monkeypatch.setattr(run, "LEASE_S", 0.6)
    job_id = bench.ask("gated", wake_it=False)
    thread = in_thread(job_id)
    wait_until(lambda: bench.read(job_id).progress >= 40, "40 percent")
    assert bench.cancel(job_id) == "running"
    assert bench.until_state(job_id, "cancelled").finished_at is not None
    thread.join(10)
    assert not thread.is_alive()
    assert bench.effects(job_id) == 0


def test_a_superseded_worker_cannot_commit(bench):
    """The first worker fell silent inside its last transaction; a second finished the job meanwhile."""
    job_id = bench.ask("note", wake_it=False)
    first = work_on(bench, job_id)
    with pytest.raises(Superseded), first.last_transaction() as session:
        session.execute(text("INSERT INTO effect VALUES (:id, 1)"), {"id": job_id})
        expire(bench, job_id)
        execute(bench.settings, job_id)
    job = bench.read(job_id)
    assert (job.state, job.attempts, job.result) == ("done", 2, {"attempt": 2})
    assert bench.effects(job_id) == 1


def test_a_superseded_job_says_so_and_stops(bench, in_thread, caplog):
    caplog.set_level(logging.INFO)
    job_id = bench.ask("stubborn", wake_it=False)
    thread = in_thread(job_id)
    bench.until_state(job_id, "running")
    expire(bench, job_id)
    second = work_on(bench, job_id)
    bench.open_gate(job_id)
    thread.join(10)
    assert "superseded" in caplog.text
    assert bench.effects(job_id) == 0
    assert bench.read(job_id).state == "running"
    with second.last_transaction():
        pass
    assert bench.read(job_id).state == "done"


def test_a_superseded_worker_learns_of_it_at_every_door(bench):
    job_id = bench.ask("note", wake_it=False)
    first = work_on(bench, job_id)
    expire(bench, job_id)
    work_on(bench, job_id)
    with pytest.raises(Superseded):
        first.progress(10, "late")
    with pytest.raises(Superseded), first.transaction():
        pass
    with pytest.raises(Superseded), first.last_transaction():
        pass


def test_a_heartbeat_tells_a_silent_job_that_it_was_cancelled(bench):
    job_id = bench.ask("note", wake_it=False)
    work = work_on(bench, job_id, lease_s=0.3)
    with work.heartbeat():
        bench.cancel(job_id)
        wait_until(lambda: work._hold is job_holds.Hold.STOP, "the heartbeat to hear it")
    with pytest.raises(JobCancelled):
        work.progress(1)


def test_the_same_words_are_said_once(bench):
    job_id = bench.ask("note", wake_it=False)
    work = work_on(bench, job_id)
    work.progress(250, "over")
    assert bench.read(job_id).progress == 100
    with bench.transaction() as session:
        session.execute(text("UPDATE job SET stage = 'untouched' WHERE id = :id"), {"id": job_id})
    work.progress(100, "over")
    assert bench.read(job_id).stage == "untouched"


def test_a_job_over_or_unknown_is_left_alone(bench, caplog):
    caplog.set_level(logging.INFO)
    job_id = bench.ask("note", wake_it=False)
    for _ in range(3):
        execute(bench.settings, job_id)
    assert bench.effects(job_id) == 1
    execute(bench.settings, 2**40)
    assert caplog.text.count("nothing to do") == 3

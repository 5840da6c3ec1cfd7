"""The job table as a state machine: asking, taking, holding, ending, losing."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from geoservice.errors import NotFound
from geoservice.store import job_holds, jobs
from geoservice.store.job_holds import Hold
from tests.jobs.conftest import wait_until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=31)


def take(session, job_id, now=NOON):
    return job_holds.take(session, job_id, now=now, lease_s=30)


def test_a_job_is_asked_for_taken_and_done(session):
    job_id = jobs.ask(session, "cover", {"day": "2026-03-01"})
    assert jobs.read(session, job_id).state == "queued"
    taken = take(session, job_id)
    assert (taken.kind, taken.args, taken.fence, taken.attempts) == ("cover", {"day": "2026-03-01"}, 1, 1)
    assert job_holds.report(session, job_id, 1, 30, "filling", now=NOON, lease_s=30) is Hold.KEPT
    assert job_holds.finish(session, job_id, 1, {"tiles": 3}, now=LATER)
    job = jobs.read(session, job_id)
    assert (job.state, job.progress, job.result, job.started_at, job.finished_at) == (
        "done", 100, {"tiles": 3}, NOON, LATER,
    )  # fmt: skip
    assert take(session, job_id) is None


def test_a_held_job_is_nobody_elses_until_its_lease_runs_out(session):
    job_id = jobs.ask(session, "cover", {})
    take(session, job_id)
    assert take(session, job_id, NOON + timedelta(seconds=29)) is None
    assert job_holds.renew(session, job_id, 1, now=NOON + timedelta(seconds=20), lease_s=30) is Hold.KEPT
    assert take(session, job_id, LATER) is None
    again = take(session, job_id, NOON + timedelta(seconds=51))
    assert (again.fence, again.attempts) == (2, 2)


def test_the_old_fence_opens_nothing(session):
    job_id = jobs.ask(session, "cover", {})
    take(session, job_id)
    take(session, job_id, LATER)
    assert job_holds.renew(session, job_id, 1, now=LATER, lease_s=30) is Hold.LOST
    assert job_holds.report(session, job_id, 1, 99, "late", now=LATER, lease_s=30) is Hold.LOST
    assert not job_holds.finish(session, job_id, 1, {}, now=LATER)
    assert not job_holds.fail(session, job_id, 1, "internal_error", {}, now=LATER)
    assert not job_holds.stop(session, job_id, 1, now=LATER)
    assert not job_holds.give_back(session, job_id, 1, now=LATER)
    job = jobs.read(session, job_id)
    assert (job.state, job.progress) == ("running", 0)


def test_a_queued_twin_serves_and_a_running_one_does_not(session):
    first = jobs.ask(session, "cover", {}, dedupe_key="cover")
    assert jobs.ask(session, "cover", {}, dedupe_key="cover") == first
    assert jobs.ask(session, "cover", {}) != first
    assert jobs.is_open(session, "cover")
    take(session, first)
    second = jobs.ask(session, "cover", {}, dedupe_key="cover")
    assert second != first
    # The first is lost while its twin waits: both can still be run.
    assert set(job_holds.lost(session, LATER)) >= {first, second}
    assert take(session, first, LATER).attempts == 2


def test_no_worker_starts_a_deduped_job_before_its_second_asker_commits(bench):
    """What the second asker wrote must be there when the one job for both begins."""
    job_id = bench.ask("cover", wake_it=False)
    with bench.transaction() as session:
        keyed = jobs.ask(session, "cover", {}, dedupe_key="cover")
    takes: list[object] = []

    def worker() -> None:
        with bench.transaction() as session:
            takes.append(take(session, keyed))

    thread = threading.Thread(target=worker)
    with bench.transaction() as session:
        assert jobs.ask(session, "cover", {}, dedupe_key="cover") == keyed
        thread.start()
        with bench.transaction() as other:
            assert take(other, job_id) is not None  # another job is not held up
        thread.join(0.3)
        assert takes == []
    thread.join(10)
    assert takes[0].id == keyed


def test_many_askers_at_once_get_one_job(bench):
    ids: list[int] = []
    start = threading.Barrier(8)

    def asker() -> None:
        start.wait()
        for _ in range(10):
            with bench.transaction() as session:
                ids.append(jobs.ask(session, "cover", {}, dedupe_key="one"))

    threads = [threading.Thread(target=asker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(ids) == 80
    assert len(set(ids)) == 1


def test_many_takers_at_once_and_one_has_it(bench):
    job_id = bench.ask("cover", wake_it=False)
    start, taken = threading.Barrier(8), []

    def taker() -> None:
        start.wait()
        with bench.transaction() as session:
            taken.append(take(session, job_id))

    threads = [threading.Thread(target=taker) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(taken) == 8, "eight answers")
    assert sum(one is not None for one in taken) == 1


def test_cancelling_a_queued_job_ends_it_and_is_noted(session):
    job_id = jobs.ask(session, "cover", {})
    assert jobs.cancel(session, job_id, now=NOON) == "cancelled"
    assert take(session, job_id) is None
    assert job_id not in job_holds.lost(session, LATER)
    assert jobs.read(session, job_id).finished_at == NOON
    assert jobs.cancel(session, job_id, now=NOON) == "cancelled"


def test_cancelling_a_running_job_asks_it_to_stop(session):
    job_id = jobs.ask(session, "cover", {})
    take(session, job_id)
    assert jobs.cancel(session, job_id, now=NOON) == "running"
    assert job_holds.renew(session, job_id, 1, now=NOON, lease_s=30) is Hold.STOP
    assert job_holds.stop(session, job_id, 1, now=LATER)
    assert jobs.read(session, job_id).state == "cancelled"


def test_a_lost_job_that_was_to_stop_is_cancelled_not_run_again(session):
    job_id = jobs.ask(session, "cover", {})
    take(session, job_id)
    jobs.cancel(session, job_id, now=NOON)
    assert take(session, job_id, LATER) is None
    assert job_id not in job_holds.lost(session, LATER)
    assert job_id in job_holds.end_lost(session, LATER, max_attempts=3)
    job = jobs.read(session, job_id)
    assert (job.state, job.error) == ("cancelled", None)


def test_a_job_lost_too_often_is_given_up(session):
    job_id = jobs.ask(session, "cover", {})
    now = NOON
    for attempt in (1, 2, 3):
        assert job_id not in job_holds.end_lost(session, now, max_attempts=3)
        assert take(session, job_id, now).attempts == attempt
        now += timedelta(seconds=31)
    assert job_id in job_holds.end_lost(session, now, max_attempts=3)
    assert jobs.read(session, job_id).error == {"code": "job_lost", "values": {"attempts": 3}}
    assert not job_holds.finish(session, job_id, 3, {}, now=now)


def test_a_job_given_back_waits_for_the_next_attempt(session):
    job_id = jobs.ask(session, "cover", {})
    take(session, job_id)
    assert job_holds.give_back(session, job_id, 1, now=NOON)
    assert job_id in job_holds.lost(session, NOON)
    assert take(session, job_id, NOON).attempts == 2


def test_errors_hold_what_jsonb_refuses(session):
    job_id = jobs.ask(session, "cover", {})
    take(session, job_id)
    values = {"name": "a\0b\ud800", "area": float("inf"), "day": NOON, "ids": (1, {2})}
    assert job_holds.fail(session, job_id, 1, "bad", values, now=NOON)
    assert jobs.read(session, job_id).error == {
        "code": "bad",
        "values": {"name": "a\ufffdb?", "area": "inf", "day": "2026-03-01 12:00:00+00:00", "ids": [1, [2]]},
    }


def test_recent_shows_the_newest_first(session):
    ids = [jobs.ask(session, kind, {}) for kind in ("cover", "gap_report", "cover")]
    assert [job.id for job in jobs.recent(session, 2)] == [ids[2], ids[1]]
    assert [job.id for job in jobs.recent(session, 2, kind="cover")] == [ids[2], ids[0]]


def test_an_unknown_job_is_not_found(session):
    assert take(session, 2**40) is None
    with pytest.raises(NotFound, match="job_not_found"):
        jobs.read(session, 2**40)
    with pytest.raises(NotFound, match="job_not_found"):
        jobs.cancel(session, 2**40, now=NOON)

"""What happens by the clock."""

from __future__ import annotations

import importlib
import sys
import types
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.jobs import periodic
from geoservice.jobs.periodic import PERIODIC, Periodic
from geoservice.jobs.queue import connect, open_queue, waiting
from geoservice.jobs.scheduler import run_due, run_entry
from geoservice.store import job_holds, jobs
from tests.services.ground_kit import cover, fixes, receive

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)  # noon in Shanghai


def entry(ask, name="test", every_s=30.0):
    return Periodic(name, ask, every_s=every_s)


def test_the_list_says_all_there_is():
    assert [(item.name, item.every_s or item.daily_at) for item in PERIODIC] == [
        ("reconcile", 10), ("cover", 60), ("gap_reports", 120), ("partitions", time(2, 30)),
        ("clear_desk", time(3, 30)), ("wishes", 900), ("photos", 1800), ("recurring_patrols", time(19)),
        ("orders", 60), ("reports", time(4)), ("deadlines", time(0, 5)), ("usual_hours", 900),
    ]  # fmt: skip


@given(
    st.integers(1_577_836_800, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.times(),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_a_daily_entry_is_due_next_at_its_local_time_within_a_day(after, at, zone_name):
    zone = ZoneInfo(zone_name)
    due = Periodic("x", lambda *_: (), daily_at=at).next_due(after, zone)
    assert due.timetz().replace(tzinfo=None) == at
    assert (
        timedelta(0)
        < due.replace(tzinfo=None) - after.astimezone(zone).replace(tzinfo=None)
        <= timedelta(days=1)
    )


def test_an_entry_is_either_periodic_or_daily():
    with pytest.raises(ValueError, match="either"):
        Periodic("x", lambda *_: ())
    with pytest.raises(ValueError, match="either"):
        Periodic("x", lambda *_: (), every_s=1, daily_at=time(2))


def test_entries_run_at_start_and_when_due_and_a_failing_one_again_soon(bench):
    ran: list[str] = []

    def good(*_):
        ran.append("good")
        return ()

    def bad(*_):
        ran.append("bad")
        raise RuntimeError("the database is away")

    entries, due = [entry(good, "good"), entry(bad, "bad")], {}
    assert run_due(bench.settings, entries, due, NOON) == NOON + timedelta(seconds=5)
    assert ran == ["good", "bad"]
    run_due(bench.settings, entries, due, NOON + timedelta(seconds=4))
    assert ran == ["good", "bad"]
    run_due(bench.settings, entries, due, NOON + timedelta(seconds=6))
    assert ran == ["good", "bad", "bad"]
    run_due(bench.settings, entries, due, NOON + timedelta(seconds=500))  # late: once, not a burst
    assert ran == ["good", "bad", "bad", "good", "bad"]


def test_an_entry_that_runs_elsewhere_is_not_run_here_too(bench):
    runs = []
    mine = entry(lambda *_: runs.append(1) or ())
    with bench.transaction() as session:
        assert jobs.only_here(session, "test")
        assert run_entry(bench.settings, mine, NOON)
        assert runs == []
    run_entry(bench.settings, mine, NOON)
    assert runs == [1]


def test_what_an_entry_asks_for_is_woken_after_the_commit(bench):
    asked = []

    def ask(session, _settings, _now):
        asked.append(jobs.ask(session, "note", {}))
        return asked

    run_entry(bench.settings, entry(ask), NOON)
    assert waiting(open_queue(connect(bench.settings.redis_url))) == set(asked)


@pytest.fixture
def stub_module(monkeypatch):
    """Put a stand-in where an entry imports its service."""

    def put(name: str, **contents) -> None:
        module = types.ModuleType(name)
        vars(module).update(contents)
        parent, _, child = name.rpartition(".")
        monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr(importlib.import_module(parent), child, module, raising=False)

    return put


def test_cover_is_asked_for_once_while_tracks_wait(session, settings):
    assert list(periodic.cover(session, settings, NOON)) == []
    receive(session, settings, fixes("a", NOON, [0, 60], [(0, 0), (60, 0)]), now=NOON + timedelta(days=1))
    (job_id,) = periodic.cover(session, settings, NOON)
    assert list(periodic.cover(session, settings, NOON)) == []
    job_holds.take(session, job_id, now=NOON, lease_s=30)
    assert list(periodic.cover(session, settings, NOON)) == []
    job_holds.finish(session, job_id, 1, None, now=NOON)
    assert len(list(periodic.cover(session, settings, NOON))) == 1


def test_where_much_waits_a_second_worker_comes_from_the_other_end(session, settings, monkeypatch):
    monkeypatch.setattr(periodic, "MANY_DEVICE_DAYS", 2)
    for day in range(2):
        batch = fixes("a", NOON + timedelta(days=day), [0, 60], [(0, 0), (60, 0)])
        receive(session, settings, batch, now=NOON + timedelta(days=3))
    first, second = periodic.cover(session, settings, NOON)
    assert [jobs.read(session, job_id).args for job_id in (first, second)] == [{}, {"newest_first": True}]
    assert list(periodic.cover(session, settings, NOON)) == []


def test_changed_settings_ask_for_coverage_although_no_track_waits(session, settings):
    receive(session, settings, fixes("a", NOON, [0, 60], [(0, 0), (60, 0)]), now=NOON + timedelta(days=1))
    cover(session, settings)
    assert list(periodic.cover(session, settings, NOON)) == []
    assert len(list(periodic.cover(session, replace(settings, reach_foot_m=35.0), NOON))) == 1


def test_gap_reports_are_asked_for_the_local_day(session, settings, stub_module):
    asked_for = []

    def due(_session, _settings, today):
        asked_for.append(today)
        return [(today, today), (today - timedelta(days=6), today)]

    stub_module("geoservice.services.gap_reports", due=due)
    late_evening = datetime(2026, 2, 28, 17, tzinfo=UTC)  # 1 March in Shanghai
    ids = list(periodic.gap_reports(session, settings, late_evening))
    assert asked_for == [date(2026, 3, 1)]
    assert [jobs.read(session, job_id).args for job_id in ids] == [
        {"from": "2026-03-01", "to": "2026-03-01"},
        {"from": "2026-02-23", "to": "2026-03-01"},
    ]
    assert list(periodic.gap_reports(session, settings, late_evening)) == []


def test_partitions_are_made_without_asking_for_a_job(session, settings):
    new_year = datetime(2031, 12, 31, 18, tzinfo=UTC)  # 1 January in Shanghai
    assert list(periodic.partitions(session, settings, new_year)) == []
    for name in ("fix_2032_01", "fix_2032_02"):
        assert session.scalar(text("SELECT to_regclass(:name)"), {"name": name})

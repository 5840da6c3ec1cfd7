"""Deadlines on real rows: they start, stand still, grow and move, and none of it without leaving a row."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from geoservice.domain.cases import State
from geoservice.domain.workdays import Override
from geoservice.errors import BadRequest
from geoservice.services import cases, workdays
from geoservice.services.cases import Actor
from tests.services.cases.kit import NOW, lay, new_case, walk

HOUR = timedelta(hours=1)


@pytest.fixture
def town(session):
    return lay(session)


@pytest.fixture
def handled(session, settings, town):
    """A case of four working hours in the hands of a department since Wednesday 10:00."""
    case = cases.report(session, settings, new_case(), by=town.reporter, now=NOW)
    walk(session, settings, town, case.id, "open")
    return walk(session, settings, town, case.id, "accept")


def at(settings, *local: int) -> datetime:
    return datetime(*local, tzinfo=settings.zone_info)


def detail(session, settings, town, case, now=NOW):
    return cases.read(session, settings, case.id, by=town.desk, now=now)


def test_each_stage_has_its_own_deadline(session, settings, town):
    case = cases.report(session, settings, new_case(), by=town.reporter, now=NOW)
    assert case.due_at == at(settings, 2026, 11, 18, 12, 0) and case.handle_due_at is None
    handled = walk(session, settings, town, case.id, "open", "accept")
    assert handled.due_at == handled.handle_due_at == at(settings, 2026, 11, 18, 16, 0)
    replied = walk(session, settings, town, case.id, "reply", now=NOW + HOUR)
    assert replied.due_at == at(settings, 2026, 11, 18, 17, 0)
    assert replied.handle_due_at == handled.handle_due_at


def test_more_time_is_granted_on_request_only(session, settings, town, handled):
    asked = walk(session, settings, town, handled.id, "ask_postpone")
    assert asked.due_at == handled.due_at
    granted = walk(session, settings, town, handled.id, "grant_postpone", now=NOW + HOUR)
    assert granted.due_at == granted.handle_due_at == at(settings, 2026, 11, 19, 9, 0)
    assert granted.postponed == 1
    found = detail(session, settings, town, handled)
    (move,) = found.moves
    assert (move.cause, move.old_due_at, move.new_due_at) == ("postponed", handled.due_at, granted.due_at)
    (request,) = found.requests
    assert (request.decision, request.decided_by) == ("granted", town.desk.account_id)


def test_the_desk_may_grant_less_than_was_asked_for(session, settings, town, handled):
    walk(session, settings, town, handled.id, "ask_postpone")
    less = cases.act(session, settings, handled.id, "grant_postpone", {"limit": "0.5"}, by=town.desk, now=NOW)
    assert less.due_at == at(settings, 2026, 11, 18, 16, 30)


def test_a_suspended_clock_stands_still_and_goes_on(session, settings, town, handled):
    walk(session, settings, town, handled.id, "ask_suspend", now=NOW + HOUR)
    suspended = walk(session, settings, town, handled.id, "grant_suspend", now=NOW + HOUR)
    assert suspended.state is State.SUSPENDED and suspended.due_at is None
    (clock,) = [
        each
        for each in detail(session, settings, town, handled, NOW + 80 * HOUR).clocks
        if each.stage == "handle"
    ]
    assert clock.elapsed == 1 and clock.share == 0.25
    # From Wednesday 11:00 to Friday 11:00; three of the four hours are left.
    resumed = walk(session, settings, town, handled.id, "resume", now=NOW + 49 * HOUR)
    assert resumed.due_at == at(settings, 2026, 11, 20, 16, 0)
    (move,) = detail(session, settings, town, handled).moves
    assert (move.cause, move.old_due_at, move.new_due_at) == ("resumed", handled.due_at, resumed.due_at)


def test_a_suspension_ends_by_itself_on_its_day(session, settings, town, handled):
    cases.act(
        session, settings, handled.id, "ask_suspend", {"note": "施工", "until": "2026-11-20"}, by=town.handler, now=NOW
    )  # fmt: skip
    walk(session, settings, town, handled.id, "grant_suspend")
    assert cases.resume_due(session, settings, now=NOW + 24 * HOUR) == []
    (resumed,) = cases.resume_due(session, settings, now=NOW + 48 * HOUR)
    assert resumed.state is State.HANDLING and resumed.due_at > handled.due_at
    assert cases.resume_due(session, settings, now=NOW + 48 * HOUR) == []
    assert detail(session, settings, town, handled).steps[-1].by is None


def test_what_waited_to_be_looked_at_counts_for_nobody_when_it_comes_back(session, settings, town, handled):
    walk(session, settings, town, handled.id, "reply", now=NOW + HOUR)
    again = walk(session, settings, town, handled.id, "rework", now=NOW + 25 * HOUR)
    assert again.state is State.HANDLING and again.reworks == 1
    # One hour was gone on Wednesday at 11:00; three are left on Thursday at 11:00.
    assert again.due_at == again.handle_due_at == at(settings, 2026, 11, 19, 16, 0)


def test_an_appeal_takes_a_rework_back(session, settings, town, handled):
    before = walk(session, settings, town, handled.id, "reply", now=NOW + HOUR)
    walk(session, settings, town, handled.id, "rework", now=NOW + 25 * HOUR)
    ask = {"note": "是另一堆"}
    cases.act(session, settings, handled.id, "ask_appeal", ask, by=town.handler, now=NOW + 26 * HOUR)
    view = cases.act(session, settings, handled.id, "grant_appeal", {}, by=town.desk, now=NOW + 27 * HOUR)
    assert view.state is State.VERIFIED and view.reworks == 0 and view.due_at is None
    (clock,) = [
        each
        for each in detail(session, settings, town, handled, NOW + 50 * HOUR).clocks
        if each.stage == "handle"
    ]
    assert clock.ended_at == before.replied_at and clock.elapsed == 1


def test_there_is_nothing_to_appeal_against_before_a_rework(session, settings, town, handled):
    with pytest.raises(BadRequest) as caught:
        cases.act(session, settings, handled.id, "ask_appeal", {"note": "x"}, by=town.handler, now=NOW)
    assert caught.value.code == "case_nothing_to_appeal"


@pytest.mark.parametrize("way", [("verify", "close", "reopen"), ("rework",)])
def test_whoever_was_not_sent_back_himself_has_nothing_to_appeal_against(
    session, settings, town, handled, way
):
    """The rework was before the case was opened again, or somebody else's; there is no reply of his to come back to."""
    walk(session, settings, town, handled.id, "reply", "rework", "reply", *way, now=NOW + HOUR)
    later, others = NOW + 2 * HOUR, {"department_id": town.departments["police"]}
    cases.act(session, settings, handled.id, "assign", others, by=town.desk, now=later)
    mine = {"department_id": town.departments["clean"]}
    cases.act(session, settings, handled.id, "assign", mine, by=town.desk, now=later + HOUR)
    walk(session, settings, town, handled.id, "accept", now=later + HOUR)
    with pytest.raises(BadRequest) as caught:
        cases.act(
            session, settings, handled.id, "ask_appeal", {"note": "x"}, by=town.handler, now=later + HOUR
        )
    assert caught.value.code == "case_nothing_to_appeal"


def test_a_request_nobody_decided_falls_when_the_case_moves_on(session, settings, town, handled):
    walk(session, settings, town, handled.id, "ask_postpone", "reply")
    (request,) = detail(session, settings, town, handled).requests
    assert (request.decision, request.decided_by) == ("refused", None)


def test_a_day_of_rest_moves_the_deadlines_it_touches_and_says_which(session, settings, town):
    early = cases.report(session, settings, new_case(), by=town.reporter, now=NOW)
    late = cases.report(session, settings, new_case(), by=town.reporter, now=NOW + 7 * HOUR)
    assert late.due_at == at(settings, 2026, 11, 19, 10, 0)
    day = date(2026, 11, 19)
    workdays.set_day(session, day, Override(False, "停电"), by=None, now=NOW)
    (move,) = cases.recount_deadlines(session, settings, by=town.desk, now=NOW + 8 * HOUR, on=day)
    assert (move.case_id, move.cause, move.by) == (late.id, "calendar", town.desk.account_id)
    assert (move.old_due_at, move.new_due_at) == (late.due_at, at(settings, 2026, 11, 20, 10, 0))
    assert detail(session, settings, town, late).view.due_at == move.new_due_at
    assert detail(session, settings, town, early).view.due_at == early.due_at
    assert cases.recount_deadlines(session, settings, by=town.desk, now=NOW + 8 * HOUR) == []
    workdays.unset_day(session, day, by=None)
    (back,) = cases.recount_deadlines(session, settings, by=Actor.system(), now=NOW + 9 * HOUR)
    assert back.new_due_at == late.due_at


def test_what_stands_still_is_not_moved_by_the_calendar_until_it_goes_on(session, settings, town, handled):
    walk(session, settings, town, handled.id, "ask_suspend", "grant_suspend", now=NOW + HOUR)
    workdays.set_day(session, date(2026, 11, 20), Override(False), by=None, now=NOW)
    assert cases.recount_deadlines(session, settings, by=town.desk, now=NOW + HOUR) == []
    resumed = walk(session, settings, town, handled.id, "resume", now=NOW + 49 * HOUR)
    assert resumed.due_at == at(settings, 2026, 11, 23, 11, 30)


def test_other_shifts_move_deadlines_of_working_hours_only(session, settings, town, handled):
    urgent = cases.report(session, settings, new_case("manhole"), by=town.reporter, now=NOW)
    urgent = cases.act(session, settings, urgent.id, "open", {}, by=town.desk, now=NOW)
    urgent = cases.act(
        session, settings, urgent.id, "assign", {"department_id": town.departments["police"]}, by=town.desk, now=NOW
    )  # fmt: skip
    moved = cases.put_shifts(session, settings, ((540, 720), (780, 1080)), by=town.desk, now=NOW)
    assert [(move.case_id, move.cause) for move in moved] == [(handled.id, "shifts")]
    assert moved[0].new_due_at == at(settings, 2026, 11, 18, 15, 0)
    assert cases.shifts(session) == ((540, 720), (780, 1080))
    assert detail(session, settings, town, urgent).view.due_at == urgent.due_at == NOW + 4 * HOUR


@pytest.mark.parametrize("wanted", [(), ((720, 510),), ((510, 720), (700, 1050)), ((510, 1441),), ((-1, 5),)])
def test_shifts_that_make_no_day_are_refused(session, settings, town, wanted):
    before = cases.shifts(session)
    with pytest.raises(BadRequest, match="shifts_wrong"):
        cases.put_shifts(session, settings, wanted, by=town.desk, now=NOW)
    assert cases.shifts(session) == before


def test_a_deadline_move_is_never_rewritten(session, settings, town, handled):
    walk(session, settings, town, handled.id, "ask_postpone", "grant_postpone")
    with pytest.raises(Exception, match="append-only"), session.begin_nested():
        session.execute(text("DELETE FROM deadline_move"))

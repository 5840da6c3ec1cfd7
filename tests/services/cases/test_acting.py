"""Cases from the report to the end, on real rows: who may, what is needed, what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geoservice.domain.cases import Action, State
from geoservice.errors import BadRequest, Conflict, NotAllowed, NotFound
from geoservice.messages import SENTENCES
from geoservice.services import cases
from geoservice.services.cases import Actor
from geoservice.store.scope import Scope
from tests.services.cases.kit import NOW, add_photo, lay, new_case, walk

HOUR = timedelta(hours=1)
UUID_1, UUID_2 = UUID(int=1), UUID(int=2)


@pytest.fixture
def town(session):
    return lay(session)


@pytest.fixture
def case(session, settings, town):
    return cases.report(session, settings, new_case(), by=town.reporter, now=NOW)


def refused(session, call, error, code):
    """What is refused says so by its code, has a sentence, and leaves everything as it was."""
    before = session.execute(
        text("SELECT (SELECT count(*) FROM case_step), sum(row_version) FROM patrol_case")
    ).one()
    with pytest.raises(error) as caught:
        call()
    assert caught.value.code == code and code in SENTENCES
    after = session.execute(
        text("SELECT (SELECT count(*) FROM case_step), sum(row_version) FROM patrol_case")
    ).one()
    assert before == after
    return caught.value


def test_the_whole_way(session, settings, town, case):
    assert case.number == "20261118-0001" and case.state is State.REPORTED and case.zone_id == town.west
    opened = walk(session, settings, town, case.id, "open")
    assert opened.state is State.ASSIGNED
    assert (opened.department_id, opened.leader_id) == (town.departments["clean"], town.leaders["mayor"])
    done = walk(session, settings, town, case.id, "accept", "reply", "verify", "close")
    assert done.state is State.CLOSED and done.closed_at == NOW and done.due_at is None
    detail = cases.read(session, settings, case.id, by=town.desk, now=NOW)
    assert [step.action for step in detail.steps] == [
        Action.REPORT, Action.OPEN, Action.ASSIGN, Action.ACCEPT, Action.REPLY, Action.VERIFY, Action.CLOSE,
    ]  # fmt: skip
    assert [step.number for step in detail.steps] == list(range(1, 8))
    assert [clock.stage for clock in detail.clocks] == ["open", "handle", "verify"]
    assert all(clock.ended_at is not None for clock in detail.clocks)
    assert [each.action for each in detail.possible] == [Action.REOPEN]


def test_steps_are_never_rewritten(session, settings, case):
    for attack in ("UPDATE case_step SET note = 'x'", "DELETE FROM case_step"):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(attack))


def test_a_reply_needs_a_photo_taken_since_it_was_handed_over(session, settings, town, case):
    walk(session, settings, town, case.id, "open", "accept")
    reply = lambda now=NOW: cases.act(  # noqa: E731
        session, settings, case.id, "reply", {"note": "已清理"}, by=town.handler, now=now
    )
    refused(session, reply, BadRequest, "case_photo_needed")
    add_photo(session, case.id, "before")
    add_photo(session, case.id, "after", NOW - HOUR)
    refused(session, reply, BadRequest, "case_photo_needed")
    add_photo(session, case.id, "after")
    assert reply().state is State.REPLIED
    walk(session, settings, town, case.id, "rework", now=NOW + HOUR)
    refused(session, lambda: reply(NOW + 2 * HOUR), BadRequest, "case_photo_needed")


def test_a_kind_without_photos_asks_for_none(session, settings, town):
    cases.set_kind(session, "smoking", {"photo_needed": False}, by=None)
    case = cases.report(session, settings, new_case("smoking"), by=town.reporter, now=NOW)
    walk(session, settings, town, case.id, "open")
    told = {"department_id": town.departments["clean"]}
    cases.act(session, settings, case.id, "assign", told, by=town.desk, now=NOW)
    walk(session, settings, town, case.id, "accept")
    done = cases.act(session, settings, case.id, "reply", {"note": "已劝阻"}, by=town.handler, now=NOW)
    assert done.state is State.REPLIED


@pytest.mark.parametrize(
    ("who", "action", "error", "code"),
    [
        ("desk", "reply", Conflict, "case_is_assigned"),
        ("desk", "accept", NotAllowed, "case_step_of_others"),
        ("reporter", "accept", NotAllowed, "case_step_of_others"),
        ("handler", "assign", NotAllowed, "case_step_of_others"),
        ("stranger", "accept", NotFound, "case_unknown"),
        ("desk", "fly", BadRequest, "case_action_unknown"),
    ],
)
def test_a_step_out_of_order_or_of_somebody_else_is_refused(
    session, settings, town, case, who, action, error, code
):
    walk(session, settings, town, case.id, "open")
    people = {
        **vars(town),
        "stranger": replace(town.handler, account_id=town.desk.account_id, department_id=-1),
    }
    refused(
        session,
        lambda: cases.act(session, settings, case.id, action, {"note": "x"}, by=people[who], now=NOW),
        error,
        code,
    )


@pytest.mark.parametrize(
    ("action", "given", "code"),
    [
        ("reject", {}, "case_note_needed"),
        ("reject", {"note": "  "}, "case_note_needed"),
        ("reject", {"note": "字" * 2001}, "case_note_too_long"),
        ("join", {}, "case_into_id_needed"),
        ("join", {"into_id": 2**31 - 1}, "case_into_unknown"),
        ("join", {"into_id": "no"}, "case_into_id_needed"),
        ("open", {"speed": 3}, "case_given_unknown"),
    ],
)
def test_what_is_missing_is_named(session, settings, town, case, action, given, code):
    call = lambda: cases.act(session, settings, case.id, action, given, by=town.desk, now=NOW)  # noqa: E731
    refused(session, call, BadRequest, code)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "case_to_needed"),
        ({"department_id": 999_999}, "case_department_unknown"),
        ({"leader_id": "'; DROP"}, "case_leader_unknown"),
    ],
)
def test_who_is_to_handle_it_must_be_somebody(session, settings, town, case, given, code):
    walk(session, settings, town, case.id, "open", "send_back")
    call = lambda: cases.act(session, settings, case.id, "assign", given, by=town.desk, now=NOW)  # noqa: E731
    refused(session, call, BadRequest, code)


def test_the_second_of_two_is_told_what_the_first_did(session, settings, town, case):
    seen = case.row_version
    walk(session, settings, town, case.id, "open")
    error = refused(
        session,
        lambda: cases.act(
            session, settings, case.id, "reject", {"note": "x"}, by=town.desk, now=NOW, row_version=seen
        ),
        Conflict,
        "case_changed_open",
    )
    assert error.values["who"] == "用户desk" and error.values["at"] == "2026-11-18 10:00"


def test_every_step_and_state_has_the_sentence_that_tells_of_it():
    assert {f"case_changed_{action}" for action in Action} <= SENTENCES.keys()
    assert {f"case_is_{state}" for state in State} <= SENTENCES.keys()


def test_a_step_sent_again_is_taken_once(session, settings, town, case):
    call = lambda action, uuid: cases.act(  # noqa: E731
        session, settings, case.id, action, {"note": "x"}, by=town.desk, now=NOW, client_uuid=uuid
    )
    first = call("open", UUID_1)
    assert call("open", UUID_1) == first
    refused(session, lambda: call("reject", UUID_1), Conflict, "case_sent_differently")
    steps = cases.read(session, settings, case.id, by=town.desk, now=NOW).steps
    assert [step.action for step in steps].count(Action.OPEN) == 1


def test_a_handler_who_sent_it_back_twice_is_answered_though_it_is_his_no_more(session, settings, town, case):
    walk(session, settings, town, case.id, "open")
    call = lambda: cases.act(  # noqa: E731
        session, settings, case.id, "send_back", {"note": "x"}, by=town.handler, now=NOW, client_uuid=UUID_2
    )
    assert call() == call()
    with pytest.raises(NotFound):
        cases.read(session, settings, case.id, by=town.handler, now=NOW)


def test_nobody_verifies_his_own_reply(session, settings, town):
    own = cases.report(session, settings, new_case(), by=town.leader, now=NOW)
    walk(session, settings, town, own.id, "open")
    for action in ("accept", "reply"):
        add_photo(session, own.id)
        cases.act(session, settings, own.id, action, {"note": "x"}, by=town.leader, now=NOW)
    verify = lambda by: cases.act(session, settings, own.id, "verify", {}, by=by, now=NOW)  # noqa: E731
    refused(session, lambda: verify(town.leader), NotAllowed, "case_verify_own")
    offered = cases.read(session, settings, own.id, by=town.leader, now=NOW).possible
    assert Action.VERIFY not in {each.action for each in offered}
    assert verify(town.desk).state is State.VERIFIED


def test_a_step_done_offline_counts_from_when_it_was_done(session, settings, town, case):
    walk(session, settings, town, case.id, "open", "accept")
    add_photo(session, case.id)
    late, done_at = NOW + 6 * HOUR, NOW + HOUR
    view = cases.act(
        session, settings, case.id, "reply", {"note": "x"}, by=town.handler, now=late, at=done_at
    )
    assert view.replied_at == done_at
    step = cases.read(session, settings, case.id, by=town.desk, now=late).steps[-1]
    assert (step.at, step.received_at) == (done_at, late)


def test_a_phone_whose_clock_is_wrong_makes_no_other_history(session, settings, town, case):
    walk(session, settings, town, case.id, "open", now=NOW + HOUR)
    for told in (NOW - HOUR, NOW + 900 * HOUR, NOW - 900 * HOUR):
        view = cases.act(
            session, settings, case.id, "accept", {}, by=town.handler, now=NOW + 2 * HOUR, at=told
        )
        step = cases.read(session, settings, view.id, by=town.desk, now=NOW).steps[-1]
        assert NOW + HOUR <= step.at <= NOW + 2 * HOUR and step.given["told_at"] == told.isoformat()
        cases.act(
            session, settings, case.id, "assign", {"department_id": town.departments["police"]}, by=town.desk,
            now=NOW + 2 * HOUR,
        )  # fmt: skip
        cases.act(
            session, settings, case.id, "assign", {"department_id": town.departments["clean"]}, by=town.desk,
            now=NOW + 2 * HOUR,
        )  # fmt: skip


def test_joining_leaves_the_other_one_to_work_on(session, settings, town, case):
    other = cases.report(session, settings, new_case(), by=town.reporter, now=NOW + HOUR)
    found = cases.nearby(session, new_case(lon=other.lon + 0.0003), now=NOW + 2 * HOUR)
    assert [each.id for each in found] == [case.id, other.id] or [each.id for each in found] == [
        other.id, case.id,
    ]  # fmt: skip
    joined = cases.act(
        session, settings, other.id, "join", {"into_id": case.id}, by=town.desk, now=NOW + 2 * HOUR
    )
    assert joined.state is State.JOINED and joined.due_at is None
    assert cases.read(session, settings, case.id, by=town.desk, now=NOW).joined == (other.id,)
    assert [each.id for each in cases.nearby(session, new_case(), now=NOW + 2 * HOUR)] == [case.id]
    for into in (other.id, case.id):
        call = lambda into=into: cases.act(  # noqa: E731
            session, settings, case.id, "join", {"into_id": into}, by=town.desk, now=NOW + 2 * HOUR
        )
        refused(session, call, BadRequest, "case_into_unknown")
    apart = cases.act(
        session, settings, other.id, "separate", {"note": "不是"}, by=town.desk, now=NOW + 3 * HOUR
    )
    assert apart.state is State.REPORTED and apart.joined_into_id is None and apart.due_at > NOW + 3 * HOUR


def test_who_rejected_can_be_appealed_against_by_whoever_reported(session, settings, town, case):
    walk(session, settings, town, case.id, "reject")
    call = lambda action, by: cases.act(session, settings, case.id, action, {"note": "真的"}, by=by, now=NOW)  # noqa: E731
    refused(session, lambda: call("grant_appeal", town.desk), Conflict, "case_nothing_asked")
    call("ask_appeal", town.reporter)
    refused(session, lambda: call("ask_appeal", town.reporter), Conflict, "case_asked_already")
    view = call("grant_appeal", town.desk)
    assert view.state is State.OPENED and view.opened_at == NOW and view.due_at is not None


def test_a_deputy_acts_in_the_leaders_place_while_he_is_away(session, settings, town, case):
    walk(session, settings, town, case.id, "open")
    deputy = Actor(town.leader.account_id, town.leader.role, "代理", None, town.leaders["deputy"])
    accept = lambda: cases.act(session, settings, case.id, "accept", {}, by=deputy, now=NOW)  # noqa: E731
    refused(session, accept, NotFound, "case_unknown")
    session.execute(
        text("INSERT INTO deputy (leader_id, deputy_id, valid_from, valid_to) VALUES (:l, :d, :first, :until)"),
        {"l": town.leaders["mayor"], "d": town.leaders["deputy"], "first": date(2026, 11, 18), "until": date(2026, 11, 19)},
    )  # fmt: skip
    assert accept().state is State.HANDLING
    assert cases.own_filters(session, deputy, date(2026, 11, 19)).own == (None, (town.leaders["deputy"],))


def test_whoever_has_a_scope_of_his_own_needs_no_part_in_a_case_to_read_it(session, settings, town, case):
    session.info["scope"] = Scope(zone_ids=frozenset({town.west}), leader_id=town.leaders["market"])
    looking = Actor(None, town.leader.role, "", None, town.leaders["market"])
    detail = cases.read(session, settings, case.id, by=looking, now=NOW)
    assert detail.possible == () and detail.proposal is None

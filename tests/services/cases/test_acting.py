"""Cases from the report to the end, on real rows: who may, what is needed, what is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from geoservice.domain.cases import Action, State
from geoservice.errors import BadRequest, Conflict, NotAllowed, NotFound
from geoservice.services import cases
from geoservice.services.cases import Actor
from tests.services.cases.kit import NOW, add_photo, lay, new_case, walk


@pytest.fixture
def town(session):
    return lay(session)


@pytest.fixture
def case(session, settings, town):
    return cases.report(session, settings, new_case(), by=town.reporter, now=NOW)


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

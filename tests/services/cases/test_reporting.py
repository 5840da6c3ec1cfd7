"""New cases: what is refused, what is the same, what is near, what was there before, and whom it goes to."""

from __future__ import annotations

import math
from datetime import timedelta
from uuid import UUID

import pytest
from pyproj import Geod

from geoservice.domain.cases import State
from geoservice.errors import BadRequest, Conflict
from geoservice.messages import SENTENCES
from geoservice.services import cases
from tests.services.cases.kit import LAT, LON, NOW, lay, new_case, walk

DAY = timedelta(days=1)
EARTH = Geod(ellps="WGS84")


@pytest.fixture
def town(session):
    return lay(session)


def report(session, settings, town, now=NOW, **more):
    return cases.report(session, settings, new_case(**more), by=town.reporter, now=now)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"kind": "ufo"}, "case_kind_unknown"),
        ({"title": "  "}, "case_title_needed"),
        ({"title": "字" * 81}, "case_title_too_long"),
        ({"description": "字" * 2001}, "case_description_too_long"),
        ({"address": "字" * 201}, "case_address_too_long"),
        ({"source": "dream"}, "case_source_unknown"),
        ({"lon": math.nan}, "case_place_wrong"),
        ({"lat": 91.0}, "case_place_wrong"),
        ({"point_id": -1}, "case_point_unknown"),
        ({"street_id": -1}, "case_street_unknown"),
        ({"patrol_id": -1}, "case_patrol_unknown"),
        ({"check_in_id": -1}, "case_check_in_unknown"),
    ],
)
def test_a_report_that_makes_no_sense_is_refused_by_name(session, settings, town, told, code):
    with pytest.raises(BadRequest) as caught:
        report(session, settings, town, **told)
    assert caught.value.code == code and code in SENTENCES


def test_numbers_count_up_by_the_day_of_the_report(session, settings, town):
    numbers = [report(session, settings, town, now=NOW + DAY * (each // 2)).number for each in range(4)]
    assert numbers == ["20261118-0001", "20261118-0002", "20261119-0001", "20261119-0002"]


def test_what_a_phone_sends_again_is_the_same_case(session, settings, town):
    told = {"client_uuid": UUID(int=7), "at": NOW - DAY}
    first = report(session, settings, town, **told)
    assert first.number.startswith("20261117") and first.received_at == NOW
    assert report(session, settings, town, now=NOW + DAY, **told) == first
    with pytest.raises(Conflict) as caught:
        report(session, settings, town, title="别的", **told)
    assert caught.value.code == "case_sent_differently"
    with pytest.raises(Conflict):
        cases.report(session, settings, new_case(**told), by=town.desk, now=NOW)


def test_near_duplicates_are_of_the_same_kind_within_a_day_and_fifty_metres(session, settings, town):
    here = LON + 0.002, LAT + 0.002
    report(session, settings, town, kind="stall")
    report(session, settings, town, now=NOW - 2 * DAY)
    gone = report(session, settings, town)
    walk(session, settings, town, gone.id, "reject")
    placed = {}
    for metres in (0, 30, 49, 51, 80):
        lon, lat, _ = EARTH.fwd(*here, 40.0, metres)
        placed[report(session, settings, town, lon=lon, lat=lat).id] = metres
    found = [placed[each.id] for each in cases.nearby(session, new_case(), now=NOW + DAY / 2)]
    assert found == [0, 30, 49]
    assert cases.nearby(session, new_case(), now=NOW + 2 * DAY) == []


def test_what_was_put_right_there_before_is_counted(session, settings, town):
    first = report(session, settings, town)
    walk(session, settings, town, first.id, "open", "accept", "reply", "verify", "close")
    assert report(session, settings, town, now=NOW + DAY).recurrence == 1
    assert report(session, settings, town, now=NOW + DAY, kind="stall").recurrence == 0
    assert report(session, settings, town, now=NOW + DAY, lon=LON + 0.004).recurrence == 0
    assert report(session, settings, town, now=NOW + 91 * DAY).recurrence == 0
    assert first.recurrence == 0


def test_at_a_point_it_is_the_point_that_counts(session, settings, town):
    first = report(session, settings, town, point_id=town.point)
    walk(session, settings, town, first.id, "open", "accept", "reply", "verify", "close")
    elsewhere = report(session, settings, town, now=NOW + DAY, point_id=town.point, lon=LON + 0.004)
    assert elsewhere.recurrence == 1


def opened(session, settings, town, **more):
    case = report(session, settings, town, **more)
    return walk(session, settings, town, case.id, "open")


def test_the_role_that_answers_there_gets_it(session, settings, town):
    rubbish = opened(session, settings, town)
    assert (rubbish.state, rubbish.department_name, rubbish.leader_name) == (
        State.ASSIGNED,
        "环卫处",
        "王建国",
    )


def test_the_contract_of_the_point_comes_before_that_of_its_zone(session, settings, town):
    food = opened(session, settings, town, kind="food", point_id=town.point)
    assert (food.department_name, food.leader_name) == ("市场监管局", "赵市场")
    # Traffic police have no contract anywhere, and no leader has a department: the leader himself is to see to it.
    parking = opened(session, settings, town, kind="parking", point_id=town.point)
    assert (parking.state, parking.department_id, parking.leader_name) == (State.ASSIGNED, None, "赵市场")


def test_the_department_of_the_kind_comes_first(session, settings, town):
    cases.set_kind(session, "rubbish", {"department_id": town.departments["police"]}, by=None)
    case = report(session, settings, town)
    proposal = cases.read(session, settings, case.id, by=town.desk, now=NOW).proposal
    assert (proposal.department_name, proposal.via) == ("交警大队", "kind")
    assert opened(session, settings, town).department_id == town.departments["police"]


def test_where_nobody_answers_it_waits_for_the_desk_with_its_clock_running(session, settings, town):
    far = opened(session, settings, town, lon=LON + 1)
    assert far.state is State.OPENED and far.zone_id is None and far.due_at is not None
    assigned = cases.act(
        session, settings, far.id, "assign", {"leader_id": town.leaders["market"]}, by=town.desk, now=NOW
    )
    assert assigned.state is State.ASSIGNED and assigned.leader_name == "赵市场"


def test_kinds_are_set_within_reason(session, town):
    for changes, code in (
        ({"clock": "moon"}, "case_clock_unknown"),
        ({"handle_limit": 0}, "case_limit_wrong"),
        ({"handle_limit": math.nan}, "case_limit_wrong"),
        ({"department_id": -1}, "case_department_unknown"),
        ({"role": "king"}, "case_role_unknown"),
        ({"code": "x"}, "case_given_unknown"),
    ):
        with pytest.raises(BadRequest) as caught:
            cases.set_kind(session, "rubbish", changes, by=None)
        assert caught.value.code == code and code in SENTENCES
    changed = cases.set_kind(session, "rubbish", {"clock": "working_days", "handle_limit": 1.5}, by=None)
    assert changed in cases.list_kinds(session)
    assert len(cases.list_kinds(session)) >= 14

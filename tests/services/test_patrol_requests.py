"""A request for a patrol: asked once, planned or declined, and seen once the tracks say so."""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely
from sqlalchemy import text

from geoservice.domain.windows import Window
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import patrol_requests as service
from geoservice.services import planning
from geoservice.store.wanted_rows import drop
from tests.factories import CELL_LAT, CELL_LON, SOUTH, WEST, City, make_city, see
from tests.web.conftest import NOON

TODAY = NOON.date()
WEEK = Window.ending(TODAY, 7)
UNSEEN = (WEST + 3.5 * CELL_LON, SOUTH + 2.5 * CELL_LAT)
"""On the leader's ground, where nobody was."""


@pytest.fixture
def city(session, settings) -> City:
    return make_city(session, settings, TODAY, NOON)


def ask(session, settings, city, *, login="leader", note="", at=UNSEEN, now=NOON):
    by = city.user_ids[login]
    return service.ask_for_gap(session, settings, WEEK, lonlat=at, note=note, by=by, now=now)


def only(session, now=NOON):
    (found,) = service.listed(session, now=now)
    return found


def test_a_gap_is_asked_for_once_and_another_leader_joins(session, settings, city):
    request_id, is_new = ask(session, settings, city, note=" 请今天去看 ")
    assert is_new
    assert ask(session, settings, city, note="again") == (request_id, False)
    near = (UNSEEN[0] + CELL_LON / 10, UNSEEN[1])
    assert ask(session, settings, city, login="other", note="me too", at=near) == (request_id, False)
    found = only(session)
    assert (found.state, found.area_m2 > 0, found.days_unseen) == ("asked", True, None)
    assert [(step.who, step.note) for step in found.steps] == [
        ("用户 leader", "请今天去看"), ("用户 other", "me too"),
    ]  # fmt: skip
    assert service.count_waiting(session) == 1


def test_where_no_gap_is_nothing_is_asked_for(session, settings, city):
    for place in [(WEST + CELL_LON / 2, SOUTH + CELL_LAT / 2), (0.0, 0.0)]:
        with pytest.raises(NotFound, match="request_gap_gone"):
            ask(session, settings, city, at=place)
    with pytest.raises(BadRequest):
        ask(session, settings, city, at=(500.0, 0.0))
    with pytest.raises(BadRequest, match="request_note_long"):
        ask(session, settings, city, note="x" * 501)
    assert service.listed(session, now=NOON) == []


def test_planned_it_is_wanted_and_taken_out_of_the_list_it_waits_again(session, settings, city):
    request_id, _ = ask(session, settings, city)
    by = city.user_ids["dispatcher"]
    for _ in range(2):
        service.put_in_plan(session, request_id, from_on=TODAY + timedelta(1), by=by, now=NOON)
    assert [step.step for step in only(session).steps] == ["asked", "wanted"]
    (wish,) = planning.wanted(session, settings, now=NOON)
    assert (wish.kind, wish.from_on) == ("gap", TODAY + timedelta(1))
    assert (wish.lon, wish.lat) == pytest.approx((only(session).lon, only(session).lat))
    with pytest.raises(Conflict, match="request_in_plan"):
        service.decline(session, request_id, "no", by=by, now=NOON)
    drop(session, wish.id, NOON)
    assert only(session).state == "asked"
    assert service.count_waiting(session) == 1
    service.decline(session, request_id, "路封了", by=by, now=NOON)
    assert (only(session).state, only(session).steps[-1].note) == ("declined", "路封了")
    with pytest.raises(Conflict, match="request_answered"):
        service.put_in_plan(session, request_id, from_on=TODAY, by=by, now=NOON)


def test_the_patrol_that_was_planned_is_told_with_its_day(session, settings, city):
    point_id = session.scalar(text("SELECT id FROM point WHERE code = 'P0'"))
    by = city.user_ids["leader"]
    request_id, _ = service.ask_for_point(session, settings, point_id=point_id, note="", by=by, now=NOON)
    service.put_in_plan(session, request_id, from_on=TODAY, by=by, now=NOON)
    session.execute(
        text(
            "INSERT INTO route_stop (route_id, position, point_id, wanted_id) SELECT r.id, 1, :point, w.id FROM route r, "
            "wanted_stop w WHERE r.code = 'R1'"
        ),
        {"point": point_id},
    )
    found = only(session)
    assert (found.state, found.planned_on, found.team) == ("planned", TODAY, "一队")


def test_seen_is_what_most_of_was_covered_since_and_nothing_before(session, settings, city):
    request_id, _ = ask(session, settings, city)
    assert service.settle(session, settings, now=NOON) == []
    strip = shapely.box(WEST + 2.5 * CELL_LON, SOUTH, WEST + 3 * CELL_LON, SOUTH + 4 * CELL_LAT)
    see(session, strip, TODAY)
    assert service.settle(session, settings, now=NOON) == [], "a third is not most of it"
    rest = shapely.box(WEST + 2.5 * CELL_LON, SOUTH, WEST + 4 * CELL_LON, SOUTH + 4 * CELL_LAT)
    see(session, rest, TODAY - timedelta(3))
    assert service.settle(session, settings, now=NOON) == [], "that was before"
    see(session, rest, TODAY + timedelta(1))
    later = NOON + timedelta(days=1)
    assert service.settle(session, settings, now=later) == [request_id]
    assert service.settle(session, settings, now=later) == []
    last = only(session, later).steps[-1]
    assert (last.step, last.who, last.at) == ("seen", None, later)


def test_a_point_is_seen_once_somebody_was_there(session, settings, city):
    point_id = session.scalar(text("SELECT id FROM point WHERE code = 'P0'"))
    by = city.user_ids["leader"]
    request_id, _ = service.ask_for_point(session, settings, point_id=point_id, note="", by=by, now=NOON)
    check_in = text(
        "INSERT INTO check_in (point_id, member_id, at, has_findings) VALUES (:point, :member, :at, false)"
    )
    for minutes, seen in ((-1, []), (1, [request_id])):
        at = NOON + timedelta(minutes=minutes)
        session.execute(check_in, {"point": point_id, "member": city.member_id, "at": at})
        assert service.settle(session, settings, now=NOON + timedelta(hours=1)) == seen

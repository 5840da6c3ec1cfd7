"""How a patrol stands follows from what was said at its stops, and from nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import check_ins
from geoservice.services import on_the_way as service
from geoservice.services.check_ins import NewCheckIn
from geoservice.services.on_the_way import REASONS, Report
from geoservice.store.patrols import Assignment, Patrol, StopReport
from geoservice.store.sightings import CheckIn
from tests.way_kit import PLACE, STREET_NAME, make_crew, make_patrol

NOON = datetime(2026, 3, 18, 4, 0, tzinfo=UTC)  # noon in Shanghai
EIGHT = NOON - timedelta(hours=4)


@pytest.fixture
def crew(session):
    return make_crew(session, "W")


@pytest.fixture
def patrol_id(session, crew) -> int:
    return make_patrol(session, crew, "RW", NOON.date(), EIGHT)


def test_stops_are_told_with_their_places_and_planned_times(session, settings, patrol_id):
    way = service.read(session, settings, patrol_id)
    assert [stop.name for stop in way.stops][1:3] == [STREET_NAME, PLACE]
    assert [stop.arrive_at for stop in way.stops] == [EIGHT + timedelta(minutes=30 * n) for n in (1, 2, 3, 4)]
    assert [stop.minutes for stop in way.stops] == [10.0] * 4
    street = way.stops[1].row
    assert (street.lon, street.lat) == pytest.approx((114.0532, 22.5341))
    assert way.next_stop is way.stops[0]
    assert way.line.equals(way.patrol.line)


said = st.tuples(
    st.integers(1, 4),
    st.sampled_from([None, *REASONS]),
    st.booleans(),
    st.integers(0, 5),
)


@hypothesis_settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(story=st.lists(said, max_size=8))
def test_any_story_told_twice_leaves_what_a_plain_model_says(session, settings, crew, patrol_id, story):
    """Each report under a name of its own is stored once; a stop is done once anybody said so, else skipped as said last."""
    inner = session.begin_nested()
    model: dict[int, str] = {}
    taken: dict[tuple[bool, int], tuple] = {}
    at = NOON
    for told in [*story, *story]:
        position, reason, findings, name = told
        at += timedelta(minutes=1)
        # Points have check-ins, everything else reports: two tables, two spaces of names.
        is_check_in = position in {1, 4} and reason is None
        new = Report(
            position,
            crew.member_ids[0],
            findings and reason is None,
            "",
            reason,
            client_uuid=UUID(int=name + 1),
        )
        content = (position, reason, new.has_findings)
        first = taken.setdefault((is_check_in, name), content)
        if first != content:
            with pytest.raises(Conflict):
                service.report(session, settings, patrol_id, new, now=at)
            continue
        service.report(session, settings, patrol_id, new, now=at)
        if reason is None:
            model[position] = "done"
        else:
            model.setdefault(position, "skipped")
    way = service.read(session, settings, patrol_id)
    assert {stop.row.position: stop.state for stop in way.stops if stop.said} == model
    stored = (
        session.scalar(select(func.count()).select_from(StopReport)),
        session.scalar(select(func.count()).select_from(CheckIn)),
    )
    assert stored == (
        sum(not is_check_in for is_check_in, _ in taken),
        sum(is_check_in for is_check_in, _ in taken),
    )
    assert way.patrol.status == ("under_way" if taken else "published")
    inner.rollback()
    session.expire_all()


def test_a_mates_check_in_at_a_point_counts_and_a_strangers_does_not(session, settings, crew, patrol_id):
    others = make_crew(session, "V")

    def at_first(member_id: int, at: datetime) -> str:
        check_ins.record(
            session, settings, NewCheckIn(at, False, None, crew.point_ids[0], member_id), now=NOON
        )
        return service.read(session, settings, patrol_id).stops[0].state

    assert at_first(others.member_ids[0], NOON) == "open"
    assert at_first(crew.member_ids[1], EIGHT - timedelta(hours=9)) == "open", "that was yesterday's"
    assert at_first(crew.member_ids[1], NOON) == "done"


def test_a_point_that_is_stopped_at_twice_wants_two_check_ins(session, settings, crew, patrol_id):
    from geoservice.store.patrols import RouteStop

    route_id = session.get(Patrol, patrol_id).route_id
    session.add(RouteStop(route_id=route_id, position=5, point_id=crew.point_ids[0]))
    session.flush()
    states = []
    for minute in (1, 2):
        new = Report(1, crew.member_ids[0], note=str(minute))
        service.report(session, settings, patrol_id, new, now=NOON + timedelta(minutes=minute))
        stops = service.read(session, settings, patrol_id).stops
        states.append((stops[0].state, stops[4].state))
    assert states == [("done", "open"), ("done", "done")]


def test_beginning_and_end_are_kept_as_said_first(session, settings, patrol_id):
    for minutes in (0, 5):
        service.start(session, settings, patrol_id, now=EIGHT + timedelta(minutes=minutes))
    for minutes in (0, 5):
        service.finish(session, patrol_id, now=NOON + timedelta(minutes=minutes))
    service.start(session, settings, patrol_id, now=NOON)
    found = service.read(session, settings, patrol_id).patrol
    assert (found.status, found.started_at, found.finished_at) == ("done", EIGHT, NOON)
    service.go_on(session, settings, patrol_id, now=NOON)
    found = service.read(session, settings, patrol_id).patrol
    assert (found.status, found.started_at, found.finished_at) == ("under_way", EIGHT, None)


def test_what_is_said_after_the_end_is_kept_and_moves_the_end(session, settings, crew, patrol_id):
    service.start(session, settings, patrol_id, now=EIGHT)
    service.finish(session, patrol_id, now=NOON)
    late = NOON + timedelta(minutes=3)
    service.report(session, settings, patrol_id, Report(1, crew.member_ids[0]), now=late)
    way = service.read(session, settings, patrol_id)
    assert (way.stops[0].state, way.patrol.status, way.patrol.finished_at) == ("done", "done", late)


@pytest.mark.parametrize(("days", "code"), [(-1, "patrol_not_yet"), (2, "patrol_over")])
def test_a_patrol_of_another_day_is_closed(session, settings, crew, patrol_id, days, code):
    at = NOON + timedelta(days=days)
    for act in (
        lambda: service.start(session, settings, patrol_id, now=at),
        lambda: service.report(session, settings, patrol_id, Report(3, crew.member_ids[0]), now=at),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == code
    assert service.read(session, settings, patrol_id).patrol.status == "published"


def test_a_cancelled_patrol_is_shown_and_closed(session, settings, crew):
    patrol_id = make_patrol(session, crew, "RC", NOON.date(), EIGHT, status="cancelled")
    assert len(service.read(session, settings, patrol_id).stops) == 4
    with pytest.raises(Conflict, match="patrol_cancelled"):
        service.report(session, settings, patrol_id, Report(1, crew.member_ids[0]), now=NOON)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"reason": "because"}, "stop_reason_needed"),
        ({"note": "x" * 501}, "check_in_note_too_long"),
        ({"note": "\ud800"}, "unreadable_text"),
        ({"lon": float("nan"), "lat": 1.0}, "check_in_place_invalid"),
        ({"lon": 1.0}, "check_in_place_invalid"),
    ],
)
def test_what_can_not_be_true_is_refused_and_nothing_begins(session, settings, crew, patrol_id, wrong, code):
    with pytest.raises(BadRequest) as refused:
        service.report(session, settings, patrol_id, Report(3, crew.member_ids[0], **wrong), now=NOON)
    assert refused.value.code == code
    assert service.read(session, settings, patrol_id).patrol.status == "published"
    with pytest.raises(NotFound):
        service.report(session, settings, patrol_id, Report(9, crew.member_ids[0]), now=NOON)


def test_a_patrol_is_for_its_team_and_whom_it_was_given_to(session, crew, patrol_id):
    others = make_crew(session, "V")
    scope = service.scope_of(session, patrol_id, crew.member_ids[1])
    assert (scope.everything, scope.zone_ids) == (False, frozenset())
    assert (scope.point_ids, scope.street_ids) == (frozenset(crew.point_ids), {crew.street_id})
    with pytest.raises(NotFound):
        service.scope_of(session, patrol_id, others.member_ids[0])
    session.add(Assignment(patrol_id=patrol_id, member_id=others.member_ids[0]))
    session.flush()
    assert service.scope_of(session, patrol_id, others.member_ids[0]) == scope
    draft = make_patrol(session, crew, "RD", NOON.date(), EIGHT, status="draft")
    for member_id in (crew.member_ids[0], None):
        with pytest.raises(NotFound):
            service.scope_of(session, draft, member_id)

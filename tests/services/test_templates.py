"""Who works when: templates go before the team's own shift, the calendar before the weekday, and patrols are made once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from geoservice.config import Settings
from geoservice.domain.workdays import Override, WorkCalendar
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.jobs.periodic import recurring_patrols
from geoservice.services import recurring, workdays
from geoservice.services.templates import free_hours, make_patrols, recurs, shifts_on
from geoservice.store.calendars import PatrolTemplate
from geoservice.store.patrols import Patrol
from tests.services.setup_kit import add_route, add_team

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
WEDNESDAY, SATURDAY, SUNDAY = date(2026, 5, 6), date(2026, 5, 16), date(2026, 5, 17)
LABOUR_DAY, MADE_UP = date(2026, 5, 1), date(2026, 5, 9)  # a Friday off, the Saturday worked for it
SETTINGS = Settings()
MORNING = {"team": "T1", "name": "早巡", "starts": "07:00", "ends": "08:00", "route": "R1"}


def _template(session, code="A", **words: str):
    words = {"team": "T1", "name": code, "first_on": "2026-01-01", **words}
    return recurring.add_template(session, code, words, by=None, today=WEDNESDAY)


def _hours(session, day: date) -> list[tuple[str, str, str | None]]:
    return [
        (f"{one.starts:%H:%M}", f"{one.ends:%H:%M}", one.template_code)
        for one in shifts_on(session, SETTINGS, day)
    ]


def test_without_templates_a_team_works_its_own_shift_on_working_days(session):
    add_team(session, "T1")
    add_team(session, "T2", active=False)
    assert _hours(session, WEDNESDAY) == [("08:30", "17:30", None)]
    assert _hours(session, MADE_UP) == [("08:30", "17:30", None)]
    assert _hours(session, LABOUR_DAY) == _hours(session, SATURDAY) == []


def test_what_is_decided_here_moves_the_shifts(session):
    add_team(session, "T1")
    workdays.set_day(session, LABOUR_DAY, Override(working=True, name="创城冲刺"), by=None, now=NOW)
    assert _hours(session, LABOUR_DAY) == [("08:30", "17:30", None)]
    workdays.unset_day(session, LABOUR_DAY, by=None)
    assert _hours(session, LABOUR_DAY) == []
    with pytest.raises(NotFound, match="day_not_set"):
        workdays.unset_day(session, LABOUR_DAY, by=None)


def test_templates_say_when_a_team_works(session):
    add_team(session, "T1")
    _template(session, "week", weekdays="1,2,3,4,5", starts="09:00", ends="12:00")
    _template(session, "rest", weekdays="6,7", days="resting", starts="10:00", ends="11:30")
    assert _hours(session, WEDNESDAY) == [("09:00", "12:00", "week")]
    assert _hours(session, MADE_UP) == [("09:00", "12:00", "week")]
    assert _hours(session, SATURDAY) == _hours(session, SUNDAY) == [("10:00", "11:30", "rest")]
    assert _hours(session, LABOUR_DAY) == []
    assert _hours(session, date(2025, 12, 30)) == [("08:30", "17:30", None)], "before they held"


def test_a_fixed_route_takes_its_hours_out_of_the_shift(session):
    add_team(session, "T1")
    add_route(session, "R1")
    _template(session, "fixed", weekdays="3", starts="08:00", ends="10:00", route="R1")
    fixed, own = shifts_on(session, SETTINGS, WEDNESDAY)
    assert not fixed.is_free
    assert (own.starts, own.ends, own.is_free) == (time(10), time(17, 30), True)
    assert _hours(session, WEDNESDAY + timedelta(days=1)) == [("08:30", "17:30", None)]


HOURS = st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda pair: pair[0] < pair[1])


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


@given(HOURS, st.lists(HOURS, max_size=4))
def test_what_is_left_is_free_and_no_longer_piece_was_left_out(whole, taken):
    left = free_hours(tuple(map(_clock, whole)), [tuple(map(_clock, each)) for each in taken])
    free = [m for m in range(*whole) if not any(first <= m < last for first, last in taken)]
    runs, longest = 0, 0
    for place, minute in enumerate(free):
        runs = runs + 1 if place and free[place - 1] == minute - 1 else 1
        longest = max(longest, runs)
    if left is None:
        assert longest < 60
    else:
        first, last = (at.hour * 60 + at.minute for at in left)
        assert set(range(first, last)) <= set(free)
        assert last - first == longest


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.sets(st.integers(1, 7), min_size=1))
def test_every_chosen_day_is_working_or_resting_and_never_both(day, weekdays):
    known = WorkCalendar("CN")
    working, resting = (recurs(weekdays, days, day, known) for days in ("working", "resting"))
    assert not (working and resting)
    assert recurs(weekdays, "all", day, known) is (day.isoweekday() in weekdays)
    if day.isoweekday() in weekdays:
        assert working or resting


def _patrols(session) -> list[tuple[date, str]]:
    return list(session.execute(select(Patrol.on_day, Patrol.status).order_by(Patrol.on_day)))


def test_patrols_are_made_once_however_often_the_clock_asks(session):
    add_team(session, "T1")
    add_route(session, "R1")
    _template(session, "fixed", **MORNING, weekdays="1,2,3,4,5")
    assert make_patrols(session, SETTINGS, WEDNESDAY) == 1
    assert make_patrols(session, SETTINGS, WEDNESDAY) == 0
    list(recurring_patrols(session, SETTINGS, NOW))
    list(recurring_patrols(session, SETTINGS, NOW))
    assert _patrols(session) == [(WEDNESDAY, "published"), (date(2026, 5, 7), "published")]
    patrol = session.scalars(select(Patrol).where(Patrol.on_day == WEDNESDAY)).one()
    assert patrol.starts_at == datetime(2026, 5, 5, 23, 0, tzinfo=UTC)
    assert patrol.template_id is not None
    assert make_patrols(session, SETTINGS, LABOUR_DAY) == 0


def test_what_was_called_off_stays_so_and_a_draft_is_published(session):
    team, route = add_team(session, "T1"), add_route(session, "R1")
    _template(session, "fixed", **MORNING, weekdays="1,2,3,4,5")
    for day, status in ((WEDNESDAY, "cancelled"), (date(2026, 5, 7), "draft")):
        session.add(Patrol(on_day=day, team_id=team.id, route_id=route.id, status=status))
    session.flush()
    list(recurring_patrols(session, SETTINGS, NOW))
    assert _patrols(session) == [(WEDNESDAY, "cancelled"), (date(2026, 5, 7), "published")]


def test_a_team_is_not_wanted_twice_at_the_same_time(session):
    add_team(session, "T1")
    add_team(session, "T2")
    one = _template(session, "A", weekdays="1,2,3", starts="08:00", ends="12:00", last_on="2026-05-31")
    with pytest.raises(Conflict, match="template_collides"):
        _template(session, "B", weekdays="3,4", starts="11:00", ends="13:00")
    _template(session, "C", weekdays="3,4", starts="12:00", ends="13:00")
    _template(session, "D", weekdays="3", starts="09:00", ends="10:00", days="resting")
    _template(session, "E", weekdays="3", starts="09:00", ends="10:00", first_on="2026-06-01")
    _template(session, "F", weekdays="3", starts="09:00", ends="10:00", team="T2")
    with pytest.raises(Conflict, match="template_collides"):
        recurring.change_template(session, one.id, {"last_on": ""}, by=None)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"starts": "12:00", "ends": "08:00"}, "shift_reversed"),
        ({"weekdays": "8"}, "weekdays_unreadable"),
        ({"weekdays": ""}, "weekdays_unreadable"),
        ({"days": "some"}, "days_unknown"),
        ({"last_on": "2025-01-01"}, "validity_reversed"),
        ({"starts": "noon"}, "clock_unreadable"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused_by_name(session, words, code):
    add_team(session, "T1")
    with pytest.raises(BadRequest, match=code):
        _template(session, "A", **words)


def test_who_changes_what_another_changed_is_told(session):
    add_team(session, "T1")
    one = _template(session, "A")
    recurring.change_template(session, one.id, {"name": "new"}, by=None, seen=one.seen)
    with pytest.raises(Conflict, match="setup_changed_meanwhile"):
        recurring.change_template(session, one.id, {"name": "other"}, by=None, seen=one.seen)
    recurring.remove_template(session, one.id, by=None)
    assert session.scalar(select(PatrolTemplate.id)) is None

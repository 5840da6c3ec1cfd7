"""The four clocks against a count of minutes, one by one, and what must hold of them whatever the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geoservice.domain.clocks import Clock, Run, WorkTime, due_at, elapsed, share
from geoservice.domain.workdays import Override, WorkCalendar

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
SHIFTS = ((510, 720), (840, 1050))
CITY = WorkTime(WorkCalendar(), SHIFTS, SHANGHAI)
MINUTE = timedelta(minutes=1)


def local(*at: int) -> datetime:
    return datetime(*at, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("clock", "limit", "start", "end"),
    [
        # A Friday afternoon over a weekend, with the midday rest of Monday.
        (Clock.WORKING_HOURS, 4, (2026, 11, 20, 16, 30), (2026, 11, 23, 11, 30)),
        (Clock.WORKING_HOURS, 1, (2026, 11, 20, 16, 30), (2026, 11, 20, 17, 30)),
        (Clock.URGENT_HOURS, 4, (2026, 11, 20, 22, 0), (2026, 11, 21, 2, 0)),
        (Clock.WORKING_DAYS, 1, (2026, 11, 20, 16, 0), (2026, 11, 23, 16, 0)),
        (Clock.WORKING_DAYS, 1, (2026, 11, 21, 9, 0), (2026, 11, 24, 0, 0)),
        (Clock.NATURAL_DAYS, 7, (2026, 11, 20, 16, 0), (2026, 11, 27, 16, 0)),
        # National Day 2025: 1 to 8 October rest, Saturday 11 October is worked.
        (Clock.WORKING_HOURS, 8, (2025, 9, 30, 14, 0), (2025, 10, 9, 15, 0)),
        (Clock.WORKING_DAYS, 3, (2025, 9, 30, 9, 0), (2025, 10, 11, 9, 0)),
    ],
)
def test_deadlines_that_can_be_counted_on_fingers(clock, limit, start, end):
    run = Run(clock, limit, local(*start))
    assert due_at(run, CITY) == local(*end)
    assert share(run, CITY, local(*end)) == 1


def test_a_run_that_would_never_end_is_refused():
    nobody_works = WorkTime(WorkCalendar(), (), SHANGHAI)
    with pytest.raises(ValueError, match="do not pass"):
        due_at(Run(Clock.WORKING_HOURS, 1, local(2026, 11, 20, 9)), nobody_works)


@cache
def _day_minutes(day: date, zone: ZoneInfo) -> int:
    begins = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    tomorrow = day + timedelta(days=1)
    ends = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(UTC)
    return int((ends - begins) / MINUTE)


def units_of_minute(run: Run, hours: WorkTime, minute: datetime) -> Fraction:
    """What passes in the minute that begins at an instant: the oracle, which knows nothing of spans."""
    if any(first <= minute < last for first, last in run.pauses):
        return Fraction(0)
    here = minute.astimezone(hours.zone)
    working = hours.calendar.is_working(here.date())
    of_day = here.hour * 60 + here.minute
    if run.clock is Clock.URGENT_HOURS:
        return Fraction(1, 60)
    if run.clock is Clock.WORKING_HOURS:
        at_work = working and any(first <= of_day < last for first, last in hours.shifts)
        return Fraction(1, 60) if at_work else Fraction(0)
    if run.clock is Clock.WORKING_DAYS and not working:
        return Fraction(0)
    return Fraction(1, _day_minutes(here.date(), hours.zone))


def minutes_between(first: datetime, last: datetime) -> list[datetime]:
    return [first + MINUTE * ahead for ahead in range(int((last - first) / MINUTE))]


@st.composite
def hours_of_work(draw):
    """A calendar with overrides, shifts, and a zone: around a National Day, and around the ends of summer time."""
    zone, country, first = draw(
        st.sampled_from(
            [
                (SHANGHAI, "CN", datetime(2025, 9, 27, tzinfo=UTC)),
                (BERLIN, "DE", datetime(2026, 3, 26, tzinfo=UTC)),
                (BERLIN, "DE", datetime(2026, 10, 22, tzinfo=UTC)),
            ]
        )
    )
    days = st.integers(0, 9).map(lambda ahead: (first + timedelta(days=ahead)).date())
    overrides = draw(st.dictionaries(days, st.booleans().map(Override), max_size=3))
    cuts = sorted(
        draw(st.sets(st.integers(0, 96), min_size=2, max_size=4).filter(lambda cuts: len(cuts) % 2 == 0))
    )
    shifts = tuple((15 * cuts[at], 15 * cuts[at + 1]) for at in range(0, len(cuts), 2))
    return WorkTime(WorkCalendar(country, overrides), shifts, zone), first


@st.composite
def runs(draw):
    hours, first = draw(hours_of_work())
    clock = draw(st.sampled_from(Clock))
    quarters = draw(st.integers(1, 12))
    limit = quarters / 4
    start = first + MINUTE * draw(st.integers(0, 3 * 1440))
    cuts = sorted(start + MINUTE * at for at in draw(st.sets(st.integers(0, 3000), max_size=4)))
    pauses = tuple((cuts[at], cuts[at + 1]) for at in range(0, len(cuts) - 1, 2))
    return Run(clock, limit, start, pauses), hours


@given(runs())
@settings(max_examples=15)
def test_a_deadline_is_the_minute_in_which_the_last_of_the_limit_passes(case):
    run, hours = case
    found = due_at(run, hours)
    assume(found - run.started_at < timedelta(days=12))
    before = found - timedelta(microseconds=1)
    whole = minutes_between(run.started_at, before.replace(second=0, microsecond=0))
    passed = sum((units_of_minute(run, hours, minute) for minute in whole), Fraction(0))
    last = units_of_minute(run, hours, before.replace(second=0, microsecond=0))
    assert passed < Fraction(run.limit) <= passed + last
    assert elapsed(run, hours, found) == pytest.approx(run.limit, abs=1e-9)


@given(runs(), st.integers(0, 4 * 1440))
@settings(max_examples=25)
def test_what_has_passed_is_what_the_minutes_add_up_to(case, minutes):
    run, hours = case
    at = run.started_at + MINUTE * minutes
    counted = sum(
        (units_of_minute(run, hours, minute) for minute in minutes_between(run.started_at, at)), Fraction(0)
    )
    assert elapsed(run, hours, at) == pytest.approx(float(counted), abs=1e-12)
    assert elapsed(run, hours, run.started_at - timedelta(days=1)) == 0


@given(runs(), st.integers(0, 3000), st.integers(1, 3000))
def test_pausing_never_shortens(case, begins, lasts):
    run, hours = case
    pause = (run.started_at + MINUTE * begins, run.started_at + MINUTE * (begins + lasts))
    paused = Run(run.clock, run.limit, run.started_at, (*run.pauses, pause))
    assert due_at(paused, hours) >= due_at(run, hours)
    late = run.started_at + timedelta(days=3)
    assert elapsed(paused, hours, late) <= elapsed(run, hours, late)


@given(runs(), st.integers(1, 8), st.integers(0, 6000), st.integers(0, 6000))
def test_more_time_is_never_less_and_time_never_runs_back(case, more, sooner, later):
    run, hours = case
    longer = Run(run.clock, run.limit + more, run.started_at, run.pauses)
    assert due_at(longer, hours) > due_at(run, hours)
    first, last = sorted((sooner, later))
    assert elapsed(run, hours, run.started_at + MINUTE * first) <= elapsed(
        run, hours, run.started_at + MINUTE * last
    )


@given(runs(), st.dates(date(2025, 9, 20), date(2025, 10, 20)))
def test_a_day_of_rest_more_never_brings_a_deadline_forward(case, day):
    run, hours = case
    resting = WorkCalendar(hours.calendar.country, {**hours.calendar.overrides, day: Override(False)})
    changed = WorkTime(resting, hours.shifts, hours.zone)
    assert due_at(run, changed) >= due_at(run, hours)

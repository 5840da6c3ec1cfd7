"""Every indicator by hand, and all of them again by another way of counting on random histories."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain import indicators as i
from geoservice.domain.case_tallies import tally_cases
from geoservice.domain.indicators import CaseHistory, Rate, Span, Spread

START = datetime(2026, 6, 1, tzinfo=UTC)
SPAN = Span(START, START + timedelta(days=7), START + timedelta(days=30))


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


# One week by hand. Hours after Monday 0:00; the week ends at 168.
A = CaseHistory(  # seen by a patrol, put right in time at the second attempt, 10 h of handling of which 4 rested
    "patrol", at(1), opened_at=at(2), assigned_at=at(3), due_at=at(30), put_right_at=at(13), closed_at=at(16),
    reworks=(at(8),), openings=((at(3), at(3)),), checks=((at(9), at(8)), (at(14), at(15))),
    pauses=((at(5), at(9)),),
)  # fmt: skip
B = CaseHistory(  # a citizen's, put right after its deadline, closed in the week
    "citizen", at(10), opened_at=at(11), assigned_at=at(12), due_at=at(20), put_right_at=at(32), closed_at=at(33),
    recurrence=2, openings=((at(12), at(12)),), checks=((at(36), at(33)),),
)  # fmt: skip
C = CaseHistory(  # an inspector's, due in the week and still open
    "inspection", at(20), opened_at=at(25), assigned_at=at(25), due_at=at(100), openings=((at(22), at(25)),)
)
D = CaseHistory("patrol", at(30), rejected_at=at(31), openings=((at(32), at(31)),))
E = CaseHistory("patrol", at(160), openings=((at(162), None),))  # nobody has looked at it
F = CaseHistory(  # from the week before, closed in this one, never due in it
    "leader", at(-60), opened_at=at(-59), assigned_at=at(-58), due_at=at(-10), put_right_at=at(-28), closed_at=at(2),
    openings=((at(-58), at(-58)),), checks=((at(-24), at(1)),),
)  # fmt: skip
G = CaseHistory("desk", at(167), opened_at=at(167.5), assigned_at=at(167.5), due_at=at(200))  # due next week
WEEK = (A, B, C, D, E, F, G)


@pytest.mark.parametrize(
    ("code", "numerator", "denominator"),
    [
        ("opening_rate", 4, 5),  # A B C G of A B C D G
        ("closing_rate", 2, 3),  # A B of A B C
        ("on_time_closing_rate", 1, 3),  # A of A B C
        ("rework_rate", 1, 3),  # A of A B C
        ("recurrence_rate", 1, 4),  # B of A B C G
        ("valid_report_rate", 2, 3),  # A C of A C D
        ("missed_report_rate", 2, 3),  # B C of A B C; the desk's own G tells nothing
        ("on_time_verification_rate", 3, 5),  # A B D of A B C D E
        ("on_time_check_rate", 2, 3),  # A's first and B's of A's two and B's
    ],
)
def test_each_rate_by_hand(code, numerator, denominator):
    assert i.CASE_RATES[code](WEEK, SPAN) == Rate(numerator, denominator)


def test_counts_and_hours_by_hand():
    assert i.case_counts(WEEK, SPAN) == {
        "reported": 6, "opened": 4, "rejected": 1, "closed": 3, "reworks": 1, "overdue": 1,
    }  # fmt: skip
    told = i.handling_time(WEEK, SPAN)
    assert told.hours == (6.0, 20.0, 30.0)  # A 10 less 4 of rest, B, F
    assert told.mean == pytest.approx(56 / 3)
    assert told.ninetieth == 30.0


@pytest.mark.parametrize(
    ("hours", "ninetieth"), [((5,), 5), (range(1, 11), 9), (range(1, 12), 10), (range(1, 101), 90)]
)
def test_ninetieth_is_the_least_that_nine_in_ten_do_not_exceed(hours, ninetieth):
    assert Spread(tuple(hours)).ninetieth == ninetieth


@pytest.mark.parametrize("code", i.CASE_RATES)
def test_nothing_over_nothing_is_none_and_no_number(code):
    rate = i.CASE_RATES[code]((), SPAN)
    assert (rate.numerator, rate.denominator, rate.value) == (0, 0, None)
    assert Spread(()).mean is Spread(()).ninetieth is None


def test_what_falls_on_an_edge_belongs_to_one_week():
    due = [replace(C, due_at=SPAN.start), replace(C, due_at=SPAN.end)]
    after = Span(SPAN.end, SPAN.end + timedelta(days=7), SPAN.as_of)
    assert [i.closing_rate(due, span).denominator for span in (SPAN, after)] == [1, 1]
    in_time = replace(A, put_right_at=A.due_at, closed_at=A.due_at)
    assert i.on_time_closing_rate([in_time], SPAN) == Rate(1, 1)


def test_a_rework_belongs_to_whom_the_case_was_assigned_then():
    again = replace(A, reworks=(at(2),))  # sent back, closed, opened again and assigned to others since
    assert i.rework_rate([again], SPAN) == Rate(0, 1)


def test_a_rest_within_a_rest_is_counted_once():
    """A reply that was taken back, confirmed on appeal, and taken back again rests from the reply to the end of the second time."""
    case = replace(A, pauses=((at(5), at(9)), (at(5), at(11)), (at(6), at(7))))
    assert case.handling_h == 4.0


def test_what_is_not_yet_due_counts_neither_way():
    early = replace(SPAN, as_of=at(50))
    assert i.closing_rate([C], early) == Rate(0, 0)
    assert i.closing_rate([C], SPAN) == Rate(0, 1)


hours = st.integers(-100, 300)


@st.composite
def histories(draw):
    """A case as the table of states may leave it: times in the order in which they can happen."""
    steps = sorted(draw(st.lists(hours, min_size=6, max_size=6)))
    reported, decided, assigned, replied, judged, closed = map(at, steps)
    stage = draw(st.integers(0, 5))
    rejected = stage == 1 and draw(st.booleans())
    pair = st.tuples(hours.map(at), st.none() | hours.map(at))
    rest = sorted(draw(st.lists(st.integers(steps[2], steps[3]), min_size=2, max_size=2)))
    return CaseHistory(
        draw(st.sampled_from(["patrol", "inspection", "citizen", "leader", "gap", "desk", "import"])),
        reported,
        opened_at=decided if stage >= 1 and not rejected else None,
        rejected_at=decided if rejected else None,
        assigned_at=assigned if stage >= 2 else None,
        due_at=at(draw(hours)) if stage >= 2 else None,
        put_right_at=replied if stage >= 3 else None,
        closed_at=closed if stage == 5 else None,
        recurrence=draw(st.integers(0, 2)),
        reworks=(judged,) if stage >= 4 and draw(st.booleans()) else (),
        openings=tuple(draw(st.lists(pair, max_size=2))),
        checks=tuple(draw(st.lists(pair, max_size=2))),
        pauses=((at(rest[0]), at(rest[1])),) if draw(st.booleans()) else (),
    )


def counted_again(cases, span) -> dict[str, Fraction | None]:  # noqa: C901 - plain on purpose
    """The same rates by loops over plain counters, which share no code with the module."""
    first, last = span.start.timestamp(), min(span.end.timestamp(), span.as_of.timestamp())
    numbers = dict.fromkeys(i.CASE_RATES, 0)
    parts = dict.fromkeys(i.CASE_RATES, 0)

    def inside(moment):
        return moment is not None and not (moment.timestamp() < first or moment.timestamp() >= last)

    def count(code, hit):
        parts[code] += 1
        numbers[code] += 1 if hit else 0

    for case in cases:
        opened, rejected = case.opened_at, case.rejected_at
        if inside(case.reported_at) and not (opened is None and rejected is None):
            count("opening_rate", opened is not None)
            if case.source == "patrol" or case.source == "inspection":
                count("valid_report_rate", rejected is None)
        if inside(opened):
            count("recurrence_rate", case.recurrence >= 1)
            if case.source not in ("gap", "desk", "import"):
                count("missed_report_rate", case.source != "patrol")
        if opened is not None and inside(case.due_at):
            done = case.closed_at is not None
            count("closing_rate", done)
            count("on_time_closing_rate", done and not case.put_right_at > case.due_at)
            count("rework_rate", [moment for moment in case.reworks if not moment < case.assigned_at] != [])
        for code, pairs in (
            ("on_time_verification_rate", case.openings),
            ("on_time_check_rate", case.checks),
        ):
            for due, ended in pairs:
                if inside(due):
                    count(code, not (ended is None or ended > due))
    return {code: Fraction(numbers[code], parts[code]) if parts[code] else None for code in parts}


@given(st.lists(histories(), max_size=12), st.integers(-20, 200))
def test_random_histories_counted_another_way_agree(cases, known_h):
    span = replace(SPAN, as_of=at(known_h))
    tallies = tally_cases(cases, span)
    every = range(len(cases))
    rates = tallies.rates_of(every)
    assert rates == {code: rate(cases, span) for code, rate in i.CASE_RATES.items()}
    assert tallies.counts_of(every) == i.case_counts(cases, span)
    assert tallies.handling_of(every) == i.handling_time(cases, span)
    again = counted_again(cases, span)
    for code, rate in rates.items():
        value = None if rate.denominator == 0 else Fraction(rate.numerator, rate.denominator)
        assert value == again[code], code
        assert rate.value is None or 0 <= rate.value <= 1
    hours_told = [
        one.handling_h for one in cases if one.closed_at and span.start <= one.closed_at < span.until
    ]
    told = i.handling_time(cases, span)
    assert sorted(told.hours) == sorted(hours_told)
    if hours_told:
        assert told.mean == pytest.approx(statistics.fmean(hours_told))
        at_most = sum(one <= told.ninetieth for one in hours_told)
        below = sum(one < told.ninetieth for one in hours_told)
        assert at_most >= 0.9 * len(hours_told) > below


@given(st.lists(histories(), max_size=10), st.integers(1, 6))
def test_a_week_is_its_days_added_up(cases, day):
    middle = SPAN.start + timedelta(days=day)
    halves = (replace(SPAN, end=middle), replace(SPAN, start=middle))
    for code in i.CASE_RATES:
        whole, parts = i.CASE_RATES[code](cases, SPAN), [i.CASE_RATES[code](cases, half) for half in halves]
        assert whole == Rate(sum(one.numerator for one in parts), sum(one.denominator for one in parts)), code

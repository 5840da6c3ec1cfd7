"""Visits within a plan: as many as the interval asks for, apart, spaced, the first in time."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.planning.periods import occasions

intervals = st.floats(0.2, 40, allow_nan=False)
dues = st.none() | st.integers(-60, 60)


@given(st.integers(1, 31), intervals, dues)
def test_whatever_days_are_chosen_visits_are_spaced(days: int, interval: float, due_in: int | None) -> None:
    found = occasions(days, interval, due_in)
    assert all(on and on <= set(range(days)) for on in found)
    for one, other in pairwise(found):
        assert min(other) - max(one) > max(1.0, interval) / 2
        assert min(other) - min(one) <= math.ceil(max(1.0, interval))


@given(st.integers(1, 31), intervals, dues)
def test_there_are_as_many_as_the_interval_asks_for(days: int, interval: float, due_in: int | None) -> None:
    found = occasions(days, interval, due_in)
    assert len(found) <= math.ceil(days / max(1.0, interval))
    if found:
        assert days - min(found[-1]) <= math.ceil(max(1.0, interval))
    else:
        assert due_in is not None
        assert due_in >= days


@given(st.integers(1, 31), intervals, st.integers(0, 60))
def test_what_is_due_within_the_plan_is_seen_by_then(days: int, interval: float, due_in: int) -> None:
    found = occasions(days, interval, due_in)
    assert due_in >= days or max(found[0]) <= due_in


@given(st.integers(1, 31), st.integers(32, 90), st.integers(-60, -1) | st.none())
def test_what_is_overdue_and_seldom_may_be_done_any_day(days: int, interval: int, due_in: int | None) -> None:
    assert occasions(days, interval, due_in) == [frozenset(range(days))]

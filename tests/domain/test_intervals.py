"""Unvisited stretches against a minute by minute count; what a deadline says on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.intervals import (
    Due,
    Presences,
    compliance,
    deadline,
    kept_interval,
    longest_stretches,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTES = 240
quick = settings(max_examples=18, deadline=None)

visits = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-40, MINUTES + 40), st.integers(0, 60)), max_size=12
)
starts = st.lists(st.integers(-60, MINUTES), min_size=4, max_size=4)


def longest(rows, since, until):
    point, begins, lasts = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return longest_stretches(Presences(point, begins, begins + lasts), np.array(since, np.int64), until)


def counted(rows, since, until):
    """The longest run of minutes in which nobody is there, looked at one after another."""
    taken = {minute for begins, lasts in rows for minute in range(begins, begins + lasts)}
    marks = {begins for begins, _ in rows} | {begins + lasts for begins, lasts in rows}
    best = run = 0
    for minute in range(since, until):
        if minute in marks:
            run = 0
        run = 0 if minute in taken else run + 1
        best = max(best, run)
    return best


@quick
@given(visits, starts, st.integers(-80, MINUTES))
def test_the_longest_stretch_is_that_of_a_watchman_who_looks_every_minute(rows, since, until):
    found = longest(rows, since, until)
    for point in range(4):
        mine = [(begins, lasts) for at, begins, lasts in rows if at == point]
        assert found[point] == counted(mine, since[point], until)


@quick
@given(visits, starts, st.integers(0, MINUTES), visits, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_more_visits_never_lengthen_a_stretch(rows, since, until, more, rng):
    found = longest(rows, since, until)
    mixed = rng.sample(rows, len(rows)) + rows[:2]
    assert (longest(mixed, since, until) == found).all()
    assert (longest(rows + more, since, until) <= found).all()
    assert (longest(rows, since, until + 10) >= found).all()


def test_nobody_came_leaves_the_whole_time_and_before_the_start_there_is_none():
    assert longest([], [0, 10], 100).tolist() == [100, 90]
    assert longest([], [0, 10], -5).tolist() == [0, 0]


def test_thousands_of_points_over_years_do_not_run_out_of_numbers():
    count, year_us = 200_000, 366 * 86_400_000_000
    point = np.repeat(np.arange(count), 2)
    begins = np.tile([year_us // 3, 2 * year_us], count)
    found = longest_stretches(Presences(point, begins, begins), np.zeros(count, np.int64), 4 * year_us)
    assert (found == 2 * year_us).all()


def test_a_point_that_nobody_was_ever_at_never_kept_its_interval():
    assert kept_interval(7.0, 7.0, None) is True
    assert kept_interval(7.01, 7.0, None) is False
    assert kept_interval(3.0, 7.0, 5.0) is None
    assert kept_interval(3.0, 7.0, 8.0) is False
    assert kept_interval(8.0, 7.0, 2.0) is False


@given(st.lists(st.sampled_from([True, False, None])))
def test_what_is_unknown_is_in_neither_number(kept):
    found = compliance(kept)
    assert (found.kept, found.judged) == (kept.count(True), len(kept) - kept.count(None))
    assert found.rate == (found.kept / found.judged if found.judged else None)


@pytest.mark.parametrize(
    ("last_local", "expected", "overdue_days"),
    [
        ("2026-06-13T10:00", Due.OVERDUE, 1 / 24),
        ("2026-06-10T11:00", Due.OVERDUE, 3.0),
        ("2026-06-13T11:00", Due.TODAY, 0.0),
        ("2026-06-13T23:59", Due.TODAY, 0.0),
        ("2026-06-14T00:00", Due.TOMORROW, 0.0),
        ("2026-06-14T23:59", Due.TOMORROW, 0.0),
        ("2026-06-15T00:00", Due.OK, 0.0),
    ],
)
def test_what_falls_due_is_told_by_local_days(last_local, expected, overdue_days):
    last = datetime.fromisoformat(last_local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    noonish = datetime(2026, 6, 20, 11, tzinfo=SHANGHAI).astimezone(UTC)
    found = deadline(last, 7.0, noonish, SHANGHAI, date(2026, 6, 20))
    assert found.due == expected
    assert found.overdue_days == pytest.approx(overdue_days)
    assert found.due_at == last + timedelta(days=7)


def test_at_the_end_of_a_past_day_nothing_is_due_on_it_any_more():
    end = datetime(2026, 6, 21, tzinfo=SHANGHAI)
    for hours, expected in ((-1, Due.OVERDUE), (0, Due.TOMORROW), (23, Due.TOMORROW), (24, Due.OK)):
        last = end - timedelta(days=7) + timedelta(hours=hours)
        assert deadline(last, 7.0, end, SHANGHAI, date(2026, 6, 20)).due == expected


def test_without_any_visit_there_is_no_deadline():
    found = deadline(None, 7.0, datetime(2026, 6, 20, tzinfo=UTC), SHANGHAI, date(2026, 6, 20))
    assert (found.due, found.due_on, found.overdue_days) == (Due.NEVER, None, None)

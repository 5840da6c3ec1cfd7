"""Times of a given order: as early back as can be, nothing waited for that need not be, and the misfits named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.planning.checking import check
from geoservice.domain.planning.problem import Problem, Reason, Rest, Round, Solution
from geoservice.domain.planning.schedule import Misfit, Timetable, time_round
from tests.domain.planning.grounds import HOUR, job, line_costs, problem, problems, shift


@settings(max_examples=30)
@given(problems(most_jobs=4), st.randoms(use_true_random=False))
def test_a_round_of_any_order_holds(asked: Problem, random) -> None:
    keys = [one.key for one in asked.jobs]
    random.shuffle(keys)
    timed = time_round(asked, asked.shifts[0].key, keys)
    if isinstance(timed, Round):
        bare = replace(asked, together=(), apart=(), locked={})
        assert check(bare, Solution((timed,), ())) == []


@settings(max_examples=30)
@given(problems(most_jobs=3))
def test_nobody_is_back_sooner_by_leaving_later_or_taking_the_break_elsewhere(asked: Problem) -> None:
    """Against a clock that goes in steps of five minutes and may do anything at each."""
    one, keys = asked.shifts[0], [each.key for each in asked.jobs]
    if None in (one.start, one.end):
        return
    timed = time_round(asked, one.key, keys)
    slow = _slow_back_s(asked, keys)
    if isinstance(timed, Round):
        assert slow is None or timed.back_s <= slow + 1e-6
    elif timed.reason in {Reason.NO_TIME, Reason.NO_WINDOW}:
        assert slow is None


def _slow_back_s(asked: Problem, keys: list[str]) -> float | None:
    """The earliest return when the break may begin before any leg or after it, at any whole five minutes."""
    one = asked.shifts[0]
    jobs = {each.key: each for each in asked.jobs}
    seconds = asked.costs[one.mode].seconds
    stops = [jobs[key] for key in keys]
    best: list[float] = []

    def go(at: int, now: float, place: int, rested: bool) -> None:
        if not rested:
            first, last = (int(limit) for limit in one.rest.within)
            for begins in filter(now.__le__, range(first, last + 1, 300)):
                go(at, begins + 60 * one.rest.minutes, place, True)
        if at < len(stops):
            serve(at, now + seconds[place, stops[at].place_in], rested)
        elif rested or now + seconds[place, one.end] <= one.rest.within[1]:
            best.append(now + seconds[place, one.end])

    def serve(at: int, there: float, rested: bool) -> None:
        spans = stops[at].windows.get(one.day, ((0, 1e9),))
        for begins in sorted(max(there, opens) for opens, closes in spans if max(there, opens) <= closes)[:1]:
            go(at + 1, begins + stops[at].service_s, stops[at].place_out, rested)

    go(0, one.hours[0], one.start, one.rest is None)
    back_s = min(best, default=np.inf)
    return back_s if back_s <= one.hours[1] else None


def test_it_leaves_as_late_as_it_can() -> None:
    asked = problem(
        [shift()], [job("a", 1, windows={0: ((10 * HOUR, 11 * HOUR),)}), job("b", 2)], line_costs(0, 600, 900)
    )
    timed = time_round(asked, "d0/T1", ["a", "b"])
    assert isinstance(timed, Round)
    assert (timed.leave_s, timed.wait_s) == (10 * HOUR - 600, 0)
    assert timed.back_s == pytest.approx(10 * HOUR + 600 + 300 + 600 + 900)


@pytest.mark.parametrize(
    ("change", "reason", "spoilt"),
    [
        ({"skills": frozenset("x")}, Reason.NO_SKILL, "a"),
        ({"days": frozenset([1])}, Reason.NO_TEAM, "a"),
        ({"pinned_to": "d0/T9"}, Reason.NO_TEAM, "a"),
        ({"windows": {0: ((0.0, 60.0),)}}, Reason.NO_WINDOW, "a"),
        ({"service_s": 4 * HOUR}, Reason.NO_TIME, None),
    ],
)
def test_a_misfit_names_its_job(change, reason, spoilt) -> None:
    asked = problem([shift()], [job("a", 1, **change), job("b", 2)], line_costs(0, 600, 900))
    misfit = time_round(asked, "d0/T1", ["b", "a"])
    assert isinstance(misfit, Misfit)
    assert (misfit.reason, misfit.job) == (reason, spoilt)


def test_too_long_by_so_many_minutes() -> None:
    asked = problem([shift(hours=(0, HOUR))], [job("a", 1, service_s=HOUR)], line_costs(0, 300))
    assert time_round(asked, "d0/T1", ["a"]) == Misfit(Reason.NO_TIME, None, {"minutes": 10})


def test_a_break_that_finds_no_place_is_what_is_missing() -> None:
    noon = Rest((12 * HOUR, 12.5 * HOUR), 45)
    asked = problem(
        [shift(hours=(8 * HOUR, 17 * HOUR), rest=noon)],
        [job("a", 1, service_s=2 * HOUR, windows={0: ((11.5 * HOUR, 11.6 * HOUR),)})],
        line_costs(0, 600),
    )
    assert time_round(asked, "d0/T1", ["a"]) == Misfit(Reason.NO_TIME, None, {"minutes": 45})


def test_the_break_is_taken_on_the_way_at_a_stop_or_at_home() -> None:
    noon = Rest((12 * HOUR, 12.5 * HOUR), 60)
    one = shift(hours=(8 * HOUR, 17 * HOUR), rest=noon)
    costs = line_costs(0, 1800, 3600)
    travelling = problem([one], [job("a", 2, service_s=2.9 * HOUR)], costs)
    assert Timetable(travelling).time(one.key, ["a"]).rest_at_s == 12 * HOUR
    waiting = problem([one], [job("a", 1, windows={0: ((14 * HOUR, 15 * HOUR),)})], costs)
    before = Timetable(waiting).time(one.key, ["a"])
    assert (before.rest_at_s, before.leave_s) == (None, 13.5 * HOUR)
    short = problem([one], [job("a", 1)], costs)
    assert Timetable(short).time(one.key, ["a"]).rest_at_s is None


def test_a_break_before_the_shift_begins_is_none() -> None:
    late = shift(hours=(14 * HOUR, 20 * HOUR), rest=Rest((11 * HOUR, 13 * HOUR), 60))
    asked = problem([late], [job("a", 1, service_s=4 * HOUR)], line_costs(0, 600))
    timed = time_round(asked, late.key, ["a"])
    assert isinstance(timed, Round)
    assert check(asked, Solution((timed,), ())) == []

"""Plans that hold: checked by an independent look, against every possibility where there are few, reasons that are true."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings

from geoservice.domain.planning.checking import check
from geoservice.domain.planning.problem import Problem, Reason, Rest, Round
from geoservice.domain.planning.schedule import Timetable
from geoservice.domain.planning.solving import plan_patrols
from geoservice.domain.ways import Costs
from tests.domain.planning.grounds import HOUR, job, line_costs, problem, problems, shift

STEPS = 150


def plan(asked: Problem):
    solution = plan_patrols(asked, iterations=STEPS)
    assert check(asked, solution) == []
    return solution


@settings(max_examples=24)
@given(problems())
def test_every_plan_holds_and_locked_rounds_stay(asked: Problem) -> None:
    solution = plan(asked)
    rounds = {one.shift: [visit.job for visit in one.visits] for one in solution.rounds}
    timetable = Timetable(asked)
    for key, order in asked.locked.items():
        if isinstance(timetable.time(key, order), Round):
            assert rounds.get(key, []) == list(order)


@settings(max_examples=24)
@given(problems(plain=True, most_jobs=4) | problems(most_jobs=3).map(lambda drawn: _by_itself(drawn)))
def test_the_most_weight_there_can_be_is_served(asked: Problem) -> None:
    served = plan(asked).served
    weight = {one.key: one.weight for one in asked.jobs}
    assert sum(weight[key] for key in served) == pytest.approx(_most_weight(asked))


def _by_itself(asked: Problem) -> Problem:
    """The problem with its days, breaks and zones, but nothing that binds jobs to each other or to a shift."""
    jobs = tuple(replace(one, pinned_to=None) for one in asked.jobs)
    return replace(asked, jobs=jobs, locked={}, together=(), apart=())


def _most_weight(asked: Problem) -> float:
    """Try every job in every shift or in none, in every order."""
    timetable = Timetable(asked)
    weight = {one.key: one.weight for one in asked.jobs}
    usable = [one.key for one in asked.shifts]

    def fits(shift_key: str, keys: list[str]) -> bool:
        rounds = (timetable.time(shift_key, order) for order in permutations(keys))
        return not keys or any(isinstance(one, Round) for one in rounds)

    best = 0.0
    for given_to in product([None, *usable], repeat=len(weight)):
        told = dict(zip(weight, given_to, strict=True))
        total = sum(weight[key] for key, to in told.items() if to is not None)
        if total > best and all(fits(to, [key for key in told if told[key] == to]) for to in usable):
            best = total
    return best


@settings(max_examples=9)
@given(problems())
def test_reasons_are_true(asked: Problem) -> None:
    """Whoever takes the cause away gets the job done, or learns of another cause behind it."""
    for left in {one.reason: one for one in plan(asked).left_out}.values():
        cured = plan(_CURES[left.reason](asked, left.job))
        assert left.job in cured.served or left.reason not in {one.reason for one in cured.left_out}
        if left.reason in {Reason.NO_TIME, Reason.NO_WINDOW, Reason.UNREACHABLE}:
            assert left.job in cured.served


def _alone(asked: Problem, key: str, **change) -> Problem:
    """The problem with that job only, and nothing that others want."""
    only = tuple(replace(one, **change) for one in asked.jobs if one.key == key)
    return replace(asked, jobs=only, together=(), apart=(), locked={})


def _near(asked: Problem, key: str) -> Problem:
    """Ways everywhere, and all day."""
    costs = {
        mode: Costs(np.zeros_like(one.seconds), np.zeros_like(one.metres))
        for mode, one in asked.costs.items()
    }
    shifts = tuple(replace(one, hours=(0, 24 * HOUR), rest=None) for one in asked.shifts)
    return replace(_alone(asked, key, windows={}), costs=costs, shifts=shifts)


def _skilled(asked: Problem, key: str) -> Problem:
    shifts = tuple(replace(one, skills=frozenset("ab")) for one in asked.shifts)
    return replace(_alone(asked, key), shifts=shifts)


def _staffed(asked: Problem, key: str) -> Problem:
    """Every shift has a depot and goes anywhere on any day the job may be done."""
    days = sorted(next(one.days for one in asked.jobs if one.key == key))
    shifts = tuple(
        replace(one, key=f"{one.key}+{day}", day=day, start=0, end=0, zone_ids=None)
        for one in asked.shifts
        for day in days
    )
    return replace(_alone(asked, key, pinned_to=None), shifts=shifts)


_CURES = {
    Reason.NO_TIME: _alone,
    Reason.NO_WINDOW: lambda asked, key: _alone(asked, key, windows={}),
    Reason.UNREACHABLE: _near,
    Reason.NO_SKILL: _skilled,
    Reason.NO_TEAM: _staffed,
    Reason.TOGETHER: _alone,
    Reason.APART: _alone,
}


def test_the_minutes_that_are_missing_are_enough() -> None:
    asked = problem(
        [shift(hours=(0, 3000))], [job("a", 1, weight=2.0), job("b", 2)], line_costs(0, 500, 1200)
    )
    left = plan(asked).left_out[0]
    assert (left.job, left.reason, left.values["shift"]) == ("b", Reason.NO_TIME, "d0/T1")
    longer = replace(asked, shifts=(shift(hours=(0, 3000 + 60 * left.values["minutes"])),))
    assert plan(longer).served == {"a", "b"}
    shorter = replace(asked, shifts=(shift(hours=(0, 3000 + 60 * (left.values["minutes"] - 1))),))
    assert plan(shorter).served != {"a", "b"}


def test_impossible_parts_never_spoil_the_rest() -> None:
    costs = line_costs(0, 500, 600, 700)
    costs.seconds[3, :3] = costs.seconds[:3, 3] = costs.metres[3, :3] = costs.metres[:3, 3] = np.inf
    asked = problem(
        [
            shift("d0/T1"),
            shift("d0/T2", start=None, skills=frozenset({"boat"})),
            shift("d0/T3", start=3, end=3),
        ],
        [
            job("fine", 1),
            job("island", 2, place_out=3),
            job("at night", 1, windows={0: ((1 * HOUR, 2 * HOUR),)}),
            job("by boat", 2, skills=frozenset({"boat"})),
            job("tomorrow", 2, days=frozenset([1])),
            job("endless", 1, service_s=9 * HOUR),
        ],
        costs,
    )
    solution = plan(asked)
    assert solution.served == {"fine"}
    assert {one.job: one.reason for one in solution.left_out} == {
        "island": Reason.UNREACHABLE,
        "at night": Reason.NO_WINDOW,
        "by boat": Reason.NO_SKILL,
        "tomorrow": Reason.NO_TEAM,
        "endless": Reason.UNREACHABLE,
    }


def test_several_openings_and_the_break_are_kept() -> None:
    noon = Rest((11 * HOUR, 12 * HOUR), 60)
    open_late = {0: ((8 * HOUR, 8.25 * HOUR), (13 * HOUR, 13.5 * HOUR))}
    asked = problem(
        [shift(hours=(8 * HOUR, 14 * HOUR), rest=noon)],
        [
            job("long", 1, service_s=3 * HOUR, windows={0: ((8 * HOUR, 8.2 * HOUR),)}),
            job("twice", 2, windows=open_late),
        ],
        line_costs(0, 600, 900),
    )
    solution = plan(asked)
    assert solution.served == {"long", "twice"}
    assert 11 * HOUR <= solution.rounds[0].rest_at_s <= 12 * HOUR


@pytest.mark.parametrize(
    "spans", [((36000.2, 36000.8),), ((3e4, 1e9),), ((4e4, 4.1e4), (3e4, 4e4), (3.2e4, 3.3e4))]
)
def test_odd_openings_are_kept_too(spans) -> None:
    asked = problem([shift()], [job("odd", 1, windows={0: spans}), job("b", 2)], line_costs(0, 600, 900))
    assert plan(asked).served == {"odd", "b"}


def test_together_and_apart() -> None:
    costs = line_costs(0, 1000, 1100, -1000, -1100)
    jobs = [job(key, place) for key, place in zip("abcd", (1, 2, 3, 4), strict=True)]
    shifts = [shift("d0/T1"), shift("d0/T2")]
    asked = problem(
        shifts, jobs, costs, together=(frozenset("ac"),), apart=(frozenset("ab"), frozenset("cd"))
    )
    assert plan(asked).served == set("abcd")
    alone = problem(shifts[:1], jobs[:2], costs, apart=(frozenset("ab"),))
    assert [one.reason for one in plan(alone).left_out] == [Reason.APART]
    lame = problem(
        shifts[:1], [jobs[0], replace(jobs[1], skills=frozenset({"x"}))], costs, together=(frozenset("ab"),)
    )
    assert {one.job: one.reason for one in plan(lame).left_out} == {
        "a": Reason.TOGETHER,
        "b": Reason.NO_SKILL,
    }


def test_load_is_balanced_where_it_can_be() -> None:
    """Everything on one side: the shortest way would send one team, an even load sends both."""
    jobs = [job(f"{index}", 1 + index) for index in range(8)]
    shifts = [shift("d0/T1"), shift("d0/T2")]
    asked = problem(shifts, jobs, line_costs(0, *(500 + 10 * index for index in range(8))))
    solution = plan(asked)
    lengths = [one.back_s - one.leave_s for one in solution.rounds]
    assert len(solution.served) == 8
    assert max(lengths) <= 1.15 * sum(lengths) / 2


def test_a_job_stays_with_yesterdays_team_and_a_pinned_one_with_its_shift() -> None:
    costs = line_costs(0, 800, -900, 10)
    jobs = [job("a", 1), job("b", 2), job("c", 3, weight=0.1, pinned_to="d0/T1", service_s=3 * HOUR)]
    shifts = [shift("d0/T1"), shift("d0/T2"), shift("d0/T3")]
    kept = problem(shifts, jobs, costs, previous={"a": "T2", "b": "T3"}, longest_over_mean=9.0)
    shift_of = {visit.job: one.shift for one in plan(kept).rounds for visit in one.visits}
    assert shift_of == {"a": "d0/T2", "b": "d0/T3", "c": "d0/T1"}


def test_the_same_seed_gives_the_same_plan() -> None:
    rng = np.random.default_rng(3)
    costs = line_costs(*rng.uniform(0, 9000, 31))
    asked = problem([shift(f"d0/T{n}") for n in range(3)], [job(f"{n}", n + 1) for n in range(30)], costs)
    assert plan_patrols(asked, iterations=STEPS, seed=4) == plan_patrols(asked, iterations=STEPS, seed=4)


def test_stopped_at_once_the_best_so_far_is_a_plan() -> None:
    rng = np.random.default_rng(3)
    asked = problem(
        [shift(f"d0/T{n}") for n in range(3)],
        [job(f"{n}", n + 1) for n in range(30)],
        line_costs(*rng.uniform(0, 9000, 31)),
    )
    told = []
    solution = plan_patrols(asked, seconds=60, stop=lambda: True, progress=told.append)
    assert check(asked, solution) == []
    assert solution.served
    assert told
    assert 0 <= told[-1].share <= 0.1

"""Room that is left in rounds: the best place is found without timing every other one."""

from __future__ import annotations

from hypothesis import given

from geoservice.domain.planning.feasible import Orders, survey
from geoservice.domain.planning.mend import best_place, places
from tests.domain.planning.grounds import problems


@given(problems())
def test_the_best_place_is_the_least_of_all(problem):
    ground = survey(problem)
    orders: Orders = {}
    for job in problem.jobs:
        able = sorted(ground.allowed.get(job.key, ()))
        best = best_place(ground, orders, job, able)
        assert best == min(places(ground, orders, job, able), default=None)
        if best is not None:
            orders.setdefault(best.shift, []).insert(best.at, job.key)

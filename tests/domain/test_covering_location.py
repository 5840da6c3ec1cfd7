"""Choosing sites: never worse than trying everything, and the optima that others proved."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geoservice.domain import covering_location as subject
from geoservice.domain.covering_location import (
    Problem,
    add_greedily,
    choose_sites,
    covered_by,
    reduce_problem,
)
from scripts.bench.mclp import OPTIMA, read_instance

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "mclp"


@st.composite
def problems(draw, shares=False):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sites, demands = int(rng.integers(1, 8)), int(rng.integers(1, 12))
    coverage = (rng.random((sites, demands)) < rng.uniform(0.1, 0.6)).astype(float)
    if shares:
        coverage *= rng.integers(1, 5, coverage.shape) / 4
    return Problem(
        weight=rng.integers(0, 20, demands).astype(float),
        coverage=sparse.csr_array(coverage),
        cost=rng.integers(1, 5, sites).astype(float) if rng.random() < 0.5 else np.ones(sites),
        budget=float(rng.integers(0, 8)),
        covered=rng.random(demands) < 0.2 if rng.random() < 0.5 else None,
    )


def best_of_all(problem: Problem) -> tuple[float, float]:
    """The most weight within the budget and the least it can cost, by trying every choice."""
    best = (0.0, 0.0)
    for count in range(len(problem.cost) + 1):
        for sites in itertools.combinations(range(len(problem.cost)), count):
            cost = float(problem.cost[list(sites)].sum())
            if cost <= problem.budget:
                best = max(best, (covered_by(problem, np.array(sites, dtype=np.intp)), -cost))
    return best[0], -best[1]


@given(st.one_of(problems(), problems(shares=True)))
@settings(max_examples=15, deadline=None)
def test_no_other_choice_covers_more_and_none_that_covers_as_much_costs_less(problem):
    found = choose_sites(problem, 10)
    weight, cost = best_of_all(problem)
    assert found.is_optimal
    assert found.covered == pytest.approx(weight) == pytest.approx(found.bound)
    assert covered_by(problem, found.sites) == pytest.approx(weight)
    assert problem.cost[found.sites].sum() == pytest.approx(cost)


@given(problems())
@settings(max_examples=9, deadline=None)
def test_more_budget_never_covers_less_and_greed_never_more(problem):
    covered = [
        choose_sites(Problem(problem.weight, problem.coverage, problem.cost, budget), 10).covered
        for budget in (0.0, 1.0, 3.0, 6.0, 40.0)
    ]
    assert covered == sorted(covered)
    greedy = add_greedily(problem)
    assert problem.cost[greedy].sum() <= problem.budget
    assert covered_by(problem, greedy) <= choose_sites(problem, 10).covered + 1e-9


def test_demand_seen_alike_becomes_one_and_sites_another_makes_needless_go():
    coverage = sparse.csr_array(
        np.array([[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0.0]])
    )
    problem = Problem(np.array([1.0, 2, 4, 8]), coverage, np.array([2.0, 2, 1, 2, 1]), 3)
    small, sites = reduce_problem(problem)
    assert sites.tolist() == [0, 4]  # 1 is inside 0, 2 sees nothing, 3 is 0 again; 4 is cheaper than 0
    assert small.coverage.toarray().tolist() == [[1, 1], [0, 1]]
    assert small.weight.tolist() == [3, 4]


def test_out_of_time_the_answer_is_the_greedy_one_with_an_honest_bound(monkeypatch):
    rng = np.random.default_rng(1)
    problem = Problem(
        rng.integers(1, 50, 400).astype(float),
        sparse.csr_array((rng.random((120, 400)) < 0.04).astype(float)),
        rng.integers(1, 9, 120).astype(float),
        40,
    )

    class NoTime:
        x, status = None, 1

    best = choose_sites(problem, 60)
    monkeypatch.setattr(subject, "linprog", lambda *_args, **_options: NoTime)
    found = choose_sites(problem, 60)
    assert best.is_optimal
    assert found.by_greedy
    assert not found.is_optimal
    assert covered_by(problem, add_greedily(problem)) == pytest.approx(found.covered)
    assert found.covered <= best.covered <= found.bound


@pytest.mark.parametrize(("nodes", "posts"), [(324, 3), (402, 4), (500, 5), (500, 8)])
def test_published_instances_reach_their_proven_optimum(nodes, posts):
    file = DATA / f"SJC{nodes}.txt"
    if not file.is_file():
        pytest.skip(f"{file} is not there: the published instances lie beside the checkout, not in it")
    weight, coverage = read_instance(file)
    found = choose_sites(Problem(weight, coverage, np.ones(nodes), posts), 10)
    assert found.is_optimal
    assert found.covered == OPTIMA[nodes][posts - 1]
    assert len(found.sites) == posts
    assert found.seconds <= 10

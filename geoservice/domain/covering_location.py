"""Where to look from: the sites that see most weighted demand within a budget, with a proof of how good they are.

The maximal covering location problem (Church and ReVelle, "The maximal covering location problem", Papers of the Regional
Science Association 32, 1974), solved as a mixed integer programme by HiGHS:

    maximise  Σ weight[j] y[j]   where   y[j] <= Σ coverage[i, j] x[i],   Σ cost[i] x[i] <= budget,
              x[i] in {0, 1},   0 <= y[j] <= 1.

With x whole, the best y are whole by themselves (where coverages are), so only the sites are branched upon.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.optimize import OptimizeResult

# The objective is scaled so that all demand together weighs this much. HiGHS tells solutions apart from 1e-6 on.
_SCALED_TOTAL = 1e6
# What the costs of any affordable choice may take off the scaled objective: it decides between equal coverage only.
_COST_SHARE = 0.5
_PROVEN = 0  # of HiGHS' answers: optimal
# Shares nearer to 0 or 1 than this are whole; objectives nearer to each other than this are alike.
_WHOLE = 1e-7
_SLACK = 1e-3


@dataclass(frozen=True)
class Problem:
    """Demand `weight` (d,) ≥ 0, `coverage` (s, d) sparse, `cost` (s,) ≥ 0, and what the chosen sites may cost together.

    A coverage is 1, or the share of a demand that a site sees: then what several see adds up to at most the whole, which
    is never less than what they truly see together. `covered` (d,): seen already, worth nothing more.
    """

    weight: NDArray[np.float64]
    coverage: sparse.csr_array
    cost: NDArray[np.float64]
    budget: float
    covered: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Choice:
    """The chosen sites (sorted), the weight they cover, and that no choice within the budget covers more than `bound`.

    `is_optimal`: proven. `by_greedy`: time ran out before the solver had anything better.
    """

    sites: NDArray[np.intp]
    covered: float
    bound: float
    is_optimal: bool
    by_greedy: bool
    seconds: float


def choose_sites(problem: Problem, time_limit_s: float) -> Choice:
    """Return the best sites; among equal coverage the cheapest, which with costs of 1 are the fewest.

    Coverages within 5e-7 of the total weight count as equal: the cost term is at most 0.5 where all demand weighs 1e6.
    Whole weights of less than two million together differ by more, so their optimum is never touched.
    """
    began = time.monotonic()
    small, sites = reduce_problem(problem)
    if len(sites) == 0:
        return Choice(sites, 0.0, 0.0, True, False, time.monotonic() - began)
    programme = _Programme.of(small)
    known = add_greedily(small)
    relaxed = programme.relax(_rest(began, time_limit_s))
    bound, found, is_optimal = programme.everything, None, False
    if relaxed.status == _PROVEN:
        known = _better(programme, known, _greedy_among(small, relaxed.x[: len(sites)] > _WHOLE))
        found, bound, is_optimal = _branch(programme, relaxed, known, _rest(began, time_limit_s))
    by_greedy = found is None or programme.value(known) < programme.value(found)
    chosen = known if found is None or by_greedy else found
    covered = covered_by(small, chosen)
    return Choice(
        sites=np.sort(sites[chosen]),
        covered=covered,
        bound=covered if is_optimal else max(covered, programme.weight_of(bound)),
        is_optimal=is_optimal,
        by_greedy=by_greedy and not is_optimal,
        seconds=time.monotonic() - began,
    )


def _rest(began: float, time_limit_s: float) -> float:
    return max(time_limit_s - (time.monotonic() - began), 0.01)


def covered_by(problem: Problem, sites: NDArray[np.intp]) -> float:
    """Return the weight that these sites cover together."""
    seen = np.minimum(problem.coverage[sites].sum(axis=0), 1.0)
    if problem.covered is not None:
        seen = np.where(problem.covered, 0.0, seen)
    return float(seen @ problem.weight)


def add_greedily(problem: Problem) -> NDArray[np.intp]:
    """Return what adding the site with the most new weight for its cost, again and again, ends with.

    The classic "greedy adding" of Church and ReVelle where all costs are alike.
    """
    left = problem.weight.copy()
    if problem.covered is not None:
        left[problem.covered] = 0.0
    rest = np.ones(len(left))
    spent = 0.0
    chosen: list[int] = []
    open_sites = np.ones(len(problem.cost), dtype=bool)
    while True:
        open_sites &= spent + problem.cost <= problem.budget * (1 + 1e-12)
        gain = np.where(open_sites, _gains(problem.coverage, left, rest), 0.0)
        best = int(np.argmax(gain / np.maximum(problem.cost, 1e-12))) if len(gain) else 0
        if not len(gain) or gain[best] <= 0:
            return np.sort(np.array(chosen, dtype=np.intp))
        chosen.append(best)
        open_sites[best] = False
        spent += problem.cost[best]
        row = problem.coverage[[best]]
        rest[row.indices] = np.maximum(rest[row.indices] - row.data, 0.0)


def _gains(
    coverage: sparse.csr_array, weight: NDArray[np.float64], rest: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (s,) what each site would add, where `rest` (d,) of every demand is still unseen."""
    new = np.minimum(coverage.data, rest[coverage.indices]) * weight[coverage.indices]
    ends = np.concatenate(([0.0], np.cumsum(new)))[coverage.indptr]
    return np.diff(ends)


def reduce_problem(problem: Problem) -> tuple[Problem, NDArray[np.intp]]:
    """Return a smaller problem with the same best coverage, and the numbers its sites had.

    Demand that nobody can see, or that is seen already, goes; demand that the same sites see alike becomes one; sites
    that see nothing, cost more than the budget, or see no more than another for no less, go.
    """
    weight = problem.weight if problem.covered is None else np.where(problem.covered, 0.0, problem.weight)
    affordable = np.flatnonzero(problem.cost <= problem.budget)
    coverage = sparse.csr_array(problem.coverage)[affordable]
    small = replace(problem, weight=weight, coverage=coverage, cost=problem.cost[affordable], covered=None)
    small = _merge_demand(small)
    keep = ~_dominated(small.coverage, small.cost)
    sites = affordable[keep]
    return _merge_demand(replace(small, coverage=small.coverage[keep], cost=small.cost[keep])), sites


def _merge_demand(problem: Problem) -> Problem:
    columns = sparse.csc_array(problem.coverage)
    columns.eliminate_zeros()
    columns.sort_indices()
    groups: dict[bytes, int] = {}
    owner = np.full(columns.shape[1], -1, np.int64)
    useful = np.flatnonzero((np.diff(columns.indptr) > 0) & (problem.weight > 0))
    for demand in useful.tolist():
        part = slice(columns.indptr[demand], columns.indptr[demand + 1])
        seen_by = columns.indices[part].tobytes() + columns.data[part].tobytes()
        owner[demand] = groups.setdefault(seen_by, len(groups))
    first = useful[np.unique(owner[useful], return_index=True)[1]]
    return replace(
        problem,
        weight=np.bincount(owner[useful], weights=problem.weight[useful], minlength=len(groups)).astype(
            np.float64
        ),
        coverage=sparse.csr_array(columns[:, first]),
    )


def _dominated(coverage: sparse.csr_array, cost: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which sites (s,) see nothing, or nothing that another site, which costs no more, does not see the whole of.

    Beside such a site they add nothing, and without it that site serves better. Of two that are alike the first stays.
    """
    size = np.diff(coverage.indptr)
    is_whole = coverage.data >= 1.0
    any_of, all_of = (
        sparse.csr_array((ones.astype(np.int32), coverage.indices, coverage.indptr), coverage.shape)
        for ones in (np.ones(coverage.nnz), is_whole)
    )
    shared = sparse.coo_array(any_of @ all_of.T)
    low, high = shared.coords
    is_inside = (shared.data == size[low]) & (low != high) & (cost[high] <= cost[low])
    low, high = low[is_inside], high[is_inside]
    sees_whole = all_of.sum(axis=1) == size
    is_twin = (size[low] == size[high]) & (cost[low] == cost[high]) & sees_whole[low]
    gone: NDArray[np.bool_] = size == 0
    gone[low[~is_twin | (high < low)]] = True
    return gone


def _greedy_among(problem: Problem, is_open: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return what greedy adding finds among some sites only, by their numbers among all."""
    among = np.flatnonzero(is_open)
    part = replace(problem, coverage=problem.coverage[among], cost=problem.cost[among])
    return among[add_greedily(part)]


def _better(programme: _Programme, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.intp]:
    return one if programme.value(one) <= programme.value(other) else other


@dataclass(frozen=True)
class _Programme:
    """The problem as HiGHS is given it, to be minimised: columns are the sites, then the demands."""

    problem: Problem
    objective: NDArray[np.float64]
    see: sparse.csr_array
    pay: sparse.csr_array
    scale: float

    @classmethod
    def of(cls, problem: Problem) -> _Programme:
        sites, demands = problem.coverage.shape
        scale = _SCALED_TOTAL / problem.weight.sum()
        price = _COST_SHARE * problem.cost / problem.budget if problem.budget > 0 else np.zeros(sites)
        return cls(
            problem,
            np.concatenate([price, -problem.weight * scale]),
            sparse.csr_array(sparse.hstack([-problem.coverage.T, sparse.eye_array(demands)])),
            sparse.csr_array(np.concatenate([problem.cost, np.zeros(demands)])[None, :]),
            scale,
        )

    @property
    def everything(self) -> float:
        """The objective no choice can fall below: all demand, at no cost."""
        return -covered_by(self.problem, np.arange(len(self.problem.cost))) * self.scale

    def value(self, sites: NDArray[np.intp]) -> float:
        """Return the objective of a choice."""
        return float(self.objective[sites].sum() - covered_by(self.problem, sites) * self.scale)

    def weight_of(self, objective: float) -> float:
        """Return the most weight that goes with an objective of at least this."""
        return (_COST_SHARE - max(objective, self.everything - _COST_SHARE)) / self.scale

    def relax(self, time_limit_s: float) -> OptimizeResult:
        """Solve it with shares of sites allowed."""
        rows = sparse.vstack([self.see, self.pay])
        limits = np.concatenate([np.zeros(self.see.shape[0]), [self.problem.budget]])
        return linprog(
            self.objective, rows, limits, bounds=(0, 1), method="highs", options={"time_limit": time_limit_s}
        )

    def branch(self, is_open: NDArray[np.bool_], time_limit_s: float) -> OptimizeResult:
        """Solve it with whole sites, those that are not open left out."""
        sites, demands = self.problem.coverage.shape
        return milp(
            self.objective,
            integrality=np.concatenate([np.ones(sites), np.zeros(demands)]),
            bounds=Bounds(0, np.concatenate([is_open.astype(float), np.ones(demands)])),
            constraints=[
                LinearConstraint(self.see, -np.inf, 0),
                LinearConstraint(self.pay, -np.inf, self.problem.budget),
            ],
            options={"time_limit": time_limit_s, "mip_rel_gap": 0},
        )


def _branch(
    programme: _Programme, relaxed: OptimizeResult, known: NDArray[np.intp], time_limit_s: float
) -> tuple[NDArray[np.intp] | None, float, bool]:
    """Return the whole sites found, the objective no choice falls below, and whether that is proven to be theirs.

    Where shares are whole already, that is the answer. Else sites go whose use alone would cost the relaxed objective
    more than the known choice does worse (reduced costs): no better choice has them.
    """
    sites = len(programme.problem.cost)
    share = relaxed.x[:sites]
    if np.abs(share - np.round(share)).max() < _WHOLE:
        return np.flatnonzero(share > 0.5), relaxed.fun, True
    is_open = relaxed.fun + relaxed.lower.marginals[:sites] <= programme.value(known) + _SLACK
    is_open[known] = True
    result = programme.branch(is_open, time_limit_s)
    found = None if result.x is None else np.flatnonzero(result.x[:sites] > 0.5)
    dual = result.mip_dual_bound
    bound = relaxed.fun if dual is None or not np.isfinite(dual) else max(relaxed.fun, dual)
    return found, min(bound, programme.value(known)), result.status == _PROVEN

"""A problem solved: what is impossible named, the rest given to VROOM and PyVRP, their orders made rounds, the rest explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from geoservice.domain.planning.balance import Load, load_of
from geoservice.domain.planning.by_pyvrp import build, search
from geoservice.domain.planning.by_vroom import order_by_vroom
from geoservice.domain.planning.explain import explain
from geoservice.domain.planning.feasible import Ground, Orders, survey
from geoservice.domain.planning.groups import keep_apart, settle_together
from geoservice.domain.planning.mend import mended
from geoservice.domain.planning.problem import Problem, Round, Solution
from geoservice.domain.planning.stops import extra_of
from geoservice.domain.planning.watch import Progress, Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyvrp

# Shares of the time: a first plan by VROOM, PyVRP from there, then an even load unless it has one; the rest explains.
FIRST, SEARCH, EVEN = 0.12, 0.5, 0.95
THREADS: Final = 2
# VROOM always has a limit; where iterations are counted it is one that is never reached by what they are counted for.
AMPLE_S: Final = 60.0
ROUNDS_OF_BALANCE: Final = 3
# Aimed a little below the limit, since the mean moves too.
AIM: Final = 0.96


class Candidate(NamedTuple):
    """A plan that holds, with what it is measured by."""

    orders: Orders
    rounds: tuple[Round, ...]
    value: float
    load: Load
    cost_s: float


def plan_patrols(
    problem: Problem,
    *,
    seconds: float = 20.0,
    seed: int = 1,
    iterations: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Solution:
    """Plan the patrols within so many seconds; the best plan so far when `stop` says so.

    With `iterations` the solvers run so many steps instead, and the same problem and seed give the same solution.
    """
    watch = Watch(seconds, iterations, progress, stop)
    ground = survey(problem)
    best = _measured(ground, {})
    if ground.shifts and any(ground.allowed.values()):
        best = _better(ground, best, _first(ground, watch))
        settled = settle_together(ground, best.orders)
        best = _searched(settled, best, watch, seed)
        best = _evened(settled, best, watch, seed)
        best = _better(ground, best, _measured(ground, mended(ground, best.orders)))
    return _solution(ground, best)


def _first(ground: Ground, watch: Watch) -> Candidate:
    """The plan VROOM finds in a short time, or at least what fits one by one."""
    orders: Orders = {}
    if not watch.is_over():
        counted = watch.iterations is not None
        limit_s = AMPLE_S if counted else watch.left_s(FIRST)
        orders = order_by_vroom(ground, seconds=limit_s, threads=1 if counted else THREADS)
    found = _measured(ground, mended(ground, orders))
    _note(ground, watch, found.orders)
    return found


def _searched(ground: Ground, best: Candidate, watch: Watch, seed: int) -> Candidate:
    """Search on from the best plan; where jobs met that must not, once more with them barred from each other's shift."""
    if ground.problem.apart:
        orders = _search(ground, best, Turn(watch, SEARCH / 2, SEARCH / 2, seed))
        best = _with(ground, best, watch, orders)
        ground = keep_apart(ground, orders)
    return _with(ground, best, watch, _search(ground, best, Turn(watch, SEARCH, EVEN, seed)))


def _evened(ground: Ground, best: Candidate, watch: Watch, seed: int) -> Candidate:
    """Use the rest of the time to even the load, or, where it is even enough, to search on."""
    for attempt in range(1, ROUNDS_OF_BALANCE + 1):
        if watch.is_over(EVEN):
            break
        uneven = _over_limit(ground, best) > 0
        share = SEARCH + (EVEN - SEARCH) * attempt / ROUNDS_OF_BALANCE if uneven else EVEN
        balanced_s = AIM * ground.problem.longest_over_mean * best.load.mean_s if uneven else None
        orders = _search(ground, best, Turn(watch, share, EVEN, seed + attempt), balanced_s)
        best = _with(ground, best, watch, orders)
        if not uneven:
            break
    return best


class Turn(NamedTuple):
    """A search's share of the time; when it has an even load it may go on until `even_share`."""

    watch: Watch
    share: float
    even_share: float
    seed: int


def _search(ground: Ground, best: Candidate, turn: Turn, balanced_s: float | None = None) -> Orders:
    """Return the orders PyVRP finds from the best plan until its share of the time is used up."""
    watch = turn.watch
    model = None if watch.is_over(turn.share) else build(ground, balanced_s=balanced_s)
    if model is None:
        return best.orders
    phase = watch.phase(turn.share, len(model.job_of))

    def take(solution: pyvrp.Solution) -> None:
        lengths = [route.duration() for route in solution.routes()]
        even = load_of(ground, lengths).unevenness <= ground.problem.longest_over_mean
        phase.better(turn.even_share if even else turn.share)
        _note(ground, watch, model.orders(solution))

    start = model.solution(best.orders) if best.orders else None
    found = search(model.problem, phase.is_over, seed=turn.seed, start=start, on_best=take)
    return model.orders(found) if found.is_feasible() else best.orders


def _with(ground: Ground, best: Candidate, watch: Watch, orders: Orders) -> Candidate:
    """Return the better of the best plan and these orders once they are made to hold."""
    if orders is best.orders:
        return best
    found = _measured(ground, mended(ground, orders))
    _note(ground, watch, found.orders)
    return _better(ground, best, found)


def _measured(ground: Ground, orders: Orders) -> Candidate:
    timetable = ground.timetable
    rounds = tuple(
        timed for key, jobs in orders.items() if isinstance(timed := timetable.time(key, jobs), Round)
    )
    value = sum(ground.value(visit.job) for one in rounds for visit in one.visits)
    extra_s = sum(
        extra_of(ground.problem, timetable.shifts[one.shift], timetable.jobs[visit.job])
        for one in rounds
        for visit in one.visits
    )
    return Candidate(
        orders,
        rounds,
        value,
        load_of(ground, [one.back_s - one.leave_s for one in rounds]),
        sum(one.travel_s for one in rounds) + extra_s,
    )


def _over_limit(ground: Ground, candidate: Candidate) -> float:
    return max(0.0, candidate.load.unevenness - ground.problem.longest_over_mean)


def _better(ground: Ground, one: Candidate, other: Candidate) -> Candidate:
    """Return what serves more weight; of the same the more even one, as far as it is not even enough; then the shorter."""
    same = abs(other.value - one.value) <= 1e-9 * max(1.0, one.value)
    if not same:
        return other if other.value > one.value else one
    ours = (_over_limit(ground, one), one.cost_s)
    return other if (_over_limit(ground, other), other.cost_s) < ours else one


def _note(ground: Ground, watch: Watch, orders: Orders) -> None:
    jobs = [ground.timetable.jobs[key] for keys in orders.values() for key in keys]
    watch.note(len(jobs), sum(job.weight for job in jobs))


def _solution(ground: Ground, best: Candidate) -> Solution:
    by_shift = {one.shift: one for one in (*ground.locked, *best.rounds)}
    rounds = tuple(by_shift[shift.key] for shift in ground.problem.shifts if shift.key in by_shift)
    return Solution(rounds, tuple(explain(ground, best.orders)))

"""The ground given to PyVRP: every job a client with a prize, or one for each opening of which at most one is visited."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyvrp
from pyvrp import (
    Client,
    ClientGroup,
    Depot,
    IteratedLocalSearchParams,
    Location,
    ProblemData,
    Route,
    SolveParams,
    VehicleType,
)
from pyvrp.IteratedLocalSearch import IteratedLocalSearchCallbacks
from pyvrp.search import NeighbourhoodParams, PerturbationParams

from geoservice.domain.planning.problem import Rest, Round
from geoservice.domain.planning.stops import (
    ALL_DAY,
    NO_WAY_S,
    Stops,
    due_rest,
    lay_stops,
    on_axis,
    usual_rests,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from geoservice.domain.planning.feasible import Ground, Orders
    from geoservice.domain.planning.problem import Shift, Span

# A second beyond the balanced length of a shift costs as much as so many seconds of way.
OVERTIME: Final = 10
# Prizes stay below this, so that sums of thousands are exact; where no way leads costs more than any prize.
DEAREST: Final = 10**10
NO_WAY_COST: Final = 10**12


@dataclass(frozen=True)
class Model:
    """PyVRP's own problem, and which job each of its clients stands for, and when that one opens."""

    ground: Ground
    problem: ProblemData
    job_of: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    clients_of: Mapping[str, tuple[int, ...]]

    def orders(self, solution: pyvrp.Solution) -> Orders:
        """Return a solution of PyVRP's as orders."""
        return {
            self.ground.shifts[route.vehicle_type()].key: [
                self.job_of[step.idx] for step in route.schedule() if step.is_client()
            ]
            for route in solution.routes()
        }

    def solution(self, orders: Orders) -> pyvrp.Solution:
        """Return orders as a solution to start from; of several openings the one in which the job is done."""
        routes = []
        for number, shift in enumerate(self.ground.shifts):
            able = [key for key in orders.get(shift.key, []) if shift.key in self.ground.allowed.get(key, ())]
            timed = self.ground.timetable.time(shift.key, able)
            if able and isinstance(timed, Round):
                visits = [
                    self._client(visit.job, on_axis(shift.day, visit.begin_s)) for visit in timed.visits
                ]
                routes.append(Route(self.problem, visits, number))
        return pyvrp.Solution(self.problem, routes)

    def _client(self, job: str, begin_s: int) -> int:
        def off(client: int) -> int:
            opens, closes = self.spans[client]
            return max(opens - begin_s, begin_s - closes, 0)

        return min(self.clients_of[job], key=off)


def build(ground: Ground, *, balanced_s: float | None = None) -> Model | None:
    """Put the ground to PyVRP, None when there is nothing; beyond `balanced_s` shifts may go on but pay for it."""
    stops = lay_stops(ground)
    if not stops.jobs or not ground.shifts:
        return None
    profiles, profile_of = _profiles(stops)
    # Its stubs name another kind of array than it takes.
    matrices: list[Any] = [_matrices(stops, profile) for profile in profiles]
    clients, groups = _clients(stops, _prizes(stops, matrices, balanced_s is not None))
    depots = list(stops.depot_rows.values())
    problem = ProblemData(
        [Location(0, 0)] * (len(depots) + len(stops.jobs)),
        [one.client for one in clients],
        [Depot(row) for row in depots],
        [_vehicle(stops, shift, profile_of[shift.key], balanced_s) for shift in ground.shifts],
        [ways for ways, _ in matrices],
        [seconds for _, seconds in matrices],
        groups,
    )
    clients_of: dict[str, list[int]] = {}
    for index, one in enumerate(clients):
        clients_of.setdefault(one.job, []).append(index)
    return Model(
        ground,
        problem,
        tuple(one.job for one in clients),
        tuple((one.client.tw_early, one.client.tw_late) for one in clients),
        {job: tuple(indexes) for job, indexes in clients_of.items()},
    )


def search(
    problem: ProblemData,
    halt: Callable[[], bool],
    *,
    seed: int,
    start: pyvrp.Solution | None = None,
    on_best: Callable[[pyvrp.Solution], None] | None = None,
) -> pyvrp.Solution:
    """Search until told to halt, which is asked at every step; return the best solution, which may be infeasible."""
    found = pyvrp.solve(
        problem,
        lambda _: halt(),
        seed=seed,
        collect_stats=False,
        display=False,
        params=_small_steps(_Told(on_best)),
        initial_solution=start,
    )
    return found.best


def _small_steps(told: IteratedLocalSearchCallbacks) -> SolveParams:
    """Smaller steps than PyVRP's own, and more of them, find more in the time there is.

    12 seconds of one core, 300 stops, 8 teams: weight 783 instead of 771; 20 seconds, X-n251-k28: 0.77 % over the best
    known instead of 1.22 %.
    """
    return SolveParams(
        ils=IteratedLocalSearchParams(callbacks=told),
        neighbourhood=NeighbourhoodParams(num_neighbours=20),
        perturbation=PerturbationParams(1, 15),
    )


class _Told(IteratedLocalSearchCallbacks):
    """Passes better solutions on."""

    def __init__(self, on_best: Callable[[pyvrp.Solution], None] | None) -> None:
        self._on_best = on_best

    def on_best(self, best: pyvrp.Solution) -> None:
        if self._on_best is not None and best.is_feasible():
            self._on_best(best)


class _Opening(NamedTuple):
    job: str
    client: Client


def _clients(stops: Stops, prizes: Mapping[str, int]) -> tuple[list[_Opening], list[ClientGroup]]:
    clients: list[_Opening] = []
    groups: list[ClientGroup] = []
    rests = usual_rests(stops.ground)
    for job in stops.jobs:
        openings = _openings(stops.spans(job), rests)
        first = len(clients)
        several = len(openings) > 1
        for opens, closes in openings:
            client = Client(
                stops.job_rows[job.key],
                service_duration=math.ceil(job.service_s),
                tw_early=opens,
                tw_late=closes,
                prize=prizes[job.key],
                required=False,
                group=len(groups) if several else None,
            )
            clients.append(_Opening(job.key, client))
        if several:
            groups.append(ClientGroup(list(range(first, len(clients))), required=False))
    return clients, groups


def _openings(spans: Sequence[tuple[int, Span]], rests: Mapping[int, Rest]) -> list[tuple[int, int]]:
    """Return the openings on the solver's axis; days in a row on which it is always open are one."""
    found: list[tuple[int, int]] = []
    for day, span in spans:
        opens, closes = span if span == ALL_DAY else _without_rest(span, rests.get(day))
        opening = on_axis(day, math.ceil(opens)), on_axis(day, math.floor(closes))
        if found and span == ALL_DAY and found[-1][1] + 1 == opening[0]:
            opening = found.pop()[0], opening[1]
        found.append(opening)
    return found


def _without_rest(span: Span, rest: Rest | None) -> Span:
    """Take the break out of the day: the solver knows none, so that for it what comes after is earlier by so much."""
    if rest is None:
        return span
    (opens, closes), (first_s, last_s), rest_s = span, rest.within, 60 * rest.minutes
    early = opens if opens <= last_s else max(last_s, opens - rest_s)
    return early, max(early, closes - rest_s, min(closes, first_s))


def _vehicle(stops: Stops, shift: Shift, profile: int, balanced_s: float | None) -> VehicleType:
    depots = list(stops.depot_rows)
    assert shift.start is not None and shift.end is not None
    rest = due_rest(shift)
    rest_s = 0 if rest is None else 60 * rest.minutes
    starts, ends = on_axis(shift.day, math.ceil(shift.hours[0])), on_axis(shift.day, shift.hours[1] - rest_s)
    longest = max(0, ends - starts)
    eased = longest if balanced_s is None else min(longest, max(0, int(balanced_s - rest_s)))
    return VehicleType(
        start_depot=depots.index(shift.start),
        end_depot=depots.index(shift.end),
        tw_early=starts,
        tw_late=max(starts, ends),
        shift_duration=eased,
        max_overtime=longest - eased,
        unit_overtime_cost=OVERTIME if longest > eased else 0,
        profile=profile,
    )


class _Profile(NamedTuple):
    """What shifts that pay the same share: how they move, which jobs they may not do, and may, what each job costs extra."""

    mode: int
    barred: NDArray[np.bool_]
    may_do: NDArray[np.bool_]
    extra_s: NDArray[np.int64]

    def agrees(self, other: _Profile) -> bool:
        """Say whether one set of costs serves both: what only one of them could meet on its days does not matter."""
        return (
            self.mode == other.mode
            and bool((self.extra_s == other.extra_s).all())
            and not (self.barred & other.may_do).any()
            and not (self.may_do & other.barred).any()
        )

    def joined(self, other: _Profile) -> _Profile:
        return self._replace(barred=self.barred | other.barred, may_do=self.may_do | other.may_do)


def _profiles(stops: Stops) -> tuple[list[_Profile], dict[str, int]]:
    """Return as few profiles as serve all shifts, and each shift's."""
    profiles: list[_Profile] = []
    profile_of: dict[str, int] = {}
    for shift in stops.ground.shifts:
        own = _Profile(shift.mode, stops.barred(shift), stops.may_do(shift), stops.extra_s(shift))
        for index, profile in enumerate(profiles):
            if profile.agrees(own):
                profiles[index], profile_of[shift.key] = profile.joined(own), index
                break
        else:
            profile_of[shift.key] = len(profiles)
            profiles.append(own)
    return profiles, profile_of


def _matrices(stops: Stops, profile: _Profile) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what ways cost and how long they take; neither leads to what is barred."""
    seconds = stops.seconds(profile.mode)
    ways = seconds.copy()
    first = len(stops.depot_rows)
    ways[:, first:] += profile.extra_s
    barred = first + np.flatnonzero(profile.barred)
    seconds[barred, :] = seconds[:, barred] = NO_WAY_S
    ways[seconds >= NO_WAY_S] = NO_WAY_COST
    for matrix in (ways, seconds):
        np.fill_diagonal(matrix, 0)
    return ways, seconds


def _prizes(
    stops: Stops, matrices: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], balanced: bool
) -> dict[str, int]:
    """Return prizes so high that no saved way is worth leaving out what weighs least."""
    farthest = max((int(ways[ways < NO_WAY_COST].max()) for ways, _ in matrices), default=0)
    dearest = 2 * farthest + 1
    if balanced:
        dearest += OVERTIME * (dearest + max(math.ceil(job.service_s) for job in stops.jobs))
    values = {job.key: stops.ground.value(job.key) for job in stops.jobs}
    unit = min(dearest / min(values.values()), DEAREST / max(values.values()))
    return {key: math.ceil(unit * value) for key, value in values.items()}

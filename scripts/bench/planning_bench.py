"""Plans and their solvers: `./scripts/bench/planning` prints gaps on published instances, priority served beside the peers, seconds.

"instances": the X instances of Uchoa and others with up to 303 places, our way through PyVRP, over the best known. "patrols": 300
stops of weight 1 to 5 on a grid of streets, 8 teams from depots of their own for 8 hours, of which about two thirds fit; every
peer is called directly with the same seconds and every answer is timed and checked by the same code. "day": 200 stops, 8 teams,
with breaks, opening hours and skills.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyvrp

from geoservice.domain.planning.by_pyvrp import search
from geoservice.domain.planning.checking import check
from geoservice.domain.planning.problem import Job, LeftOut, Problem, Reason, Rest, Round, Shift, Solution
from geoservice.domain.planning.schedule import Timetable
from geoservice.domain.planning.solving import plan_patrols
from geoservice.domain.ways import Costs
from scripts.bench.planning_peers import Day, by_ortools, by_pyvrp, by_vroom

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SEED, MOST_PLACES, GAP_GOAL = 20261122, 303, 0.008
TEAMS, BLOCK_M, EBIKE_MPS, HOUR = 8, 250, 4.2, 3600


def make_day(stops: int, side_m: int, seed: int) -> Day:
    """Stops and depots at the crossings of a grid, ways along its streets."""
    rng = np.random.default_rng([SEED, seed])
    blocks = side_m // BLOCK_M
    depots = rng.integers(blocks // 4, 3 * blocks // 4, (TEAMS, 2))
    places = BLOCK_M * np.vstack([depots, rng.integers(0, blocks, (stops, 2))])
    metres = np.abs(places[:, None] - places[None]).sum(axis=-1)
    weights = rng.integers(1, 6, stops)
    return Day(np.ceil(metres / EBIKE_MPS).astype(np.int64), TEAMS, weights, 15 * 60, 8 * HOUR)


def problem_of(day: Day) -> Problem:
    shifts = [
        Shift(f"0/T{team}", f"T{team}", 0, 1, (0, day.shift_s), team, team) for team in range(day.teams)
    ]
    jobs = [
        Job(str(stop), day.teams + stop, day.teams + stop, day.service_s, float(weight), frozenset([0]))
        for stop, weight in enumerate(day.weights)
    ]
    return Problem(tuple(shifts), tuple(jobs), {1: Costs(day.seconds.astype(float), day.seconds * EBIKE_MPS)})


def solution_of(problem: Problem, orders: Sequence[Sequence[int]]) -> Solution:
    """A peer's orders, timed as ours are; an order that is no round counts nothing."""
    timetable = Timetable(problem)
    timed = [
        timetable.time(shift.key, [str(stop) for stop in order])
        for shift, order in zip(problem.shifts, orders, strict=True)
        if order
    ]
    rounds = tuple(one for one in timed if isinstance(one, Round))
    served = {visit.job for one in rounds for visit in one.visits}
    return Solution(
        rounds, tuple(LeftOut(job.key, Reason.NO_TIME) for job in problem.jobs if job.key not in served)
    )


def bench_patrols(seconds: float, days: int, ortools: str | None) -> bool:
    print(f"{'patrols: 300 stops, 8 teams':<28}{'priority served':>18}{'stops':>8}{'seconds':>9}")
    totals: Counter[str] = Counter()
    for number in range(days):
        day = make_day(300, 15_000, number)
        problem = problem_of(day)
        solvers = {
            "ours": lambda problem=problem, number=number: plan_patrols(
                problem, seconds=seconds, seed=number
            ),
            "PyVRP": lambda day=day, number=number: by_pyvrp(day, seconds, number),
            "VROOM": lambda day=day, number=number: by_vroom(day, seconds, number),
        }
        if ortools is not None:
            solvers["OR-Tools"] = lambda day=day: by_ortools(day, seconds, ortools)
        for name, solve in solvers.items():
            began = time.monotonic()
            found = solve()
            took = time.monotonic() - began
            solution = found if isinstance(found, Solution) else solution_of(problem, found)
            faults = check(problem, solution)
            weight = sum(int(day.weights[int(key)]) for key in solution.served)
            totals[name] += weight
            print(
                f"{f'day {number + 1}, {name}':<28}{f'{weight} of {day.weights.sum()}':>18}{len(solution.served):>8}"
                f"{took:>9.1f}{'' if not faults else f'   {len(faults)} faults: {faults[0]}'}",
                flush=True,
            )
    best = max(total for name, total in totals.items() if name != "ours")
    print("together: " + ", ".join(f"{name} {total}" for name, total in totals.items()) + "\n")
    return totals["ours"] >= best


def bench_instances(folder: Path, seconds: float) -> bool:
    gaps = []
    for file in sorted(folder.glob("X-*.vrp")):
        if int(file.name.split("-")[1][1:]) > MOST_PLACES:
            continue
        problem = pyvrp.read(file, round_func="round")
        best_known = float(file.with_suffix(".sol").read_text().split("Cost")[1])
        until = time.monotonic() + seconds
        found = search(problem, lambda until=until: time.monotonic() >= until, seed=1)
        gaps.append(found.distance() / best_known - 1 if found.is_feasible() else np.inf)
        print(f"{file.stem:<16}{found.distance():>10}{best_known:>10.0f}{gaps[-1]:>9.2%}", flush=True)
    print(
        f"instances: {np.mean(gaps):.2%} over the best known on average of {len(gaps)}, {seconds:.0f} s each\n"
    )
    return bool(np.mean(gaps) <= GAP_GOAL)


def bench_day(seconds: float) -> bool:
    """200 stops, half with opening hours, some for skilled teams only; breaks at noon."""
    day = make_day(200, 12_000, 99)
    rng = np.random.default_rng(SEED)
    plain = problem_of(day)
    rest = Rest((11.5 * HOUR, 13 * HOUR), 45)
    shifts = tuple(
        Shift(one.key, one.team, 0, 1, (8.5 * HOUR, 17.5 * HOUR), one.start, one.end,
              frozenset("a") if index % 2 else frozenset("ab"), rest=rest)
        for index, one in enumerate(plain.shifts)
    )  # fmt: skip
    hours = [
        ((9 * HOUR, 11 * HOUR), (14 * HOUR, 16 * HOUR)),
        ((8.5 * HOUR, 12 * HOUR),),
        ((13.5 * HOUR, 17 * HOUR),),
    ]
    jobs = tuple(
        Job(one.key, one.place_in, one.place_out, one.service_s, one.weight, one.days,
            {0: hours[rng.integers(3)]} if rng.random() < 0.5 else {},
            frozenset("b") if rng.random() < 0.2 else frozenset())
        for one in plain.jobs
    )  # fmt: skip
    problem = Problem(shifts, jobs, plain.costs)
    began = time.monotonic()
    solution = plan_patrols(problem, seconds=seconds)
    took = time.monotonic() - began
    faults = check(problem, solution)
    lengths = [one.back_s - one.leave_s for one in solution.rounds]
    weight = {one.key: one.weight for one in jobs}
    print(
        f"day: {len(solution.served)} of 200 stops, {sum(weight[key] for key in solution.served):.0f} of {sum(weight.values()):.0f} "
        f"priority, longest {max(lengths) / np.mean(lengths):.3f} × mean, {took:.1f} s of {seconds:.0f}, {len(faults)} faults, "
        f"left out: {dict(Counter(str(one.reason) for one in solution.left_out))}"
    )
    return not faults and took <= seconds + 3 and max(lengths) <= 1.15 * np.mean(lengths)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder with vrp/cvrp")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each solver and problem")
    parser.add_argument("--days", type=int, default=3, help="so many patrol problems")
    parser.add_argument("--only", choices=["instances", "patrols", "day"])
    parser.add_argument("--ortools", help="the Python that has OR-Tools; left out without")
    options = parser.parse_args()
    folder = options.data / "vrp" / "cvrp"
    if options.only in (None, "instances") and not folder.is_dir():
        print(f"the published instances are not in {folder}: name their folder with --data", file=sys.stderr)
        return 2
    good = True
    if options.only in (None, "instances"):
        good &= bench_instances(folder, options.seconds)
    if options.only in (None, "patrols"):
        good &= bench_patrols(options.seconds, options.days, options.ortools)
    if options.only in (None, "day"):
        good &= bench_day(min(options.seconds, 20.0))
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())

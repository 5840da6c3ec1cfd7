"""PyVRP, VROOM and OR-Tools called directly, as their manuals show, on a day of patrols with priorities."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pyvrp
import vroom
from pyvrp.stop import MaxRuntime

if TYPE_CHECKING:
    import numpy as np

# Prize of one unit of weight: beyond every detour, so that all of them serve as much weight as they can.
PRIZE = 20_000


@dataclass(frozen=True)
class Day:
    """Teams with depots of their own (rows 0 to teams - 1 of the matrix), then stops; whole seconds."""

    seconds: np.ndarray  # (teams + stops, same)
    teams: int
    weights: np.ndarray
    service_s: int
    shift_s: int


Orders = list[list[int]]
"""Team → its stops in order, from 0."""


def by_pyvrp(day: Day, limit_s: float, seed: int) -> Orders:
    model = pyvrp.Model()
    places = [model.add_location(0, 0) for _ in day.seconds]
    for place in places[: day.teams]:
        depot = model.add_depot(place)
        model.add_vehicle_type(start_depot=depot, end_depot=depot, tw_late=day.shift_s)
    for place, weight in zip(places[day.teams :], day.weights, strict=True):
        model.add_client(place, service_duration=day.service_s, prize=PRIZE * int(weight), required=False)
    data = model.data().replace(distance_matrices=[day.seconds], duration_matrices=[day.seconds])
    best = pyvrp.solve(data, MaxRuntime(limit_s), seed=seed, display=False).best
    orders: Orders = [[] for _ in range(day.teams)]
    if best.is_feasible():
        for route in best.routes():
            orders[route.vehicle_type()] = [step.idx for step in route.schedule() if step.is_client()]
    return orders


def by_vroom(day: Day, limit_s: float, seed: int) -> Orders:
    """VROOM takes no seed."""
    asked = vroom.Input()
    asked.set_durations_matrix("car", day.seconds)
    asked.add_vehicle(
        [vroom.Vehicle(team, start=team, end=team, time_window=(0, day.shift_s)) for team in range(day.teams)]
    )
    asked.add_job(
        [
            vroom.Job(
                stop,
                location=day.teams + stop,
                default_service=day.service_s,
                priority=int(day.weights[stop]),
            )
            for stop in range(len(day.weights))
        ]
    )
    solved = asked.solve(exploration_level=5, nb_threads=2, timeout=timedelta(seconds=limit_s))
    orders: Orders = [[] for _ in range(day.teams)]
    for route in solved.to_dict()["routes"]:
        orders[route["vehicle"]] = [step["id"] for step in route["steps"] if step["type"] == "job"]
    return orders


def by_ortools(day: Day, limit_s: float, python: str) -> Orders:
    asked = {
        "seconds": day.seconds.tolist(), "teams": day.teams, "weights": day.weights.tolist(),
        "service_s": day.service_s, "shift_s": day.shift_s, "prize": PRIZE, "limit_s": limit_s,
    }  # fmt: skip
    done = subprocess.run(
        [python, "-m", "scripts.bench.planning_ortools"],
        input=json.dumps(asked), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)

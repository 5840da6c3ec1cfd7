"""The ground given to VROOM: skills, breaks and several windows are its own; it finds a good first plan fast."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import vroom

from geoservice.domain.planning.stops import ALL_DAY, Stops, due_rest, lay_stops, on_axis

if TYPE_CHECKING:
    from geoservice.domain.planning.feasible import Ground, Orders
    from geoservice.domain.planning.problem import Job, Shift

# Its priorities go from 0 to 100; pinned jobs take the highest.
PRIORITIES: Final = 100
# A little search: what is left of the time is better spent by the other solver.
EXPLORATION: Final = 1


def order_by_vroom(ground: Ground, *, seconds: float, threads: int) -> Orders:
    """Return the orders VROOM finds in so much time."""
    stops = lay_stops(ground)
    if not stops.jobs or not ground.shifts:
        return {}
    asked = vroom.Input()
    for profile, mode in _profiles(ground).items():
        asked.set_durations_matrix(profile, stops.seconds(mode))
    asked.add_vehicle([_vehicle(stops, number, shift) for number, shift in enumerate(ground.shifts)])
    asked.add_job([_job(stops, number, job) for number, job in enumerate(stops.jobs)])
    solved = asked.solve(EXPLORATION, nb_threads=threads, timeout=timedelta(seconds=max(seconds, 0.05)))
    orders: Orders = {}
    for route in solved.to_dict()["routes"]:
        done = [stops.jobs[step["id"]].key for step in route["steps"] if step["type"] == "job"]
        orders[ground.shifts[route["vehicle"]].key] = done
    return orders


def _profiles(ground: Ground) -> dict[str, int]:
    return {f"mode{shift.mode}": shift.mode for shift in ground.shifts}


def _vehicle(stops: Stops, number: int, shift: Shift) -> vroom.Vehicle:
    """A shift's skills are the jobs it may do: whatever keeps it from a job is one and the same to the solver."""
    assert shift.start is not None and shift.end is not None
    breaks = []
    if (rest := due_rest(shift)) is not None:
        within = vroom.TimeWindow(*(on_axis(shift.day, time_s) for time_s in rest.within))
        breaks = [vroom.Break(number, [within], int(60 * rest.minutes))]
    return vroom.Vehicle(
        number,
        start=stops.depot_rows[shift.start],
        end=stops.depot_rows[shift.end],
        profile=f"mode{shift.mode}",
        skills={int(row) for row in np.flatnonzero(stops.may_do(shift))},
        time_window=vroom.TimeWindow(*(on_axis(shift.day, time_s) for time_s in shift.hours)),
        breaks=breaks,
    )


def _job(stops: Stops, number: int, job: Job) -> vroom.Job:
    heaviest = max(one.weight for one in stops.jobs)
    pinned = job.pinned_to is not None
    # What is always open needs none: the vehicles' days bind it already.
    spans = stops.spans(job)
    if all(span == ALL_DAY for _, span in spans):
        spans = []
    return vroom.Job(
        number,
        location=stops.job_rows[job.key],
        default_service=int(np.ceil(job.service_s)),
        skills={number},
        priority=PRIORITIES if pinned else max(1, round((PRIORITIES - 1) * job.weight / heaviest)),
        time_windows=[
            vroom.TimeWindow(on_axis(day, opens), on_axis(day, closes)) for day, (opens, closes) in spans
        ],
    )

"""Orders made into rounds that hold: exact times with the break, together and apart, and room that is left is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from geoservice.domain.planning.feasible import Ground, Orders, keep_what_fits, together_groups
from geoservice.domain.planning.schedule import EASE_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geoservice.domain.planning.problem import Job, Shift

# How far beyond its end a shift is thought to go when asking how much time is missing.
OVERTIME_S: Final = 12 * 3600.0


class Place(NamedTuple):
    """Where a job could come into a round: before the visit `at`; back then, and how much more way."""

    extra_s: float
    shift: str
    at: int
    back_s: float


def mended(ground: Ground, orders: Orders) -> Orders:
    """Return orders that can all be done: what does not fit goes, what fits into the room that is left comes in."""
    kept: Orders = {}
    seen: set[str] = set()
    for shift in ground.shifts:
        able = [key for key in orders.get(shift.key, []) if shift.key in ground.allowed.get(key, ())]
        able = [key for key in _without_clashes(ground, able) if key not in seen]
        timed = keep_what_fits(ground.timetable, shift.key, able)
        kept[shift.key] = [visit.job for visit in timed.visits] if timed is not None else []
        seen.update(kept[shift.key])
    _join_groups(ground, kept)
    _fill(ground, kept)
    return {key: jobs for key, jobs in kept.items() if jobs}


def places(ground: Ground, orders: Orders, job: Job, shift_keys: Sequence[str]) -> Iterator[Place]:
    """Yield where a job could come into the rounds of these shifts without making anything late."""
    for least_s, extra_s, shift_key, at in _tries(ground, orders, job, shift_keys):
        shift = ground.timetable.shifts[shift_key]
        if least_s <= shift.hours[1] + EASE_S:
            back_s = _back_with(ground, orders, shift, job, at, shift.hours[1])
            if back_s is not None:
                yield Place(extra_s, shift_key, at, back_s)


def best_place(ground: Ground, orders: Orders, job: Job, shift_keys: Sequence[str]) -> Place | None:
    """Return the least of the `places`; None where there is none. Rounds are timed only until the first that holds."""
    tries = _tries(ground, orders, job, shift_keys)
    ways = sorted((extra_s, shift_key, at, least_s) for least_s, extra_s, shift_key, at in tries)
    for extra_s, shift_key, at, least_s in ways:
        shift = ground.timetable.shifts[shift_key]
        if least_s > shift.hours[1] + EASE_S:
            continue
        back_s = _back_with(ground, orders, shift, job, at, shift.hours[1])
        if back_s is not None:
            return Place(extra_s, shift_key, at, back_s)
    return None


def least_late(
    ground: Ground, orders: Orders, job: Job, shift_keys: Sequence[str]
) -> tuple[float, str] | None:
    """Return by how many seconds a shift would have to be longer for the job to find its place, and which; None: none helps."""
    best: tuple[float, str] | None = None
    shifts = ground.timetable.shifts
    tries = [
        (least_s - shifts[key].hours[1], key, at)
        for least_s, _, key, at in _tries(ground, orders, job, shift_keys)
    ]
    for least_over_s, shift_key, at in sorted(tries):
        if best is not None and least_over_s >= best[0]:
            break
        shift = shifts[shift_key]
        back_s = _back_with(ground, orders, shift, job, at, shift.hours[1] + OVERTIME_S)
        if back_s is not None:
            best = min(best or (OVERTIME_S, ""), (back_s - shift.hours[1], shift_key))
    return best


def _tries(
    ground: Ground, orders: Orders, job: Job, shift_keys: Sequence[str]
) -> Iterator[tuple[float, float, str, int]]:
    """Yield every place with when one is back at the very least, were nothing ever waited for, and how much more way it is."""
    timetable = ground.timetable
    for shift_key in shift_keys:
        shift = timetable.shifts[shift_key]
        jobs = [timetable.jobs[key] for key in orders.get(shift_key, [])]
        busy_s = job.service_s + sum(one.service_s for one in jobs)
        busy_s += timetable.travel_s(shift, jobs) if jobs else 0.0
        for at, extra_s in _detours(timetable.legs_s(shift), shift, jobs, job):
            yield shift.hours[0] + busy_s + extra_s, extra_s, shift_key, at


def _back_with(
    ground: Ground, orders: Orders, shift: Shift, job: Job, at: int, until_s: float
) -> float | None:
    jobs = [ground.timetable.jobs[key] for key in orders.get(shift.key, [])]
    return ground.timetable.back_s(shift, [*jobs[:at], job, *jobs[at:]], until_s)


def _detours(
    legs: list[list[float]], shift: Shift, jobs: Sequence[Job], job: Job
) -> Iterator[tuple[int, float]]:
    leaves = [shift.start or 0, *(one.place_out for one in jobs)]
    reached = [*(one.place_in for one in jobs), shift.end or 0]
    for at, (row, column) in enumerate(zip(leaves, reached, strict=True)):
        direct_s = legs[row][column] if jobs else 0.0
        yield at, legs[row][job.place_in] + legs[job.place_out][column] - direct_s


def meets_its_apart(ground: Ground, orders: Orders, shift_key: str, job_key: str) -> str | None:
    """Return a job of the shift that a job must not meet."""
    there = set(orders.get(shift_key, ()))
    met = (group & there - {job_key} for group in ground.problem.apart if job_key in group)
    return next((min(mates) for mates in met if mates), None)


def _without_clashes(ground: Ground, keys: Sequence[str]) -> list[str]:
    """Drop, of jobs that must not meet, all but what is worth most."""
    kept = set(keys)
    for group in ground.problem.apart:
        clash = sorted(group & kept, key=lambda key: (-ground.value(key), key))
        kept.difference_update(clash[1:])
    return [key for key in keys if key in kept]


def _join_groups(ground: Ground, orders: Orders) -> None:
    """Take groups out that are not whole in one round; they come back as one where there is room."""
    for group in together_groups(ground.problem):
        mates = group & ground.allowed.keys()
        if any(mates <= set(jobs) for jobs in orders.values()):
            continue
        for shift_key, jobs in orders.items():
            orders[shift_key] = [key for key in jobs if key not in mates]


def _fill(ground: Ground, orders: Orders) -> None:
    """Put what is left out into the room there is, what is worth most first, each where it costs the least way."""
    groups = {key: group for group in together_groups(ground.problem) for key in group}
    served = {key for jobs in orders.values() for key in jobs}
    units = {groups.get(key, frozenset([key])) for key in ground.allowed if key not in served}
    for unit in sorted(
        units, key=lambda keys: (-max(ground.value(key) for key in keys), len(keys), min(keys))
    ):
        insert(ground, orders, unit)


def insert(ground: Ground, orders: Orders, unit: frozenset[str]) -> bool:
    """Put jobs that belong together into one round, all or none; say whether it could be done."""
    common = frozenset.intersection(*(ground.allowed[key] for key in unit))
    if len(unit) == 1:
        return _insert_all(ground, orders, unit, sorted(common))
    return any(_insert_all(ground, orders, unit, [shift_key]) for shift_key in sorted(common))


def _insert_all(ground: Ground, orders: Orders, unit: frozenset[str], shift_keys: Sequence[str]) -> bool:
    tried = {key: list(orders.get(key, [])) for key in shift_keys}
    for job_key in sorted(unit, key=lambda key: (-ground.value(key), key)):
        meeting = [key for key in shift_keys if meets_its_apart(ground, tried, key, job_key) is None]
        best = best_place(ground, tried, ground.timetable.jobs[job_key], meeting)
        if best is None:
            return False
        tried[best.shift].insert(best.at, job_key)
    orders.update(tried)
    return True

"""An independent look at a solution: everything a plan must keep, computed anew from the problem, nothing taken from the solver."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from geoservice.domain.planning.problem import Job, Keep, Problem, Round, Shift, Solution, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

# Times are sums in floating point.
EASE_S = 1e-3


def check(problem: Problem, solution: Solution) -> list[str]:
    """Return what is wrong with a solution, in words for whoever maintains the solver; nothing when it holds."""
    return [
        *_accounts(problem, solution),
        *_meetings(problem, solution),
        *_faults_of_rounds(problem, solution),
    ]


def _accounts(problem: Problem, solution: Solution) -> Iterator[str]:
    """Every job is done once or left out once, no shift goes twice, locked rounds stay."""
    told = Counter(visit.job for one in solution.rounds for visit in one.visits)
    told.update(one.job for one in solution.left_out)
    for job in problem.jobs:
        if told.pop(job.key, 0) != 1:
            yield f"{job.key} is not once done or left out"
    yield from (f"{key} was never asked for" for key in told)
    shifts = Counter(one.shift for one in solution.rounds)
    yield from (f"{key} goes {count} times" for key, count in shifts.items() if count > 1)
    for one in solution.rounds:
        locked = problem.locked.get(one.shift)
        order = [visit.job for visit in one.visits]
        if locked is not None and order != [key for key in locked if key in order]:
            yield f"{one.shift} is locked and changed"


def _meetings(problem: Problem, solution: Solution) -> Iterator[str]:
    """What belongs together is in one round or nowhere, what must not meet does not; locked rounds are as somebody wanted."""
    shift_of = {visit.job: one.shift for one in solution.rounds for visit in one.visits}
    keys = {job.key for job in problem.jobs}
    for group in problem.together:
        where = {shift_of.get(key) for key in group & keys}
        if len(where) > 1 and not any(shift in problem.locked for shift in where):
            yield f"{sorted(group)} are not together"
    for group in problem.apart:
        met = Counter(shift_of[key] for key in group if key in shift_of)
        for shift, count in met.items():
            if count > 1 and shift not in problem.locked:
                yield f"{sorted(group)} meet in {shift}"


def _faults_of_rounds(problem: Problem, solution: Solution) -> Iterator[str]:
    shifts = {shift.key: shift for shift in problem.shifts}
    jobs = {job.key: job for job in problem.jobs}
    for one in solution.rounds:
        shift = shifts.get(one.shift)
        if shift is None or shift.start is None or shift.end is None or not one.visits:
            yield f"{one.shift} can't go or goes nowhere"
            continue
        for visit in one.visits:
            yield from (
                f"{visit.job} in {one.shift}: {fault}"
                for fault in _wrongs(problem, shift, jobs[visit.job], visit)
            )
        yield from (f"{one.shift}: {fault}" for fault in _times(problem, shift, jobs, one))


def _wrongs(problem: Problem, shift: Shift, job: Job, visit: Visit) -> Iterator[str]:
    keeps = problem.keep_zones is Keep.HARD and shift.zone_ids is not None
    windows = job.windows.get(shift.day)
    wrongs = {
        "day": shift.day not in job.days,
        "skill": not job.skills <= shift.skills,
        "zone": keeps and job.zone_id not in (shift.zone_ids or ()),
        "pin": job.pinned_to not in (None, shift.key),
        "window": windows is not None
        and not any(opens - EASE_S <= visit.begin_s <= closes + EASE_S for opens, closes in windows),
        "order of times": not visit.arrive_s - EASE_S <= visit.begin_s <= visit.leave_s,
        "service": abs(visit.leave_s - visit.begin_s - job.service_s) > EASE_S,
    }
    return (name for name, wrong in wrongs.items() if wrong)


def _times(problem: Problem, shift: Shift, jobs: dict[str, Job], one: Round) -> Iterator[str]:
    costs = problem.costs[shift.mode]
    assert shift.start is not None and shift.end is not None
    stops = [
        shift.start,
        *(place for visit in one.visits for place in (jobs[visit.job].place_in, jobs[visit.job].place_out)),
        shift.end,
    ]
    legs = list(zip(stops[::2], stops[1::2], strict=True))
    seconds = [float(costs.seconds[leg]) for leg in legs]
    metres = [float(costs.metres[leg]) for leg in legs]
    rest_s = 60 * shift.rest.minutes if shift.rest is not None and one.rest_at_s is not None else 0.0
    moments = [
        one.leave_s,
        *(time_s for visit in one.visits for time_s in (visit.begin_s, visit.leave_s)),
        one.back_s,
    ]
    for (leaves_s, begins_s), leg_s in zip(
        zip(moments[::2], moments[1::2], strict=True), seconds, strict=True
    ):
        rests = one.rest_at_s is not None and leaves_s - EASE_S <= one.rest_at_s <= begins_s - rest_s + EASE_S
        if begins_s - leaves_s < leg_s + rests * rest_s - EASE_S:
            yield "faster than possible"
    if any(
        visit.arrive_s < leaves_s + leg_s - EASE_S
        for visit, leaves_s, leg_s in zip(one.visits, moments[::2], seconds, strict=False)
    ):
        yield "there before it can be"
    if one.leave_s < shift.hours[0] - EASE_S or one.back_s > shift.hours[1] + EASE_S:
        yield "outside its hours"
    if not _rests(shift, one, moments):
        yield "without its break"
    spent_s = one.travel_s + one.service_s + one.wait_s + rest_s
    sums = (
        (one.travel_s, sum(seconds)),
        (one.metres, sum(metres)),
        (one.service_s, sum(jobs[visit.job].service_s for visit in one.visits)),
        (spent_s, one.back_s - one.leave_s),
        *zip((visit.travel_s for visit in one.visits), seconds, strict=False),
        *zip((visit.metres for visit in one.visits), metres, strict=False),
    )
    if any(abs(told - true) > EASE_S for told, true in sums):
        yield "sums that are wrong"


def _rests(shift: Shift, one: Round, moments: list[float]) -> bool:
    """Say whether the break is kept: before leaving, after being back, or within its span while nothing is served."""
    if shift.rest is None:
        return one.rest_at_s is None
    (first_s, last_s), rest_s = shift.rest.within, 60 * shift.rest.minutes
    if one.rest_at_s is None:
        at_home_s = max(first_s, shift.hours[0])
        over = shift.hours[0] > last_s or one.back_s <= last_s + EASE_S
        return over or at_home_s + rest_s <= one.leave_s + EASE_S
    begins_s = one.rest_at_s
    between = zip(moments[::2], moments[1::2], strict=True)
    free = any(left - EASE_S <= begins_s and begins_s + rest_s <= begun + EASE_S for left, begun in between)
    return first_s - EASE_S <= begins_s <= last_s + EASE_S and free

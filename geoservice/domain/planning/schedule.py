"""The times of one shift's round: a given order of jobs, waiting where it is not open yet, the break where it fits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from geoservice.domain.planning.problem import Job, Keep, Problem, Reason, Rest, Round, Shift, Span, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Sums of seconds in floating point may miss a limit by so much.
EASE_S = 1e-6
NEVER = math.inf


@dataclass(frozen=True)
class Misfit:
    """Why an order of jobs is no round: the job that spoils it (None: the round as a whole is too long) and the reason.

    Values: NO_TIME `minutes` (by how much the shift is too short; the break's when it finds no place), NO_SKILL `skills`.
    """

    reason: Reason
    job: str | None = None
    values: Mapping[str, str | float] = field(default_factory=dict)


class _Step(NamedTuple):
    """A stop or the end of the round, reached with or without the break behind one; `rest_s`: when it began, on the way here."""

    arrive_s: float
    begin_s: float
    leave_s: float
    before: _Step | None
    rest_s: float | None = None


class Timetable:
    """A problem's shifts and jobs by key, and the times of any order of jobs in a shift."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.shifts = {shift.key: shift for shift in problem.shifts}
        self.jobs = {job.key: job for job in problem.jobs}
        self._seconds: dict[int, list[list[float]]] = {
            int(mode): costs.seconds.tolist() for mode, costs in problem.costs.items()
        }
        self._metres: dict[int, list[list[float]]] = {
            int(mode): costs.metres.tolist() for mode, costs in problem.costs.items()
        }

    def time(self, shift_key: str, job_keys: Sequence[str]) -> Round | Misfit:
        """Return the round that does the jobs in this order, leaving as late as it can and be back as early, or why there is none."""
        shift = self.shifts[shift_key]
        jobs = [self.jobs[key] for key in job_keys]
        for job in jobs:
            if (misfit := self.bars(shift, job)) is not None:
                return misfit
        end = self._walk(shift, jobs, shift.hours[0], shift.hours[1])
        if isinstance(end, Misfit):
            return end
        leave_s = self._latest_leave(shift, jobs, end)
        late = self._walk(shift, jobs, leave_s, shift.hours[1])
        assert isinstance(late, _Step)
        return self._round(shift, jobs, leave_s, late)

    def back_s(self, shift: Shift, jobs: Sequence[Job], until_s: float | None = None) -> float | None:
        """Return when one is back at the earliest (None: not by the shift's end, or by `until_s`); whether it may be done is not asked."""
        end = self._walk(shift, jobs, shift.hours[0], shift.hours[1] if until_s is None else until_s)
        return None if isinstance(end, Misfit) else end.leave_s

    def bars(self, shift: Shift, job: Job) -> Misfit | None:
        """Return what keeps a shift from a job whatever else it does: no depot, day, zone, pin or skill."""
        if shift.start is None or shift.end is None or not self.may_go(shift, job):
            return Misfit(Reason.NO_TEAM, job.key)
        if missing := job.skills - shift.skills:
            return Misfit(Reason.NO_SKILL, job.key, {"skills": ", ".join(sorted(missing))})
        return None

    def may_go(self, shift: Shift, job: Job) -> bool:
        """Say whether a shift is on a day of the job, goes to its zone and is the one it is pinned to."""
        keeps = self.problem.keep_zones is Keep.HARD and shift.zone_ids is not None
        return (
            shift.day in job.days
            and job.pinned_to in (None, shift.key)
            and not (keeps and job.zone_id not in (shift.zone_ids or ()))
        )

    def travel_s(self, shift: Shift, jobs: Sequence[Job]) -> float:
        """Return the seconds on the way of a round."""
        return sum(self._seconds[shift.mode][row][column] for row, column in _legs(shift, jobs))

    def legs_s(self, shift: Shift) -> list[list[float]]:
        """Return the seconds between places as this shift moves."""
        return self._seconds[shift.mode]

    def _walk(self, shift: Shift, jobs: Sequence[Job], leave_s: float, until_s: float) -> _Step | Misfit:
        """Return the end of the earliest walk; two are followed, the one that still has its break before it and the one that had it."""
        fresh: _Step | None = _Step(leave_s, leave_s, leave_s, None)
        rested = fresh if fresh is not None and _rested_at_home(shift, leave_s) else None
        legs = self._seconds[shift.mode]
        for job, (row, column) in zip(jobs, _legs(shift, jobs), strict=False):
            travel_s = legs[row][column]
            if travel_s == NEVER:
                return Misfit(Reason.UNREACHABLE, job.key)
            spans = job.windows.get(shift.day)
            on_the_way = _step(_rest_between(shift, fresh, travel_s), job.service_s, spans)
            had = _step(_go(rested, travel_s), job.service_s, spans)
            fresh = _step(_go(fresh, travel_s), job.service_s, spans)
            rested = _earlier(on_the_way, had)
            if fresh is None and rested is None:
                return Misfit(Reason.NO_WINDOW, job.key)
        row, column = _legs(shift, jobs)[-1]
        if legs[row][column] == NEVER:
            return Misfit(Reason.UNREACHABLE, jobs[-1].key if jobs else None)
        return _end(shift, (fresh, rested), legs[row][column], until_s)

    def _latest_leave(self, shift: Shift, jobs: Sequence[Job], end: _Step) -> float:
        """Return the latest whole second after the shift's begin at which one may leave and still be back as early."""

        def as_early(after_s: int) -> bool:
            late = self._walk(shift, jobs, shift.hours[0] + after_s, shift.hours[1])
            return not isinstance(late, Misfit) and late.leave_s <= end.leave_s + EASE_S

        least, most = 0, int(end.leave_s - shift.hours[0])
        while least < most:
            middle = (least + most + 1) // 2
            if as_early(middle):
                least = middle
            else:
                most = middle - 1
        return shift.hours[0] + least

    def _round(self, shift: Shift, jobs: Sequence[Job], leave_s: float, end: _Step) -> Round:
        steps: list[_Step] = []
        step: _Step | None = end
        while step is not None and step.before is not None:
            steps.append(step)
            step = step.before
        steps.reverse()
        legs = _legs(shift, jobs)
        seconds = [self._seconds[shift.mode][row][column] for row, column in legs]
        metres = [self._metres[shift.mode][row][column] for row, column in legs]
        visits = tuple(
            Visit(job.key, step.arrive_s, step.begin_s, step.leave_s, leg_m, leg_s)
            for job, step, leg_m, leg_s in zip(jobs, steps, metres, seconds, strict=False)
        )
        rest_at_s = next((step.rest_s for step in steps if step.rest_s is not None), None)
        service_s = sum(job.service_s for job in jobs)
        rest_s = 0.0 if rest_at_s is None or shift.rest is None else 60 * shift.rest.minutes
        return Round(
            shift.key,
            visits,
            leave_s,
            end.leave_s,
            sum(metres),
            sum(seconds),
            service_s,
            max(0.0, end.leave_s - leave_s - sum(seconds) - service_s - rest_s),
            rest_at_s,
        )


def time_round(problem: Problem, shift_key: str, job_keys: Sequence[str]) -> Round | Misfit:
    """Return the round of a shift that does these jobs in this order, or why it can't; for many of them make one Timetable."""
    return Timetable(problem).time(shift_key, job_keys)


def rest_of(shift: Shift) -> Rest | None:
    """Return the break a shift must have; one that ought to have begun before the shift does is none."""
    return None if shift.rest is None or shift.rest.within[1] < shift.hours[0] else shift.rest


def _legs(shift: Shift, jobs: Sequence[Job]) -> list[tuple[int, int]]:
    """Return the rows and columns of a round's ways in the cost matrices, the way home the last."""
    leaves = [shift.start or 0, *(job.place_out for job in jobs)]
    reached = [*(job.place_in for job in jobs), shift.end or 0]
    return list(zip(leaves, reached, strict=True))


def _go(step: _Step | None, travel_s: float) -> _Step | None:
    if step is None:
        return None
    there_s = step.leave_s + travel_s
    return _Step(there_s, there_s, there_s, step)


def _rest_between(shift: Shift, step: _Step | None, travel_s: float) -> _Step | None:
    """Go on with the break between two services: on the way when it is time by then, at the next stop otherwise."""
    rest = rest_of(shift)
    if step is None or rest is None:
        return None
    (first_s, last_s), rest_s = rest.within, 60 * rest.minutes
    begins_s, there_s = max(first_s, step.leave_s), step.leave_s + travel_s
    if begins_s > last_s:
        return None
    if there_s < begins_s:
        return _Step(there_s, begins_s + rest_s, begins_s + rest_s, step, begins_s)
    return _Step(there_s + rest_s, there_s + rest_s, there_s + rest_s, step, begins_s)


def _step(reached: _Step | None, service_s: float, spans: Iterable[Span] | None) -> _Step | None:
    """Serve as soon as it is open; None when it will not open any more."""
    if reached is None:
        return None
    begin_s = open_from(reached.begin_s, spans)
    if begin_s is None:
        return None
    return reached._replace(begin_s=begin_s, leave_s=begin_s + service_s)


def open_from(ready_s: float, spans: Iterable[Span] | None) -> float | None:
    """Return the first moment from `ready_s` on within any of the spans (None: always open); None when there is none."""
    if spans is None:
        return ready_s
    return min(
        (max(ready_s, opens) for opens, closes in spans if max(ready_s, opens) <= closes), default=None
    )


def _earlier(one: _Step | None, other: _Step | None) -> _Step | None:
    if one is None or other is None:
        return one or other
    return one if one.leave_s < other.leave_s else other


def _rested_at_home(shift: Shift, leave_s: float) -> bool:
    rest = rest_of(shift)
    return rest is not None and leave_s >= max(rest.within[0], shift.hours[0]) + 60 * rest.minutes


def _end(
    shift: Shift, steps: tuple[_Step | None, _Step | None], travel_s: float, until_s: float
) -> _Step | Misfit:
    """Go home: without a break when one is there before it must have begun."""
    fresh, rested = steps
    rest = rest_of(shift)
    home = _go(fresh, travel_s)
    if home is None or (rest is not None and home.leave_s > rest.within[1]):
        home = _earlier(_rest_between(shift, fresh, travel_s), _go(rested, travel_s))
    if home is None:
        return Misfit(Reason.NO_TIME, None, {"minutes": rest.minutes if rest is not None else 0})
    if home.leave_s > until_s + EASE_S:
        return Misfit(Reason.NO_TIME, None, {"minutes": math.ceil((home.leave_s - until_s) / 60)})
    return home

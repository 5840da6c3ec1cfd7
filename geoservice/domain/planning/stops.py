"""The ground as both solvers want it: whole seconds on one time axis over all days, a row for every depot and job, what each shift pays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geoservice.domain.planning.problem import Job, Keep, Problem, Rest, Shift, Span
from geoservice.domain.planning.schedule import rest_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geoservice.domain.planning.feasible import Ground

# Days lie so far apart that a shift through the night never meets the next day's.
DAY_S: Final = 250_000
ALL_DAY: Final = (0.0, float(DAY_S - 1))
# No way; beyond every horizon, and small enough that sums of a few stay exact in every solver.
NO_WAY_S: Final = 20_000_000
# What going to another's zone costs when zones are kept softly, and what a job costs that changes its team, in seconds of way.
ELSEWHERE_S: Final = 900
CHANGED_TEAM_S: Final = 300


@dataclass(frozen=True)
class Stops:
    """Rows of the solvers' matrices: depots first (place → row), then jobs (key → row)."""

    ground: Ground
    jobs: tuple[Job, ...]
    depot_rows: Mapping[int, int]
    job_rows: Mapping[str, int]

    def seconds(self, mode: int) -> NDArray[np.int64]:
        """Return the seconds of way between all rows, rounded up, so that what is planned is never later than it was solved."""
        depots = list(self.depot_rows)
        leaves = np.array([*depots, *(job.place_out for job in self.jobs)], dtype=np.intp)
        reached = np.array([*depots, *(job.place_in for job in self.jobs)], dtype=np.intp)
        exact = self.ground.problem.costs[mode].seconds[np.ix_(leaves, reached)]
        whole = np.full(exact.shape, NO_WAY_S, dtype=np.int64)
        there = exact < NO_WAY_S
        whole[there] = np.ceil(exact[there] - 1e-6).astype(np.int64)
        np.fill_diagonal(whole, 0)
        return whole

    def barred(self, shift: Shift) -> NDArray[np.bool_]:
        """Return which jobs of the shift's day it may not do."""
        allowed = self.ground.allowed
        return np.array([shift.day in job.days and shift.key not in allowed[job.key] for job in self.jobs])

    def may_do(self, shift: Shift) -> NDArray[np.bool_]:
        """Return which jobs the shift may do."""
        return np.array([shift.key in self.ground.allowed[job.key] for job in self.jobs])

    def extra_s(self, shift: Shift) -> NDArray[np.int64]:
        """Return what each job costs this shift beyond its way: somebody else's zone, another team than yesterday."""
        problem = self.ground.problem
        return np.array([extra_of(problem, shift, job) for job in self.jobs], dtype=np.int64)

    def spans(self, job: Job) -> list[tuple[int, Span]]:
        """Return when a job may begin: days and spans within them, apart and in order, only on days on which some shift may do it."""
        shifts = self.ground.timetable.shifts
        days = sorted({shifts[key].day for key in self.ground.allowed[job.key]})
        return [(day, span) for day in days for span in _apart(job.windows.get(day, (ALL_DAY,)))]


def extra_of(problem: Problem, shift: Shift, job: Job) -> int:
    """Return what a job costs a shift beyond its way, in seconds of way."""
    keeps = problem.keep_zones is not Keep.NO and shift.zone_ids is not None
    elsewhere = keeps and job.zone_id not in (shift.zone_ids or ())
    changed = problem.previous.get(job.key, shift.team) != shift.team
    return ELSEWHERE_S * elsewhere + CHANGED_TEAM_S * changed


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Return spans in order, in whole seconds within the day, those that touch joined; shorter than a second is a moment."""
    joined: list[Span] = []
    for first, last in sorted(span for span in spans if span[0] <= min(span[1], ALL_DAY[1])):
        opens = float(math.ceil(max(0.0, first)))
        closes = max(opens, float(math.floor(min(last, ALL_DAY[1]))))
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return joined


def lay_stops(ground: Ground) -> Stops:
    """Give every depot and every job that some shift may do its row."""
    places = dict.fromkeys(
        place for shift in ground.shifts for place in (shift.start, shift.end) if place is not None
    )
    jobs = tuple(ground.timetable.jobs[key] for key, able in ground.allowed.items() if able)
    return Stops(
        ground,
        jobs,
        {place: row for row, place in enumerate(places)},
        {job.key: len(places) + row for row, job in enumerate(jobs)},
    )


def on_axis(day: int, time_s: float) -> int:
    """Return a moment of a day on the axis over all days."""
    return day * DAY_S + int(time_s)


def usual_rests(ground: Ground) -> dict[int, Rest]:
    """Return each day's most frequent break, of the shifts that have one."""
    by_day: dict[int, list[Rest]] = {}
    for shift in ground.shifts:
        if (rest := due_rest(shift)) is not None:
            by_day.setdefault(shift.day, []).append(rest)
    return {day: max(rests, key=rests.count) for day, rests in by_day.items()}


def due_rest(shift: Shift) -> Rest | None:
    """Return the break a shift has when it goes on to its end."""
    rest = rest_of(shift)
    return rest if rest is not None and shift.hours[1] > rest.within[1] else None

"""Before anything is solved: which shifts may do a job, what can never be done and why, and the rounds that must stay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geoservice.domain.planning.problem import Job, LeftOut, Problem, Reason, Round, Shift
from geoservice.domain.planning.schedule import Timetable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Orders = dict[str, list[str]]
"""Shift → the jobs it does, in order; shifts with nothing to do may be absent."""


@dataclass(frozen=True)
class Ground:
    """What there is to solve: `allowed` has, for every job that can be done and is in no locked round, the open shifts that can."""

    timetable: Timetable
    shifts: tuple[Shift, ...]  # with a depot, not locked
    allowed: Mapping[str, frozenset[str]]
    locked: tuple[Round, ...]
    left_out: Mapping[str, LeftOut]  # impossible from the start
    all_weight: float

    @property
    def problem(self) -> Problem:
        """The problem as it was asked."""
        return self.timetable.problem

    def value(self, job_key: str) -> float:
        """Return what serving a job is worth: its weight, and more than all the rest together when somebody pinned it."""
        job = self.timetable.jobs[job_key]
        return job.weight if job.pinned_to is None else job.weight + self.all_weight

    def narrowed(self, allowed: Mapping[str, frozenset[str]]) -> Ground:
        """Return the ground with fewer shifts allowed."""
        return replace(self, allowed=allowed)


def survey(problem: Problem) -> Ground:
    """Look at every job by itself, then at what belongs together; time the locked rounds."""
    timetable = Timetable(problem)
    locked = _locked_rounds(timetable)
    settled = {visit.job for one in locked for visit in one.visits}
    usable = [shift for shift in problem.shifts if None not in (shift.start, shift.end)]
    shifts = tuple(shift for shift in usable if shift.key not in problem.locked)
    allowed: dict[str, frozenset[str]] = {}
    left_out: dict[str, LeftOut] = {}
    for job in problem.jobs:
        if job.key in settled:
            continue
        able = frozenset(shift.key for shift in usable if _alone(timetable, shift, job))
        if able:
            allowed[job.key] = able.intersection(shift.key for shift in shifts)
        else:
            left_out[job.key] = _impossible(problem, timetable, usable, job)
    _part_what_cannot_meet(problem, allowed, left_out, settled)
    return Ground(timetable, shifts, allowed, locked, left_out, sum(job.weight for job in problem.jobs))


def _alone(timetable: Timetable, shift: Shift, job: Job) -> bool:
    return timetable.bars(shift, job) is None and timetable.back_s(shift, [job]) is not None


def _locked_rounds(timetable: Timetable) -> tuple[Round, ...]:
    """Time the locked orders; a job that does not fit any more is let go, so that the others stay as they were."""
    rounds = []
    seen: set[str] = set()
    for shift_key, keys in timetable.problem.locked.items():
        if shift_key not in timetable.shifts:
            continue
        kept = [key for key in dict.fromkeys(keys) if key in timetable.jobs and key not in seen]
        timed = keep_what_fits(timetable, shift_key, kept)
        if timed is not None and timed.visits:
            rounds.append(timed)
            seen.update(visit.job for visit in timed.visits)
    return tuple(rounds)


def keep_what_fits(timetable: Timetable, shift_key: str, keys: Sequence[str]) -> Round | None:
    """Drop jobs from an order until it is a round: those that may not be done there, then what weighs least for the time it takes."""
    shift = timetable.shifts[shift_key]
    if shift.start is None or shift.end is None:
        return None
    kept = [key for key in keys if timetable.bars(shift, timetable.jobs[key]) is None]
    while kept:
        timed = timetable.time(shift_key, kept)
        if isinstance(timed, Round):
            return timed
        kept.pop(_least_loss(timetable, shift, kept))
    return None


def _least_loss(timetable: Timetable, shift: Shift, keys: Sequence[str]) -> int:
    """Return the place of the job to drop: one whose going makes a round of the rest, else what weighs least for its time."""
    jobs = [timetable.jobs[key] for key in keys]

    def loss(place: int) -> tuple[bool, bool, float, float]:
        rest = jobs[:place] + jobs[place + 1 :]
        pinned, weight = jobs[place].pinned_to is not None, jobs[place].weight
        gain_s = jobs[place].service_s + timetable.travel_s(shift, jobs) - timetable.travel_s(shift, rest)
        if timetable.back_s(shift, rest) is not None:
            return False, pinned, weight, -gain_s
        return True, pinned, weight / max(gain_s, 1.0), -gain_s

    return min(range(len(jobs)), key=loss)


def _impossible(problem: Problem, timetable: Timetable, usable: Sequence[Shift], job: Job) -> LeftOut:
    """Say why no shift could do a job even if it did nothing else."""
    may_go = [shift for shift in usable if timetable.may_go(shift, job)]
    if not may_go:
        return LeftOut(job.key, Reason.NO_TEAM, _who_is_missing(problem, job))
    able = [shift for shift in may_go if job.skills <= shift.skills]
    if not able:
        nearest = min(
            (sorted(job.skills - shift.skills) for shift in may_go), key=lambda gap: (len(gap), gap)
        )
        return LeftOut(job.key, Reason.NO_SKILL, {"skills": ", ".join(nearest)})
    always_open = replace(job, windows={})
    if any(timetable.back_s(shift, [always_open]) is not None for shift in able):
        return LeftOut(job.key, Reason.NO_WINDOW)
    return LeftOut(job.key, Reason.UNREACHABLE)


def _who_is_missing(problem: Problem, job: Job) -> dict[str, str | float]:
    """Name what would help: `missing` is "depot", "pin" (the shift it is pinned to can't), "zone" or "day"."""
    on_its_days = [shift for shift in problem.shifts if shift.day in job.days]
    if job.pinned_to is not None and any(shift.key != job.pinned_to for shift in on_its_days):
        return {"missing": "pin"}
    if any(shift.start is None or shift.end is None for shift in on_its_days):
        return {"missing": "depot"}
    return {"missing": "zone" if on_its_days else "day"}


def _part_what_cannot_meet(
    problem: Problem, allowed: dict[str, frozenset[str]], left_out: dict[str, LeftOut], settled: set[str]
) -> None:
    """Leave out whole groups that no shift could serve; nothing may be added to a locked round, so its mates stay out too."""
    for group in together_groups(problem):
        spoilt = sorted(key for key in group if key in left_out or key in settled)
        common = frozenset.intersection(*(allowed.get(key, frozenset()) for key in group))
        if not spoilt and common:
            continue
        for key in group & allowed.keys():
            mate = spoilt[0] if spoilt else min(group - {key}, default=key)
            left_out[key] = LeftOut(key, Reason.TOGETHER, {"with": mate})
            del allowed[key]


def together_groups(problem: Problem) -> list[frozenset[str]]:
    """Return what must be served by one patrol, as groups that share no job."""
    keys = {job.key for job in problem.jobs}
    merged: list[frozenset[str]] = []
    for group in problem.together:
        joined = group & keys
        for other in [one for one in merged if one & joined]:
            merged.remove(other)
            joined |= other
        if len(joined) > 1:
            merged.append(joined)
    return merged

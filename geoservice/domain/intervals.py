"""How long points went unvisited, against how long they may: stretches, compliance, and what falls due when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.windows import local_day

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

DAY_S = 86_400.0


class Due(StrEnum):
    """When a point must be visited next, as of a moment; NEVER: no visit of it is known to count from."""

    OK = "ok"
    TOMORROW = "due_tomorrow"
    TODAY = "due_today"
    OVERDUE = "overdue"
    NEVER = "never"


@dataclass(frozen=True)
class Presences:
    """When somebody was at points; arrays (n,) in any order. `point` counts from 0; a check-in ends when it begins."""

    point: NDArray[np.int64]
    from_us: NDArray[np.int64]
    to_us: NDArray[np.int64]


@dataclass(frozen=True)
class Deadline:
    """When the next visit falls due and how the matter stands at the moment asked; `overdue_days` 0: not overdue."""

    due: Due
    due_at: datetime | None
    due_on: date | None
    overdue_days: float | None


@dataclass(frozen=True)
class Compliance:
    """How many of the points whose interval can be judged kept it; `rate` None: none can be judged."""

    kept: int
    judged: int

    @property
    def rate(self) -> float | None:
        """The share that kept it."""
        return self.kept / self.judged if self.judged else None


def longest_stretches(presences: Presences, since_us: NDArray[np.int64], until_us: int) -> NDArray[np.int64]:
    """Return (p,) the longest time, in µs, in which nobody was at each point between `since_us` (p,) and `until_us`.

    `since_us` is the end of the last visit before the window where one is known, else the window's start; `until_us` the
    window's end, or now where that comes first. Stretches run from the start to the first presence, from the latest end so
    far to the next presence, and from the last end to `until_us`; a presence may begin before the start or end after the end.
    """
    order = np.lexsort((presences.from_us, presences.point))
    point = presences.point[order]
    since = since_us[point]
    begins = np.clip(presences.from_us[order], since, np.maximum(since, until_us))
    ends = np.clip(presences.to_us[order], begins, np.maximum(begins, until_us))
    first = np.flatnonzero(np.concatenate(([True], point[1:] != point[:-1]))[: len(point)])
    ends = _latest_so_far(ends, first)
    before = np.concatenate(([0], ends[:-1]))[: len(point)]
    before[first] = since[first]
    longest = np.maximum(until_us - since_us, 0)
    longest[point[first]] = np.maximum.reduceat(np.maximum(begins - before, 0), first)
    last = np.append(first, len(point))[1:] - 1
    longest[point[last]] = np.maximum(longest[point[last]], until_us - ends[last])
    return longest


def _latest_so_far(ends: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the running maximum of `ends` (n,) within each group; `first` names where the groups begin."""
    begins = np.zeros(len(ends), np.int64)
    begins[first] = 1
    # Ranks, lifted clear of those of the group before: one running maximum serves all groups.
    lift = np.cumsum(begins) * len(ends)
    order = np.argsort(ends)
    rank = np.empty(len(ends), np.int64)
    rank[order] = np.arange(len(ends))
    latest: NDArray[np.int64] = ends[order][np.maximum.accumulate(rank + lift) - lift]
    return latest


def kept_interval(longest_days: float, required_days: float, unseen_days: float | None) -> bool | None:
    """Tell whether a point was visited as often as it must be.

    A point that some visit is known of kept its interval if its longest stretch is at most that. One without (`unseen_days`:
    for how long there was data, but none of it) never did: it broke it once that is longer, before that nothing is known.
    """
    if unseen_days is None:
        return longest_days <= required_days
    return False if max(unseen_days, longest_days) > required_days else None


def deadline(
    last_at: datetime | None, required_days: float, at: datetime, zone: ZoneInfo, on: date
) -> Deadline:
    """Return how a point stands at the moment `at` of the local day `on`, whose last visit ended at `last_at`.

    The next visit is due the required interval after the last one: overdue once that moment has passed; due today, or
    tomorrow, if it lies on that local day.
    """
    if last_at is None:
        return Deadline(Due.NEVER, None, None, None)
    due_at = last_at + timedelta(days=required_days)
    due_on = local_day(due_at, zone)
    if due_at < at:
        return Deadline(Due.OVERDUE, due_at, due_on, (at - due_at) / timedelta(days=1))
    if due_on <= on:
        return Deadline(Due.TODAY, due_at, due_on, 0.0)
    due = Due.TOMORROW if due_on == on + timedelta(days=1) else Due.OK
    return Deadline(due, due_at, due_on, 0.0)


def compliance(kept: Iterable[bool | None]) -> Compliance:
    """Count who kept the interval among those of whom it is known."""
    known = [each for each in kept if each is not None]
    return Compliance(sum(known), len(known))

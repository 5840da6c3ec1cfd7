"""What is to be planned and what comes of it. Times are seconds since the local midnight of their day."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoservice.domain.ways import Costs

Span = tuple[float, float]
"""From and to, seconds since midnight."""


class Reason(StrEnum):
    """Why a job is in no patrol; its sentence and what would help are in the messages."""

    NO_TIME = "no_time"  # everybody's shift is full of what weighs more
    NO_WINDOW = "no_window"  # it is open only while nobody is on shift, or too short
    NO_SKILL = "no_skill"  # no team has what it asks for
    UNREACHABLE = "unreachable"  # no way leads there and back within a shift
    NO_TEAM = "no_team"  # no team that may go there works on a day it may be done
    TOGETHER = "together"  # what it belongs with can't be served by the same patrol
    APART = "apart"  # every patrol that could serve it serves what it must not meet


class Keep(StrEnum):
    """Whether teams keep to the zones they answer for."""

    NO = "no"
    SOFT = "soft"  # going elsewhere costs
    HARD = "hard"


@dataclass(frozen=True)
class Rest:
    """A break of `minutes` that begins within `within`."""

    within: Span
    minutes: float


@dataclass(frozen=True)
class Shift:
    """One team on one day. `start` and `end` are rows of the cost matrices; None: the team has no depot, which rules it out."""

    key: str  # "2026-11-23/T1"
    team: str
    day: int  # index into the plan's days
    mode: int  # domain.tracks.Mode
    hours: Span
    start: int | None
    end: int | None
    skills: frozenset[str] = frozenset()
    zone_ids: frozenset[int] | None = None  # None: it may go anywhere
    rest: Rest | None = None


@dataclass(frozen=True)
class Job:
    """One thing to do once. A point that is due several times is several jobs, each with days of its own, spaced apart.

    `place_in` and `place_out` are rows of the cost matrices; they differ for a stretch that is walked from end to end.
    """

    key: str  # "point:12", "point:12#2" for its second time, "wanted:7"
    place_in: int
    place_out: int
    service_s: float
    weight: float  # what is lost when it is not served; above 0
    days: frozenset[int]  # on which it may be done
    windows: Mapping[int, tuple[Span, ...]] = field(
        default_factory=dict
    )  # day → when it may begin; absent: any time
    skills: frozenset[str] = frozenset()
    zone_id: int | None = None
    pinned_to: str | None = None  # the key of the one shift that may do it


@dataclass(frozen=True)
class Problem:
    """Everything a plan is made from. `locked`: shift → jobs in the order that must stay, nothing added.

    `previous`: job → team that had it in yesterday's plan; leaving it costs a little. `together` and `apart` are groups of jobs.
    """

    shifts: tuple[Shift, ...]
    jobs: tuple[Job, ...]
    costs: Mapping[int, Costs]  # mode → seconds and metres between places
    together: tuple[frozenset[str], ...] = ()
    apart: tuple[frozenset[str], ...] = ()
    locked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    previous: Mapping[str, str] = field(default_factory=dict)
    keep_zones: Keep = Keep.SOFT
    longest_over_mean: float = 1.15  # balance: the longest shift at most so much of the mean, where feasible


@dataclass(frozen=True)
class Visit:
    """A job done: the way to it, when one arrives, begins (after waiting for it to open) and leaves."""

    job: str
    arrive_s: float
    begin_s: float
    leave_s: float
    metres: float  # of the way from the stop before
    travel_s: float


@dataclass(frozen=True)
class Round:
    """One shift's way: its visits in order, then home. `rest_at_s`: when the break begins, None without one."""

    shift: str
    visits: tuple[Visit, ...]
    leave_s: float  # the start's
    back_s: float
    metres: float
    travel_s: float
    service_s: float
    wait_s: float
    rest_at_s: float | None = None


@dataclass(frozen=True)
class LeftOut:
    """A job in no patrol, and the reason with the values of its sentence."""

    job: str
    reason: Reason
    values: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Solution:
    """Rounds of the shifts that go out (by day and team), and everything left out."""

    rounds: tuple[Round, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def served(self) -> frozenset[str]:
        """The keys of all jobs that are done."""
        return frozenset(visit.job for one in self.rounds for visit in one.visits)

"""Four clocks that deadlines are counted by, on the city's work calendar; pure, and exact to the microsecond.

A clock is a rate: how many of its units pass in an instant. Hours pass always (urgent) or within the shifts of working days;
days pass evenly over each local day that counts, from midnight to midnight, be it 23, 24 or 25 hours long. What is paused
does not pass. So a deadline is the first instant at which as many units have passed as the limit allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from geoservice.domain.workdays import WorkCalendar

_LONGEST_DAYS = 3660
_HOUR = timedelta(hours=1)
_INSTANT = timedelta(microseconds=1)

Span = tuple[datetime, datetime]
"""From an instant until before another."""


class Clock(StrEnum):
    """What passes: hours day and night, hours of work, days of work, or days."""

    URGENT_HOURS = "urgent_hours"  # 紧急工作时: without a break, rest days too
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    NATURAL_DAYS = "natural_days"

    @property
    def follows_calendar(self) -> bool:
        """Tell whether a change of the work calendar can move its deadlines."""
        return self in {Clock.WORKING_HOURS, Clock.WORKING_DAYS}


@dataclass(frozen=True)
class WorkTime:
    """When the city works: its calendar, its shifts as minutes of the local day, in order and apart, and its time zone."""

    calendar: WorkCalendar
    shifts: tuple[tuple[int, int], ...]
    zone: ZoneInfo


@dataclass(frozen=True)
class Run:
    """One run of a clock: how many of its units are allowed from when, and when it stood still."""

    clock: Clock
    limit: float
    started_at: datetime
    pauses: tuple[Span, ...] = ()


def due_at(run: Run, hours: WorkTime) -> datetime:
    """Return when a run's limit is used up; ValueError where that takes more than ten years, so perhaps for ever."""
    left = Fraction(run.limit)
    for part, unit in _passing(run, hours, None):
        passed = Fraction((part[1] - part[0]) // _INSTANT, unit // _INSTANT)
        if passed >= left:
            return part[0] + -(-left * (unit // _INSTANT) // 1) * _INSTANT
        left -= passed
    raise ValueError(f"{run.limit} {run.clock} from {run.started_at} do not pass within {_LONGEST_DAYS} days")


def elapsed(run: Run, hours: WorkTime, at: datetime) -> float:
    """Return how many units of a run have passed at an instant; 0 before it began."""
    parts = _passing(run, hours, at)
    return float(sum(Fraction((part[1] - part[0]) // _INSTANT, unit // _INSTANT) for part, unit in parts))


def share(run: Run, hours: WorkTime, at: datetime) -> float:
    """Return which share of a run's limit has passed at an instant: 1 when it falls due, 2 when twice as much is gone."""
    return elapsed(run, hours, at) / run.limit


def _passing(run: Run, hours: WorkTime, until: datetime | None) -> Iterator[tuple[Span, timedelta]]:
    """Yield the spans in which the clock runs, in order, each with how long one unit takes in it."""
    pauses = sorted(run.pauses)
    day = run.started_at.astimezone(hours.zone).date()
    for ahead in range(_LONGEST_DAYS):
        today = day + timedelta(days=ahead)
        begins = _at(today, 0, hours.zone)
        if until is not None and begins >= until:
            return
        for span, unit in _of_day(run.clock, today, hours):
            first = max(span[0], run.started_at)
            last = span[1] if until is None else min(span[1], until)
            for part in _without(first, last, pauses):
                yield part, unit


def _of_day(clock: Clock, day: date, hours: WorkTime) -> Iterator[tuple[Span, timedelta]]:
    if clock.follows_calendar and not hours.calendar.is_working(day):
        return
    if clock is Clock.WORKING_HOURS:
        for first, last in hours.shifts:
            yield (_at(day, first, hours.zone), _at(day, last, hours.zone)), _HOUR
        return
    begins, ends = _at(day, 0, hours.zone), _at(day + timedelta(days=1), 0, hours.zone)
    yield (begins, ends), _HOUR if clock is Clock.URGENT_HOURS else ends - begins


def _without(first: datetime, last: datetime, pauses: list[Span]) -> Iterator[Span]:
    """Yield what is left of a span without the pauses, which are in order."""
    for begins, ends in pauses:
        if ends <= first:
            continue
        if begins >= last:
            break
        if begins > first:
            yield first, begins
        first = ends
    if first < last:
        yield first, last


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the instant of a minute of a local day; 1440 is the midnight that ends it."""
    local = datetime.combine(
        day + timedelta(days=minute // 1440), time(minute % 1440 // 60, minute % 60), zone
    )
    return local.astimezone(UTC)

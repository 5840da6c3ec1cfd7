"""Who goes out on which day of a plan, and who stays and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.services.templates import shifts_on
from geoservice.store import due_rows

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, time

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.planning.problem import Span
    from geoservice.store.due_rows import TeamRow

Pair = tuple[float, float]


@dataclass(frozen=True)
class Outing:
    """A team on one day: its hours and its rest as the spans in which they lie, seconds since midnight."""

    key: str
    on: date
    team: TeamRow
    hours: Span
    rest: tuple[Span, float] | None

    @property
    def work_s(self) -> float:
        """The hours less the rest."""
        return self.hours[1] - self.hours[0] - (self.rest[1] * 60 if self.rest else 0.0)

    @property
    def depot(self) -> Pair:
        """Where it starts; only teams with a depot go out."""
        if self.team.depot is None:
            raise ValueError(self.key)
        return self.team.depot


@dataclass(frozen=True)
class Idle:
    """A team that does not go out on a day: no_depot, day_off or busy (with a route of its own)."""

    team: str
    name: str
    on: date
    reason: str


@dataclass(frozen=True)
class Crews:
    """All teams that were asked for, day by day."""

    outings: tuple[Outing, ...]
    idle: tuple[Idle, ...]


def days_of(from_on: date, to_on: date) -> list[date]:
    """Return the days, both ends included."""
    return [from_on + timedelta(days=offset) for offset in range((to_on - from_on).days + 1)]


def crews(session: Session, settings: Settings, days: Collection[date], team_codes: Collection[str]) -> Crews:
    """Return who goes out on these days, by the work calendar, the recurring patrols and the teams' own shifts."""
    outings: list[Outing] = []
    idle: list[Idle] = []
    for day in days:
        working = shifts_on(session, settings, day)
        for team in due_rows.teams(session, team_codes, day):
            hours = [one for one in working if one.team_id == team.id and one.is_free]
            reason = _why_idle(team, bool(hours), any(one.team_id == team.id for one in working))
            if reason:
                idle.append(Idle(team.code, team.name, day, reason))
                continue
            for number, one in enumerate(hours, 1):
                key = f"{day.isoformat()}/{team.code}" + ("" if number == 1 else f"/{number}")
                span = (seconds_of(one.starts), seconds_of(one.ends))
                outings.append(Outing(key, day, team, span, _rest(team, span)))
    return Crews(tuple(outings), tuple(idle))


def seconds_of(at: time) -> float:
    """Return a time of day as seconds since midnight."""
    return at.hour * 3600.0 + at.minute * 60 + at.second


def _why_idle(team: TeamRow, free: bool, works: bool) -> str | None:
    if not free:
        return "busy" if works else "day_off"
    return "no_depot" if team.depot is None else None


def _rest(team: TeamRow, hours: Span) -> tuple[Span, float] | None:
    """Return when the rest may begin, within the team's two times and its hours; None where it has none or no room for it.

    Two times that are closer than the rest is long say when it begins.
    """
    if team.rest is None or team.rest_minutes <= 0:
        return None
    first, last = map(seconds_of, team.rest)
    rest_s = team.rest_minutes * 60
    latest = min(last if last - first < rest_s else last - rest_s, hours[1] - rest_s)
    first = max(first, hours[0])
    return ((first, latest), team.rest_minutes) if latest >= first else None

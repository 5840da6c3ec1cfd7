"""Who goes out when: the patrols of the window, on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from geoservice.services.demo.people import CAR, EBIKE, FOOT, Team

if TYPE_CHECKING:
    import numpy as np

DAYS = 30
ABSENT_TEAM = 4  # was sent elsewhere for a week
_ABSENT_DAYS = range(11, 18)  # days before today
_CANCELLED = 0.03


@dataclass(frozen=True)
class Patrol:
    """One route of one team on one day; `walked`: somebody really went."""

    on: date
    team: int
    route: int  # of the team's own routes
    starts: datetime  # local, naive: the deployment's time zone is applied when it is stored
    ends: datetime
    status: str
    members: tuple[int, ...]  # of the team's own members; the first carries the device

    @property
    def walked(self) -> bool:
        """Tell whether tracks are to be expected."""
        return self.status in ("done", "under_way")


@dataclass(frozen=True)
class _Shift:
    modes: tuple[int, ...]
    start: time
    hours: float
    weekday: float  # how likely it takes place
    weekend: float


_SHIFTS = (
    _Shift((FOOT,), time(8, 20), 2.5, 0.95, 0.45),
    _Shift((FOOT,), time(14, 20), 2.3, 0.85, 0.30),
    _Shift((FOOT,), time(18, 40), 1.7, 0.20, 0.25),
    _Shift((EBIKE,), time(8, 40), 2.0, 0.90, 0.40),
    _Shift((EBIKE,), time(14, 50), 1.8, 0.55, 0.20),
    _Shift((EBIKE,), time(19, 10), 1.5, 0.18, 0.15),
    _Shift((CAR,), time(7, 50), 1.4, 0.85, 0.60),
    _Shift((CAR,), time(19, 20), 1.4, 0.45, 0.45),
    _Shift((CAR,), time(22, 40), 2.1, 0.30, 0.40),  # past midnight
    _Shift((FOOT,), time(22, 10), 1.3, 0.05, 0.08),
)


def plan_shifts(
    rng: np.random.Generator, teams: list[Team], routes: list[int], today: date, until: time
) -> list[Patrol]:
    """Return the patrols of the last thirty days, today and tomorrow; `routes` counts each team's."""
    now = datetime.combine(today, until)
    patrols = []
    for back in range(DAYS - 1, -2, -1):
        day = today - timedelta(days=back)
        for number, team in enumerate(teams):
            absent = number == ABSENT_TEAM and back in _ABSENT_DAYS
            patrols += _day_of(rng, (number, team, routes[number]), day, now, absent)
    return patrols


def _day_of(
    rng: np.random.Generator, who: tuple[int, Team, int], day: date, now: datetime, absent: bool
) -> list[Patrol]:
    number, team, route_count = who
    patrols = []
    first_route, first_member = int(rng.integers(route_count)), int(rng.integers(len(team.members)))
    for turn, shift in enumerate(shift for shift in _SHIFTS if team.mode in shift.modes):
        likely = shift.weekend if day.weekday() >= 5 else shift.weekday
        comes, late, longer, called_off = rng.random(4)
        if comes > likely or turn >= route_count:
            continue
        starts = datetime.combine(day, shift.start) + timedelta(minutes=round(25 * late))
        ends = starts + timedelta(minutes=round(60 * shift.hours * (0.85 + 0.3 * longer)))
        members = tuple((first_member + turn + place) % len(team.members) for place in range(2))
        status = "cancelled" if absent or called_off < _CANCELLED else _status(starts, ends, now)
        patrols.append(Patrol(day, number, (first_route + turn) % route_count, starts, ends, status, members))
    return patrols


def _status(starts: datetime, ends: datetime, now: datetime) -> str:
    if ends <= now:
        return "done"
    if starts <= now:
        return "under_way"
    return "published" if starts.date() == now.date() else "draft"

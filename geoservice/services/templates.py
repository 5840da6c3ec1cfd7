"""Recurring patrols: who works when on a day, and the patrols with a route of their own that come round again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from geoservice.domain.workdays import Kind
from geoservice.services.told import minutes_between
from geoservice.services.workdays import calendar
from geoservice.store import team_rows, template_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.workdays import WorkCalendar
    from geoservice.store.calendars import PatrolTemplate

LEAST_FREE_MINUTES = 60  # what a fixed route leaves of a shift is worth planning from here on

Hours = tuple[time, time]


@dataclass(frozen=True)
class TeamHours:
    """One team at work on one day. `route_id`: it walks that route then and is not free to be planned for."""

    team_id: int
    team_code: str
    starts: time
    ends: time
    template_id: int | None = None
    template_code: str | None = None
    route_id: int | None = None

    @property
    def is_free(self) -> bool:
        """Tell whether a plan may fill these hours."""
        return self.route_id is None


def shifts_on(session: Session, settings: Settings, day: date) -> list[TeamHours]:
    """Return who works when on `day`, by team and hour; a team may come several times.

    A team works its own shift on working days, unless templates without a route say when it works. A template with a route
    takes its hours out of them: what is left is free, the longer piece if it is in the middle.
    """
    known = calendar(session, settings)
    held: dict[int, list[PatrolTemplate]] = {}
    for template in template_rows.templates_on(session, day):
        held.setdefault(template.team_id, []).append(template)
    found = []
    for team in team_rows.active_teams(session):
        mine = held.get(team.id, [])
        todays = [template for template in mine if recurs(template.weekdays, template.days, day, known)]
        own = not any(template.route_id is None for template in mine) and known.is_working(day)
        hours = [_of_template(team.code, template) for template in todays]
        if own:
            taken = [(one.starts, one.ends) for one in hours]
            left = free_hours((team.shift_from, team.shift_to), taken)
            hours += [TeamHours(team.id, team.code, *left)] if left else []
        found += sorted(hours, key=lambda one: (one.starts, one.ends))
    return found


def make_patrols(session: Session, settings: Settings, day: date) -> int:
    """Publish the patrols of `day` that have a route of their own → how many are new; those there already stay as they are."""
    known = calendar(session, settings)
    made = 0
    for template in template_rows.templates_on(session, day):
        if template.route_id is None or not recurs(template.weekdays, template.days, day, known):
            continue
        hours = (_instant(day, template.starts, settings), _instant(day, template.ends, settings))
        made += template_rows.publish_patrol(session, template, day, hours)
    return made


def recurs(weekdays: Iterable[int], days: str, day: date, known: WorkCalendar) -> bool:
    """Tell whether what comes on these weekdays (1 Monday … 7) and `days` (working, resting, all) comes on `day`.

    A make-up working day is a working day, whatever its weekday: a template of weekdays 1–5 for working days comes on it.
    """
    working = known.is_working(day)
    if days != "all" and working != (days == "working"):
        return False
    chosen = set(weekdays)
    if day.isoweekday() in chosen:
        return True
    makes_up = working and known.kind(day) in {Kind.MAKE_UP, Kind.WEEKEND}
    return days == "working" and makes_up and chosen >= {1, 2, 3, 4, 5}


def free_hours(whole: Hours, taken: Iterable[Hours]) -> Hours | None:
    """Return the longest piece of `whole` that nothing takes; None when less than an hour is left."""
    pieces, starts = [], whole[0]
    for first, last in sorted(taken):
        pieces.append((starts, min(first, whole[1])))
        starts = max(starts, last)
    pieces.append((starts, whole[1]))
    longest = max(pieces, key=lambda piece: minutes_between(*piece))
    return longest if minutes_between(*longest) >= LEAST_FREE_MINUTES else None


def _of_template(team_code: str, template: PatrolTemplate) -> TeamHours:
    return TeamHours(
        template.team_id,
        team_code,
        template.starts,
        template.ends,
        template.id,
        template.code,
        template.route_id,
    )


def _instant(day: date, at: time, settings: Settings) -> datetime:
    return datetime.combine(day, at, settings.zone_info)

"""A week of patrols by team, and what was missed in it, by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.domain.actual import Outcome
from geoservice.domain.windows import Window
from geoservice.services.patrols.following import list_patrols
from geoservice.services.patrols.tallies import Tally, add_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.patrols.values import PatrolView, StopView


@dataclass(frozen=True)
class TeamWeek:
    """One team's week. Metres as far as they are known: planned of patrols with a line, actual of those with a track.

    `followed_m` of `followable_m`: how much of the planned lines was gone along by patrols with a track.
    """

    team_id: int
    team_code: str
    team_name: str
    patrols: int
    heard: int
    tally: Tally
    planned_m: float
    actual_m: float
    followed_m: float
    followable_m: float
    under_way_s: float


@dataclass(frozen=True)
class MissedStop:
    """A stop that was missed; `made_up_on`: the later day of the week on which a patrol did it after all."""

    patrol_id: int
    on_day: date
    team_code: str
    team_name: str
    stop: StopView
    made_up_on: date | None


@dataclass(frozen=True)
class Week:
    """Seven days of patrols from a Monday. `late_count` positions came only after their day."""

    window: Window
    teams: tuple[TeamWeek, ...]
    totals: TeamWeek
    missed: tuple[MissedStop, ...]
    unheard: tuple[PatrolView, ...]
    late_count: int
    waiting: bool
    as_of: datetime

    @property
    def before(self) -> date:
        """The Monday of the week before."""
        return self.window.from_on - timedelta(days=7)

    @property
    def after(self) -> date:
        """The Monday of the week after."""
        return self.window.from_on + timedelta(days=7)


def week_of(
    session: Session, settings: Settings, on: date, *, now: datetime, team: str | None = None
) -> Week:
    """Return the week a day lies in, by team and in all."""
    monday = on - timedelta(days=on.weekday())
    window = Window(monday, monday + timedelta(days=6))
    views = list_patrols(session, settings, window, now=now, team=team)
    by_team: dict[str, list[PatrolView]] = {}
    for view in views:
        by_team.setdefault(view.team_code, []).append(view)
    return Week(
        window,
        tuple(_team_week(mine) for _, mine in sorted(by_team.items())),
        _summed(views, 0, "", ""),
        tuple(_missed(views)),
        tuple(view for view in views if view.over and not view.heard),
        sum(view.late_count for view in views),
        any(view.waiting for view in views),
        now,
    )


def _team_week(views: Sequence[PatrolView]) -> TeamWeek:
    return _summed(views, views[0].team_id, views[0].team_code, views[0].team_name)


def _summed(views: Sequence[PatrolView], team_id: int, code: str, name: str) -> TeamWeek:
    return TeamWeek(
        team_id,
        code,
        name,
        len(views),
        sum(view.heard for view in views),
        add_up(view.tally for view in views),
        sum(view.planned_m or 0.0 for view in views),
        sum(view.actual_m or 0.0 for view in views),
        sum(view.followed_m or 0.0 for view in views),
        sum(view.planned_m or 0.0 for view in views if view.followed_m is not None),
        sum(view.under_way_s or 0.0 for view in views),
    )


def _missed(views: Sequence[PatrolView]) -> Iterable[MissedStop]:
    done: dict[str, list[date]] = {}
    for view in views:
        for stop in view.stops:
            if stop.outcome is Outcome.DONE:
                done.setdefault(_name(stop), []).append(view.on_day)
        for extra in view.extras:
            done.setdefault(f"point:{extra.point_id}", []).append(view.on_day)
    for view in views:
        for stop in view.stops:
            if stop.outcome in {Outcome.MISSED, Outcome.SKIPPED}:
                later = [day for day in done.get(_name(stop), []) if day >= view.on_day]
                yield MissedStop(
                    view.patrol_id,
                    view.on_day,
                    view.team_code,
                    view.team_name,
                    stop,
                    min(later, default=None),
                )


def _name(stop: StopView) -> str:
    """Return what tells the same thing in two patrols: a bare place by the wish it came from, else by where it is."""
    if stop.point_id is not None:
        return f"point:{stop.point_id}"
    if stop.street_id is not None:
        return f"street:{stop.street_id}"
    return f"wanted:{stop.wanted_id}" if stop.wanted_id is not None else f"{stop.lon:.6f} {stop.lat:.6f}"

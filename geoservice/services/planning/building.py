"""Reading all that a plan is made from: what is due, or the stops of a version, and who goes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from geoservice.domain.opening import opening_from_rows
from geoservice.domain.planning.periods import occasions
from geoservice.errors import BadRequest
from geoservice.services.planning.content import DROPPED
from geoservice.services.planning.crews import Idle, crews, days_of, seconds_of
from geoservice.services.planning.dueness import due
from geoservice.services.planning.reading import the_plan
from geoservice.services.planning.stops import TIMES_SEPARATOR, Stop, Trip, trip_from_json
from geoservice.services.planning.values import Wish
from geoservice.store import due_rows
from geoservice.store import plan_rows as store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.planning.problem import Span
    from geoservice.services.planning.crews import Outing
    from geoservice.services.planning.values import DueStop

Pair = tuple[float, float]


@dataclass(frozen=True)
class Draft:
    """All that one solution of a plan is made from. `version`: whose stops are solved again, 0: what is due.

    `pinned`: stop → patrol; `locked`: patrol → its stops in order; `previous`: stop → team that had it in the plan before;
    `dropped`: what was left out by hand, as content.
    """

    plan_id: int
    wish: Wish
    version: int
    days: tuple[str, ...]
    stops: tuple[Stop, ...]
    trips: tuple[Trip, ...]
    idle: tuple[Idle, ...]
    together: tuple[frozenset[str], ...]
    apart: tuple[frozenset[str], ...]
    pinned: Mapping[str, str]
    locked: Mapping[str, tuple[str, ...]]
    previous: Mapping[str, str]
    dropped: tuple[Mapping[str, Any], ...] = ()

    @property
    def places(self) -> dict[str, Pair]:
        """The key and place of every start, end and stop, each once."""
        found: dict[str, Pair] = {}
        for trip in self.trips:
            found |= zip(trip.places, (trip.start, trip.end), strict=True)
        for stop in (*self.stops, *map(Stop.from_json, self.dropped)):
            found |= stop.places
        return found


def prepare(
    session: Session, settings: Settings, plan_id: int, *, now: datetime, version: int | None = None
) -> Draft:
    """Read all a plan is made from; `version`: solve that version's stops again instead of what is due.

    The session sees the ground that the plan's asker sees. Raises NotFound; BadRequest for a plan of another kind.
    """
    plan = the_plan(session, plan_id)
    if plan.kind != "points":
        raise BadRequest("plan_kind_fixed")
    wish = Wish.from_json(plan.wish)
    days = days_of(wish.from_on, wish.to_on)
    if version:
        return _again(session, plan_id, wish, days, version)
    going = crews(session, settings, days, wish.team_codes)
    listed = due(session, settings, wish, now=now, plan_id=plan_id)
    stops = _stops(session, listed.stops, days)
    together, apart = _groups(session, stops)
    return Draft(
        plan_id=plan_id, wish=wish, version=0, days=tuple(day.isoformat() for day in days), stops=stops,
        trips=tuple(_trip(one) for one in going.outings), idle=going.idle, together=together, apart=apart,
        pinned={}, locked={}, previous=_previous(session, plan.based_on_id, stops, wish.from_on),
    )  # fmt: skip


def _again(session: Session, plan_id: int, wish: Wish, days: Sequence[date], version: int) -> Draft:
    """Return the stops and trips of a version, its pins and locks, to be solved again."""
    kept = store.version_of(session, plan_id, version)
    if kept is None:
        raise BadRequest("plan_not_ready", plan=plan_id)
    patrols, unserved = kept.content["patrols"], kept.content["unserved"]
    planned = [stop for patrol in patrols for stop in patrol["stops"]]
    left = [stop for stop in unserved if stop["reason"] != DROPPED]
    stops = tuple(map(Stop.from_json, [*planned, *left]))
    together, apart = _groups(session, stops)
    return Draft(
        plan_id=plan_id, wish=wish, version=version, days=tuple(day.isoformat() for day in days), stops=stops,
        trips=tuple(trip_from_json(patrol) for patrol in patrols), idle=idle_of(kept.content),
        together=together, apart=apart,
        pinned={stop["key"]: patrol["key"] for patrol in patrols for stop in patrol["stops"] if stop["pinned"]},
        locked={
            patrol["key"]: tuple(stop["key"] for stop in patrol["stops"]) for patrol in patrols if patrol["locked"]
        },
        previous={stop["key"]: patrol["team"] for patrol in patrols for stop in patrol["stops"]},
        dropped=tuple(stop for stop in unserved if stop["reason"] == DROPPED),
    )  # fmt: skip


def idle_of(content: Mapping[str, Any]) -> tuple[Idle, ...]:
    """Return who stays according to a plan's content."""
    return tuple(
        Idle(one["team"], one["team_name"], date.fromisoformat(one["on"]), one["reason"])
        for one in content["idle"]
    )


def _stops(session: Session, listed: Iterable[DueStop], days: Sequence[date]) -> tuple[Stop, ...]:
    """Return each thing that is due as many times as its interval asks for on these days, spaced apart."""
    listed = list(listed)
    demands = due_rows.point_demands(session, [one.id for one in listed if one.kind == "point"])
    found: list[Stop] = []
    for one in listed:
        demand = demands.get(one.id) if one.kind == "point" else None
        windows = {} if demand is None else _windows(demand.opening, one.service_s, days)
        stop = Stop(
            key=one.key, kind=one.kind, id=one.id, code=one.code, label=one.label, lon=one.lon, lat=one.lat,
            weight=one.weight, service_s=one.service_s, why=one.why, days=(), windows=windows,
            skills=() if demand is None else tuple(demand.skills), zone_id=one.zone_id, wanted_id=one.wanted_id,
            ends=one.ends,
        )  # fmt: skip
        found += _spaced(stop, one, days)
    return tuple(found)


def _spaced(stop: Stop, one: DueStop, days: Sequence[date]) -> list[Stop]:
    """Return the times a stop is made; what is wanted from a day on is not made before it."""
    if one.interval_days is None or one.why[0] == "wanted":
        first = date.fromisoformat(one.why[1]) if one.why[0] == "wanted" else days[0]
        chosen = [frozenset(index for index, day in enumerate(days) if day >= first)]
    else:
        due_in = None if one.due_on is None else (one.due_on - days[0]).days
        chosen = occasions(len(days), one.interval_days, due_in)
    return [
        replace(
            stop,
            key=stop.key if number == 1 else f"{stop.key}{TIMES_SEPARATOR}{number}",
            days=tuple(days[index].isoformat() for index in sorted(on)),
        )
        for number, on in enumerate(chosen, 1)
    ]


def _windows(
    opening: list[dict[str, Any]] | None, service_s: float, days: Sequence[date]
) -> dict[str, tuple[Span, ...]]:
    """Return when a visit may begin on each day so that it ends before the point closes; always open: nothing."""
    week = opening_from_rows(opening)
    if week is None:
        return {}
    spans = {
        day.isoformat(): [
            (seconds_of(low), seconds_of(high) - service_s) for low, high in week.on(day.isoweekday())
        ]
        for day in days
    }
    return {day: tuple(span for span in found if span[1] >= span[0]) for day, found in spans.items()}


def _groups(
    session: Session, stops: Sequence[Stop]
) -> tuple[tuple[frozenset[str], ...], tuple[frozenset[str], ...]]:
    """Return the stops that belong together, time by time, and those that must be apart at any time."""
    of_point: dict[int, list[str]] = {}
    for stop in stops:
        if stop.kind == "point":
            of_point.setdefault(stop.id, []).append(stop.key)
    together, apart = [], []
    for kind, points in due_rows.point_groups(session, list(of_point)):
        keys = [of_point[point] for point in points if point in of_point]
        if kind == "apart":
            apart.append(frozenset(key for each in keys for key in each))
        else:
            most = max(map(len, keys))
            together += [
                frozenset(each[number] for each in keys if number < len(each)) for number in range(most)
            ]
    return tuple(group for group in together if len(group) > 1), tuple(apart)


def _previous(
    session: Session, based_on_id: int | None, stops: Sequence[Stop], before: date
) -> dict[str, str]:
    """Return which team had each stop in the plan that this one is based on, or of a point the last time it was planned."""
    points = {stop.id for stop in stops if stop.kind == "point"}
    team_of = {f"point:{point}": team for point, team in due_rows.last_teams(session, points, before).items()}
    based_on = None if based_on_id is None else store.plan_of(session, based_on_id)
    kept = None if based_on is None else store.version_of(session, based_on.id, based_on.version_number)
    if kept is not None:
        team_of |= {
            Stop.from_json(stop).place: patrol["team"]
            for patrol in kept.content["patrols"]
            for stop in patrol["stops"]
        }
    return {stop.key: team_of[stop.place] for stop in stops if stop.place in team_of}


def _trip(outing: Outing) -> Trip:
    team = outing.team
    return Trip(
        key=outing.key, on=outing.on.isoformat(), team=team.code, team_id=team.id, team_name=team.name, mode=team.mode,
        hours=outing.hours, start=outing.depot, end=team.end_depot or outing.depot, rest=outing.rest, skills=team.skills,
        zone_ids=None if team.zone_ids is None else tuple(sorted(team.zone_ids)),
    )  # fmt: skip

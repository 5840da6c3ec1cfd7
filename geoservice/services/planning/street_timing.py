"""A patrol along streets as the plan's content: streets in walking order with their times, and the line of the whole way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from shapely.ops import substring

from geoservice.domain.crs import to_lonlat
from geoservice.services.planning.content import mode_name
from geoservice.services.planning.stops import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely import LineString

    from geoservice.domain.arcs.carp import Lanes
    from geoservice.domain.arcs.ground import Ground
    from geoservice.domain.arcs.tours import Step
    from geoservice.domain.roads import Network
    from geoservice.store.road_rows import RoadRow

Pair = tuple[float, float]
# A street weighs one for so many metres.
METRES_PER_WEIGHT = 100.0
# What is shorter lies between two ends that were meant to meet: it is walked and not told.
_LEAST_STOP_M = 2.0


@dataclass(frozen=True)
class Going:
    """Who goes along streets: a team's outing, or a patrol that no team is named for (`team_id` None, no depot)."""

    key: str
    on: str
    team: str
    team_id: int | None
    team_name: str
    mode: int
    hours: tuple[float, float]
    rest: tuple[tuple[float, float], float] | None
    depot: Pair | None
    home: Pair | None
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Laid:
    """The streets a plan is made on."""

    network: Network
    rows: Sequence[RoadRow]
    ground: Ground
    epsg: int


@dataclass(frozen=True)
class Way:
    """The way between a patrol's depot and its streets: seconds, metres, and the line in metres (None: it starts there)."""

    seconds: float = 0.0
    metres: float = 0.0
    line: LineString | None = None


@dataclass
class _Clock:
    """Where a patrol is in its day."""

    at_s: float
    rest: tuple[tuple[float, float], float] | None
    rested_at_s: float | None = None

    def rest_if_due(self, more_s: float) -> None:
        """Rest now if the next thing would begin in the span for it, or lead beyond it."""
        if self.rest is None or self.rested_at_s is not None:
            return
        (first, last), minutes = self.rest
        if self.at_s >= first or self.at_s + more_s > last:
            self.rested_at_s = max(self.at_s, first)
            self.at_s = self.rested_at_s + minutes * 60


@dataclass
class _Stretch:
    """Successive steps on one street, all of them covering it or all of them only passing."""

    street: int
    serves: bool
    steps: list[Step] = field(default_factory=list)
    metres: float = 0.0
    seconds: float = 0.0


def lonlat(laid: Laid, xy: Any) -> list[list[float]]:
    """Return places in metres (k, 2) as [lon, lat] with six decimals."""
    return [[round(lon, 6), round(lat, 6)] for lon, lat in to_lonlat(laid.epsg, np.asarray(xy)).tolist()]


def stop_of(
    laid: Laid, street: int, number: int, place: Pair, metres: float, seconds: float
) -> dict[str, Any]:
    """Return a stretch of a street as a stop without times; `number`: how many stretches of it came before."""
    row = laid.rows[street]
    key = f"street:{row.street_id}" + (f"#{number + 1}" if number else "")
    return {
        "key": key, "kind": "street", "id": row.street_id, "wanted_id": None, "code": row.code,
        "label": row.name or row.code, "lon": place[0], "lat": place[1], "service_s": round(seconds),
        "weight": round(max(metres / METRES_PER_WEIGHT, 0.001), 3), "why": ["street", round(metres)], "pinned": False,
        "length_m": round(metres, 1), "may": {"days": [], "windows": {}, "skills": [], "zone_id": None},
    }  # fmt: skip


def time_patrol(
    laid: Laid, going: Going, steps: Sequence[Step], lanes: Lanes, ways: tuple[Way, Way]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the patrol as content, and the streets that its shift is too short for, as unserved.

    `ways` lead from the depot to where the steps begin, and home from there.
    """
    way, home = ways
    rest_s = going.rest[1] * 60 if going.rest else 0.0
    most_s = going.hours[1] - going.hours[0] - rest_s - way.seconds - home.seconds
    stretches, left = _fitting(laid, _stretches(laid, steps), lanes, most_s)
    clock_ = _Clock(going.hours[0] + way.seconds, going.rest)
    line = _places(laid, way.line)
    stops: list[dict[str, Any]] = []
    seen: dict[int, int] = {}
    travel_s, passed_m, passed_s, metres = way.seconds, way.metres, way.seconds, way.metres
    for stretch in stretches:
        part = _line_of(laid, stretch.steps)
        if stretch.serves:
            stop = _as_stop(laid, stretch, part, seen)
            clock_.rest_if_due(stretch.seconds)
            stops.append(_timed(stop, clock_.at_s, stretch, (passed_m, passed_s), len(line), part))
            passed_m = passed_s = 0.0
        else:
            passed_m, passed_s = passed_m + stretch.metres, passed_s + stretch.seconds
            travel_s += stretch.seconds
        clock_.at_s += stretch.seconds
        metres += stretch.metres
        line += part[1:] if line and line[-1] == part[0] else part
    unserved = [
        {**_as_stop(laid, each, _line_of(laid, each.steps), seen), "reason": "no_time", "values": {}}
        for each in left
    ]
    return _patrol(going, clock_, stops, (line, metres, travel_s), home, laid), unserved


def _as_stop(laid: Laid, stretch: _Stretch, part: list[list[float]], seen: dict[int, int]) -> dict[str, Any]:
    number = seen.get(stretch.street, 0)
    seen[stretch.street] = number + 1
    return stop_of(laid, stretch.street, number, (part[0][0], part[0][1]), stretch.metres, stretch.seconds)


def _fitting(
    laid: Laid, stretches: list[_Stretch], lanes: Lanes, most_s: float
) -> tuple[list[_Stretch], list[_Stretch]]:
    """Return what can be walked in so many seconds with the way back to the beginning, and what must be left to others."""
    if sum(stretch.seconds for stretch in stretches) <= most_s:
        return stretches, []
    begin = _node(laid, stretches[0].steps[0], first=True)
    gone_s, fits = 0.0, 0
    back: list[_Stretch] = []
    for number, stretch in enumerate(stretches):
        gone_s += stretch.seconds
        if not stretch.serves:
            continue
        home = _stretches(laid, lanes.way(_node(laid, stretch.steps[-1], first=False), begin))
        if gone_s + sum(each.seconds for each in home) > most_s:
            break
        fits, back = number + 1, home
    return stretches[:fits] + back, [stretch for stretch in stretches[fits:] if stretch.serves]


def _node(laid: Laid, step: Step, *, first: bool) -> int:
    arcs = laid.ground.arcs
    return int((arcs.tail if step.forward == first else arcs.head)[step.edge])


def _timed(
    stop: dict[str, Any],
    at_s: float,
    stretch: _Stretch,
    passed: tuple[float, float],
    vertex: int,
    part: list[list[float]],
) -> dict[str, Any]:
    leave = at_s + stretch.seconds
    return {
        **stop, "from": part[0], "to": part[-1], "arrive": clock(at_s), "begin": clock(at_s), "leave": clock(leave),
        "arrive_s": round(at_s), "begin_s": round(at_s), "leave_s": round(leave), "metres": round(passed[0]),
        "travel_s": round(passed[1]), "vertex": max(0, vertex - 1),
    }  # fmt: skip


def _patrol(
    going: Going,
    clock_: _Clock,
    stops: list[dict[str, Any]],
    gone: tuple[list[list[float]], float, float],
    home: Way,
    laid: Laid,
) -> dict[str, Any]:
    line, metres, travel_s = gone
    back = _places(laid, home.line)
    line = line + (back[1:] if line and back and line[-1] == back[0] else back)
    ends = clock_.at_s + home.seconds
    rest = None
    if clock_.rested_at_s is not None and going.rest is not None:
        rest = {
            "at": clock(clock_.rested_at_s), "at_s": round(clock_.rested_at_s), "minutes": going.rest[1],
        }  # fmt: skip
    start = list(going.depot) if going.depot else line[0] if line else []
    return {
        "key": going.key, "on": going.on, "team": going.team, "team_id": going.team_id, "team_name": going.team_name,
        "mode": mode_name(going.mode), "locked": False, "shift": [clock(going.hours[0]), clock(going.hours[1])],
        "start": start, "end": list(going.home) if going.home else start,
        "may": {
            "mode": going.mode, "hours": list(going.hours), "skills": list(going.skills),
            "rest": None if going.rest is None else [list(going.rest[0]), going.rest[1]], "zone_ids": None,
        },
        "starts": clock(going.hours[0]), "ends": clock(ends), "starts_s": round(going.hours[0]), "ends_s": round(ends),
        "rest": rest, "metres": round(metres + home.metres), "travel_s": round(travel_s + home.seconds),
        "service_s": sum(stop["service_s"] for stop in stops), "wait_s": 0, "line": line, "stops": stops,
    }  # fmt: skip


def _stretches(laid: Laid, steps: Iterable[Step]) -> list[_Stretch]:
    """Return the steps joined by street, in order."""
    found: list[_Stretch] = []
    for step in steps:
        street = int(laid.ground.street[step.edge])
        if not found or found[-1].street != street or found[-1].serves != step.serves:
            found.append(_Stretch(street, step.serves))
        metres = float(laid.ground.arcs.metres[step.edge])
        found[-1].steps.append(step)
        found[-1].metres += metres
        found[-1].seconds += metres / float(laid.network.roads.speed_mps[street])
    for stretch in found:
        stretch.serves &= stretch.metres >= _LEAST_STOP_M
    return found


def _line_of(laid: Laid, steps: Sequence[Step]) -> list[list[float]]:
    """Return the way of steps as [lon, lat], as they are gone."""
    ground = laid.ground
    places: list[list[float]] = []
    for step in steps:
        ends = float(ground.start_m[step.edge]), float(ground.end_m[step.edge])
        part = substring(
            laid.network.line_of(int(ground.street[step.edge])), *(ends if step.forward else ends[::-1])
        )
        new = lonlat(laid, part.coords)
        places += new[1:] if places and places[-1] == new[0] else new
    return places


def _places(laid: Laid, line: LineString | None) -> list[list[float]]:
    return [] if line is None or line.is_empty else lonlat(laid, line.coords)

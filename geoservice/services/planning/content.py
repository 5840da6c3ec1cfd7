"""A solution as the plan's content: patrols with ordered stops, times and lines, what is left out and why, and sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.tracks import Mode
from geoservice.services.planning.stops import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geoservice.domain.planning.problem import LeftOut, Round
    from geoservice.services.planning.crews import Idle
    from geoservice.services.planning.stops import Stop, Trip

Line = list[list[float]]
DROPPED = "dropped"
"""The reason of what was taken out by hand: solving again leaves it out."""


def patrol_of(
    trip: Trip, done: Round | None, stops: Mapping[str, Stop], legs: Sequence[Line], *, locked: bool = False
) -> dict[str, Any]:
    """Return a trip and its round as content; `legs`: the ways to each stop and home, as many as stops and one more."""
    patrol: dict[str, Any] = {
        "key": trip.key, "on": trip.on, "team": trip.team, "team_id": trip.team_id, "team_name": trip.team_name,
        "mode": mode_name(trip.mode), "locked": locked, "shift": [clock(trip.hours[0]), clock(trip.hours[1])],
        "start": list(trip.start), "end": list(trip.end),
        "may": {
            "mode": trip.mode, "hours": list(trip.hours), "skills": list(trip.skills),
            "rest": None if trip.rest is None else [list(trip.rest[0]), trip.rest[1]],
            "zone_ids": None if trip.zone_ids is None else list(trip.zone_ids),
        },
    }  # fmt: skip
    if done is None or not done.visits:
        return {
            **patrol, "starts": clock(trip.hours[0]), "ends": clock(trip.hours[0]), "starts_s": trip.hours[0],
            "ends_s": trip.hours[0], "rest": None, "metres": 0, "travel_s": 0, "service_s": 0, "wait_s": 0, "line": [],
            "stops": [],
        }  # fmt: skip
    line, vertices = _joined(legs)
    rest = None
    if done.rest_at_s is not None and trip.rest is not None:
        rest = {"at": clock(done.rest_at_s), "at_s": round(done.rest_at_s), "minutes": trip.rest[1]}
    return {
        **patrol, "starts": clock(done.leave_s), "ends": clock(done.back_s), "starts_s": round(done.leave_s),
        "ends_s": round(done.back_s), "rest": rest, "metres": round(done.metres), "travel_s": round(done.travel_s),
        "service_s": round(done.service_s), "wait_s": round(done.wait_s), "line": line,
        "stops": [
            {
                **stops[visit.job].as_json(), "arrive": clock(visit.arrive_s), "begin": clock(visit.begin_s),
                "leave": clock(visit.leave_s), "arrive_s": round(visit.arrive_s), "begin_s": round(visit.begin_s),
                "leave_s": round(visit.leave_s), "metres": round(visit.metres), "travel_s": round(visit.travel_s),
                "vertex": vertex,
            }
            for visit, vertex in zip(done.visits, vertices, strict=False)
        ],
    }  # fmt: skip


def _joined(legs: Sequence[Line]) -> tuple[Line, list[int]]:
    """Return legs as one line, and at which vertex each ends."""
    line: Line = []
    vertices = []
    for leg in legs:
        line += leg[1:] if line and leg and line[-1] == leg[0] else leg
        vertices.append(max(0, len(line) - 1))
    return line, vertices


def joined(ways: Sequence[Sequence[str]], legs: Sequence[Sequence[tuple[float, float]]]) -> list[Line]:
    """Return each way as one line; `legs` are the lines between its places, those of all ways in a row."""
    found = []
    rest = iter(legs)
    for way in ways:
        line, _ = _joined([[list(place) for place in next(rest)] for _ in way[1:]])
        found.append(line)
    return found


def legs_of(patrol: Mapping[str, Any]) -> dict[tuple[str, str], Line]:
    """Return the ways of a patrol by the keys of the stops they join; "" is the start and the end."""
    keys = ["", *(stop["key"] for stop in patrol["stops"]), ""]
    cuts = [0, *(stop["vertex"] for stop in patrol["stops"]), max(0, len(patrol["line"]) - 1)]
    return {
        (keys[number], keys[number + 1]): patrol["line"][cuts[number] : cuts[number + 1] + 1]
        for number in range(len(keys) - 1)
    }


def unserved_of(stop: Stop, left: LeftOut | None) -> dict[str, Any]:
    """Return a stop in no patrol; without a reason of the solver's somebody took it out by hand."""
    reason = DROPPED if left is None else str(left.reason)
    return {
        **stop.unpinned().as_json(),
        "reason": reason,
        "values": {} if left is None else dict(left.values),
    }


def content_of(
    days: Sequence[str],
    patrols: Sequence[dict[str, Any]],
    unserved: Sequence[dict[str, Any]],
    idle: Iterable[Mapping[str, Any]],
    *,
    approximate: bool,
) -> dict[str, Any]:
    """Return the content of a plan with its sums."""
    ordered = sorted(unserved, key=lambda one: (-one["weight"], one["code"], one["key"]))
    return {
        "days": list(days),
        "approximate": approximate,
        "patrols": list(patrols),
        "unserved": ordered,
        "idle": [dict(one) for one in idle],
        "totals": totals_of(patrols, ordered),
    }


def totals_of(patrols: Iterable[Mapping[str, Any]], unserved: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sums of a plan; patrols without stops count in none. `fairness`: the longest over the mean."""
    out = [patrol for patrol in patrols if patrol["stops"]]
    served = sum(stop["weight"] for patrol in out for stop in patrol["stops"])
    lengths = [patrol["ends_s"] - patrol["starts_s"] for patrol in out]
    mean = sum(lengths) / len(lengths) if lengths else 0.0
    return {
        "stops": sum(len(patrol["stops"]) for patrol in out),
        "unserved": len(unserved),
        "weight": round(served + sum(stop["weight"] for stop in unserved), 3),
        "weight_served": round(served, 3),
        "metres": sum(patrol["metres"] for patrol in out),
        "travel_s": sum(patrol["travel_s"] for patrol in out),
        "service_s": sum(patrol["service_s"] for patrol in out),
        "longest_s": max(lengths, default=0),
        "mean_s": round(mean),
        "fairness": round(max(lengths) / mean, 3) if mean else None,
    }


def idle_json(one: Idle) -> dict[str, Any]:
    """Return a team that stays as content."""
    return {"team": one.team, "team_name": one.name, "on": one.on.isoformat(), "reason": one.reason}


def mode_name(mode: int) -> str:
    """Return the name of a mode in small letters."""
    return Mode(mode).name.lower()

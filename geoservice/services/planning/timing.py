"""Times of a patrol whose stops were put in another order by hand, from the costs that the plan keeps."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from geoservice.domain.planning.problem import Keep, Problem
from geoservice.domain.planning.schedule import Misfit, Timetable
from geoservice.domain.tracks import Mode
from geoservice.errors import BadRequest
from geoservice.services.planning.content import joined, legs_of, patrol_of
from geoservice.services.planning.places import lay, read_streets, unpack
from geoservice.services.planning.stops import Stop, job_of, shift_of, trip_from_json, ways_of
from geoservice.store import plan_rows as store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from geoservice.domain.planning.problem import Round
    from geoservice.services.planning.content import Line
    from geoservice.services.planning.stops import Trip

Pair = tuple[float, float]


class Clockwork:
    """Times patrols of one plan; what it costs between its places is read once."""

    def __init__(self, session: Session, plan_id: int, days: Sequence[str]) -> None:
        self._session = session
        self._days = days
        self._costs = {
            mode: (places, unpack(payload)) for mode, places, payload in store.costs_of(session, plan_id)
        }

    def best_place(self, patrol: Mapping[str, Any], stop: Stop) -> int:
        """Return where among a patrol's stops another costs least; at the end if it fits nowhere."""
        stops = [Stop.from_json(kept) for kept in patrol["stops"]]
        timed = [(self._timed(patrol, [*stops[:at], stop, *stops[at:]]), at) for at in range(len(stops) + 1)]
        fitting = [
            (round_.back_s - round_.leave_s, at) for round_, at in timed if not isinstance(round_, Misfit)
        ]
        return min(fitting)[1] if fitting else len(stops)

    def again(self, patrol: Mapping[str, Any], stops: Sequence[Stop]) -> dict[str, Any]:
        """Return a patrol with these stops in this order; raises BadRequest that says why there is no such patrol."""
        trip = trip_from_json(patrol)
        done = self._timed(patrol, stops)
        if isinstance(done, Misfit):
            raise _refusal(done, trip, {stop.key: stop for stop in stops})
        legs = self._legs(trip, stops, legs_of(patrol))
        return patrol_of(trip, done, {stop.key: stop for stop in stops}, legs, locked=patrol["locked"])

    def _timed(self, patrol: Mapping[str, Any], stops: Sequence[Stop]) -> Round | Misfit:
        """Return the round; by hand a stop may go to any team on any day, but opening hours and skills hold."""
        trip = trip_from_json(patrol)
        if trip.mode not in self._costs:
            raise BadRequest("plan_kind_fixed")
        row_of, costs = self._costs[trip.mode]
        every = tuple(self._days)
        jobs = tuple(job_of(replace(stop, days=every), self._days, row_of) for stop in stops)
        shift = shift_of(trip, self._days, row_of)
        problem = Problem((shift,), jobs, {trip.mode: costs}, keep_zones=Keep.NO)
        return Timetable(problem).time(trip.key, [job.key for job in jobs])

    def _legs(self, trip: Trip, stops: Sequence[Stop], known: Mapping[tuple[str, str], Line]) -> list[Line]:
        """Return the ways to each stop and home; those not known are looked for on the streets around them."""
        keys = ["", *(stop.key for stop in stops), ""]
        wanted = [at for at in range(len(keys) - 1) if not known.get((keys[at], keys[at + 1]))]
        found: dict[int, Line] = {}
        if wanted and stops:
            every = ways_of(trip, stops)
            found = dict(zip(wanted, self._found(trip, stops, [every[at] for at in wanted]), strict=True))
        return [
            found[at] if at in found else known.get((keys[at], keys[at + 1]), [])
            for at in range(len(keys) - 1)
        ]

    def _found(self, trip: Trip, stops: Sequence[Stop], ways: Sequence[Sequence[str]]) -> list[Line]:
        """Return ways, given by the keys of their places, as lines along the streets."""
        places: dict[str, Pair] = dict(zip(trip.places, (trip.start, trip.end), strict=True))
        for stop in stops:
            places |= stop.places
        used = {key: places[key] for way in ways for key in way}
        row_of = {key: row for row, key in enumerate(used)}
        streets = read_streets(self._session, list(used.values()))
        laid = lay(streets, list(used.values()), range(len(used)), Mode(trip.mode))
        pairs = [(row_of[one], row_of[other]) for way in ways for one, other in pairwise(way)]
        return joined(ways, laid.legs(pairs))


def _refusal(misfit: Misfit, trip: Trip, stops: Mapping[str, Stop]) -> BadRequest:
    stop = stops.get(misfit.job or "")
    return BadRequest(
        f"plan_misfit_{misfit.reason}",
        team=trip.team_name or trip.team,
        stop="" if stop is None else stop.label or stop.code,
        **misfit.values,
    )

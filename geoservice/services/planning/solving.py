"""Solving a plan in steps, so that no transaction stays open while it computes: prepare, read streets, work out, keep."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from geoservice.domain.planning.problem import Keep, Problem
from geoservice.domain.planning.solving import plan_patrols
from geoservice.domain.tracks import Mode
from geoservice.services.planning.content import content_of, idle_json, joined, patrol_of, unserved_of
from geoservice.services.planning.places import lay, pack, read_streets
from geoservice.services.planning.stops import job_of, shift_of, ways_of
from geoservice.store import plan_rows as store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.domain.planning.problem import LeftOut, Round, Solution
    from geoservice.domain.planning.watch import Progress
    from geoservice.services.planning.building import Draft
    from geoservice.services.planning.places import Laid, Streets

# Per cent of the whole work at which each stage begins.
COSTS_FROM, SOLVE_FROM, LINES_FROM = 5, 20, 90


@dataclass(frozen=True)
class Solved:
    """What a solution leaves: the content, and what it costs to go between the places, packed by mode."""

    content: dict[str, Any]
    places: dict[str, int]
    costs: dict[int, bytes]


def streets_of(session: Session, draft: Draft) -> Streets:
    """Read the streets around a plan's places."""
    return read_streets(session, list(draft.places.values()))


def work_out(
    draft: Draft, streets: Streets, progress: Callable[[int, str], None], stop: Callable[[], bool]
) -> Solved:
    """Solve; needs no database. `progress` takes per cent and a stage, `stop` says when to make do with the best so far."""
    row_of = {key: row for row, key in enumerate(draft.places)}
    laid = _lay(draft, streets, row_of, progress)
    problem = _problem(draft, row_of, laid)
    progress(SOLVE_FROM, "planning_routes")

    def told(far: Progress) -> None:
        progress(SOLVE_FROM + int((LINES_FROM - SOLVE_FROM) * far.share), "planning_routes")

    solution = plan_patrols(
        problem, seconds=draft.wish.seconds, seed=draft.wish.seed, progress=told, stop=stop
    )
    progress(LINES_FROM, "planning_lines")
    content = _content(draft, solution, laid, row_of)
    return Solved(content, row_of, {mode: pack(one.costs) for mode, one in laid.items()})


def keep(session: Session, draft: Draft, outcome: Solved, *, by: int | None, now: datetime) -> int:
    """Keep the outcome as the plan's newest version; return its number."""
    plan = store.plan_of(session, draft.plan_id, lock=True)
    change = {"do": "resolve" if draft.version else "solve"}
    number = store.keep_version(session, draft.plan_id, outcome.content, change, by=by, now=now)
    for mode, payload in outcome.costs.items():
        store.keep_costs(session, draft.plan_id, mode, outcome.places, payload)
    if plan is not None and plan.state in {"asked", "failed"}:
        store.set_state(session, draft.plan_id, state="ready")
    return number


def _lay(
    draft: Draft, streets: Streets, row_of: Mapping[str, int], progress: Callable[[int, str], None]
) -> dict[int, Laid]:
    """Lay the places on the streets for each mode that goes out."""
    modes = sorted({trip.mode for trip in draft.trips})
    places = list(draft.places.values())
    laid = {}
    for number, mode in enumerate(modes):
        progress(
            COSTS_FROM + (SOLVE_FROM - COSTS_FROM) * number // max(len(modes), 1),
            "planning_costs",
        )
        depots = [row_of[key] for trip in draft.trips if trip.mode == mode for key in trip.places]
        laid[mode] = lay(streets, places, depots, Mode(mode))
    return laid


def _problem(draft: Draft, row_of: Mapping[str, int], laid: Mapping[int, Laid]) -> Problem:
    trips = {trip.key for trip in draft.trips}
    return Problem(
        shifts=tuple(shift_of(trip, draft.days, row_of) for trip in draft.trips),
        jobs=tuple(
            job_of(stop, draft.days, row_of, pinned_to=draft.pinned.get(stop.key)) for stop in draft.stops
        ),
        costs={mode: one.costs for mode, one in laid.items()},
        together=draft.together,
        apart=draft.apart,
        locked={key: stops for key, stops in draft.locked.items() if key in trips},
        previous=draft.previous,
        keep_zones=Keep(draft.wish.keep_zones),
    )


def _content(
    draft: Draft, solution: Solution, laid: Mapping[int, Laid], row_of: Mapping[str, int]
) -> dict[str, Any]:
    """Return the solution as content, every trip in it, also those that nothing is left for."""
    stops = {stop.key: stop for stop in draft.stops}
    rounds = {one.shift: one for one in solution.rounds}
    legs = _legs(draft, rounds, laid, row_of)
    patrols = [
        patrol_of(trip, rounds.get(trip.key), stops, legs.get(trip.key, []), locked=trip.key in draft.locked)
        for trip in draft.trips
    ]
    for patrol in patrols:
        for stop in patrol["stops"]:
            stop["pinned"] = draft.pinned.get(stop["key"]) == patrol["key"]
    left: dict[str, LeftOut] = {one.job: one for one in solution.left_out}
    served = solution.served
    unserved = [unserved_of(stop, left.get(stop.key)) for stop in draft.stops if stop.key not in served]
    unserved += [dict(one) for one in draft.dropped]
    return content_of(
        draft.days, patrols, unserved, [idle_json(one) for one in draft.idle],
        approximate=any(one.approximate for one in laid.values()),
    )  # fmt: skip


def _legs(
    draft: Draft, rounds: Mapping[str, Round], laid: Mapping[int, Laid], row_of: Mapping[str, int]
) -> dict[str, list[list[list[float]]]]:
    """Return the ways of every round, trip by trip: to each stop, and home."""
    stops = {stop.key: stop for stop in draft.stops}
    found = {}
    for trip in draft.trips:
        done = rounds.get(trip.key)
        if done is None or not done.visits:
            continue
        ways = ways_of(trip, [stops[visit.job] for visit in done.visits])
        pairs = [(row_of[one], row_of[other]) for way in ways for one, other in pairwise(way)]
        found[trip.key] = joined(ways, laid[trip.mode].legs(pairs))
    return found

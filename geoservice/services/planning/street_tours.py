"""Tours over the streets of a zone, on foot or by vehicle, given to who goes, and what is left out of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment

from geoservice.domain.arcs.carp import Drives, Lanes, drive, least_drive_m, reachable
from geoservice.domain.arcs.patrols import share_out
from geoservice.domain.arcs.postman import solve_postman
from geoservice.domain.crs import to_metric
from geoservice.domain.tracks import Mode
from geoservice.domain.ways import StopGraph, put_stops
from geoservice.services.planning.places import DETOUR, FAR_M
from geoservice.services.planning.street_timing import Way, lonlat, stop_of, time_patrol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geoservice.domain.arcs.tours import Step
    from geoservice.services.planning.street_timing import Going, Laid
    from geoservice.services.planning.street_wishes import StreetsDraft

Why = tuple[str, dict[str, Any]]
# A vehicle's share of the streets is at most so much of an even one.
_UNEVEN = 1.1
_BOUND_S = 5.0


@dataclass(frozen=True)
class Tours:
    """The steps of each patrol, what all are compared with, edges that can't be reached, and how one may go."""

    tours: tuple[Sequence[Step], ...]
    least_m: float
    bound_m: float
    beyond: NDArray[np.int64]
    lanes: Lanes


def find_tours(laid: Laid, draft: StreetsDraft) -> Tours:
    """Return the tours of all who go; where nobody does, every street is beyond."""
    if not draft.going:
        arcs = laid.ground.arcs
        return Tours((), arcs.required_m, arcs.required_m, np.flatnonzero(arcs.required), Lanes(arcs))
    return (_walks if draft.going[0].mode == Mode.FOOT else _drives)(laid, draft)


def _walks(laid: Laid, draft: StreetsDraft) -> Tours:
    arcs = laid.ground.arcs
    shares = share_out(arcs, len(draft.going), draft.wish.seconds)
    tours = tuple(share.steps(arcs) for share in shares.shares)
    return Tours(tours, shares.alone.length_m, shares.alone.bound_m, np.empty(0, np.int64), Lanes(arcs))


def _drives(laid: Laid, draft: StreetsDraft) -> Tours:
    """Return the vehicles' ways; all begin where the streets are nearest to the first depot, else in their middle."""
    arcs, count = laid.ground.arcs, len(draft.going)
    both = np.ones(len(arcs.tail), np.bool_)
    ends = np.unique(np.concatenate((arcs.tail[arcs.required], arcs.head[arcs.required])))
    depot = draft.going[0].depot
    middle = (
        laid.ground.node_xy[ends].mean(axis=0)
        if depot is None
        else to_metric(laid.epsg, np.array([depot]))[0]
    )
    start = int(ends[np.argmin(np.hypot(*(laid.ground.node_xy[ends] - middle).T))])
    one_way = laid.network.roads.one_way[laid.ground.street]
    load = np.maximum(1, np.rint(arcs.metres)).astype(np.int64)
    drives = Drives(
        arcs.node_count,
        arcs.tail,
        arcs.head,
        arcs.metres,
        both,
        ~one_way,
        arcs.required,
        load,
        start,
        0,
        count,
    )
    can = reachable(drives)
    must = arcs.required & can
    most = int(load[must].sum() / count * _UNEVEN + load[must].max(initial=1))
    drives = replace(drives, required=must, capacity=most)
    found = drive(drives, draft.wish.seconds)
    # One walk from the depot over all of it, whichever way streets go, is no longer than the vehicles' ways together.
    on_foot = solve_postman(arcs.requiring(np.flatnonzero(must)), _BOUND_S)
    bound = max(least_drive_m(drives), on_foot.bound_m)
    return Tours(found.routes, found.length_m, bound, np.flatnonzero(arcs.required & ~can), Lanes(drives))


def patrols_of(
    laid: Laid, draft: StreetsDraft, tours: Tours
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give each tour to who starts nearest to it, and time it; return the patrols, and what is left out and why."""
    xy = laid.ground.node_xy
    turned: list[list[tuple[float, int]]] = []
    for one in draft.going:
        place = None if one.depot is None else to_metric(laid.epsg, np.array([one.depot]))[0]
        turned.append([_nearest(laid, steps, place) for steps in tours.tours])
    away = np.array([[off for off, _ in row] for row in turned]).reshape(len(draft.going), len(tours.tours))
    patrols, unserved = [], []
    for who, tour in zip(*linear_sum_assignment(away), strict=True):
        going, steps = draft.going[who], tours.tours[tour]
        first = turned[who][tour][1]
        steps = [*steps[first:], *steps[:first]]
        begin = _start_node(laid, steps[0])
        ways = _approach(laid, going, xy[begin])
        patrol, left = time_patrol(laid, going, _serving_first(steps), tours.lanes, ways)
        patrols.append(patrol)
        unserved += left
    ground = laid.ground
    why: Why = (
        ("unreachable", {}) if draft.going else ("no_team", {"missing": ", ".join(draft.wish.team_codes)})
    )
    unserved += [_beyond(laid, *stretch, ("unreachable", {})) for stretch in ground.apart]
    unserved += [
        _beyond(laid, int(ground.street[edge]), float(ground.start_m[edge]), float(ground.end_m[edge]), why)
        for edge in tours.beyond.tolist()
    ]
    # One street may be left out in several stretches.
    return patrols, [{**one, "key": f"{one['key']}/{number}"} for number, one in enumerate(unserved)]


def _start_node(laid: Laid, step: Step) -> int:
    arcs = laid.ground.arcs
    return int(arcs.tail[step.edge] if step.forward else arcs.head[step.edge])


def _nearest(laid: Laid, steps: Sequence[Step], place: NDArray[np.float64] | None) -> tuple[float, int]:
    """Return how far the nearest place of a tour is, and at which step it begins."""
    if place is None:
        return 0.0, 0
    nodes = [_start_node(laid, step) for step in steps]
    off = np.hypot(*(laid.ground.node_xy[nodes] - place).T)
    return float(off.min()), int(np.argmin(off))


def _serving_first(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with each edge covered when it is first gone over, as a tour that begins elsewhere would."""
    serving = {step.edge for step in steps if step.serves}
    found = []
    for step in steps:
        found.append(step._replace(serves=step.edge in serving))
        serving.discard(step.edge)
    return found


def _approach(laid: Laid, going: Going, begin: NDArray[np.float64]) -> tuple[Way, Way]:
    """Return the way from a patrol's depot to where it begins, and home; straight where no street leads there."""
    if going.depot is None or going.home is None:
        return Way(), Way()
    places = np.vstack((to_metric(laid.epsg, np.array([going.depot, going.home])), begin))
    graph = StopGraph(laid.network, put_stops(laid.network, places, FAR_M))
    costs = graph.costs()
    found = []
    for one, other in ((0, 2), (2, 1)):
        if np.isfinite(costs.seconds[one, other]):
            found.append(
                Way(float(costs.seconds[one, other]), float(costs.metres[one, other]), graph.way(one, other))
            )
        else:
            metres = float(np.hypot(*(places[one] - places[other]))) * DETOUR
            speed = float(np.median(laid.network.roads.speed_mps))
            found.append(Way(metres / speed, metres, shapely.LineString(places[[one, other]])))
    return found[0], found[1]


def _beyond(laid: Laid, street: int, start_m: float, end_m: float, why: Why) -> dict[str, Any]:
    """Return a stretch that nobody goes along as unserved."""
    middle = laid.network.line_of(street).interpolate((start_m + end_m) / 2)
    lon, lat = lonlat(laid, [middle.coords[0]])[0]
    metres = end_m - start_m
    stop = stop_of(laid, street, 0, (lon, lat), metres, metres / float(laid.network.roads.speed_mps[street]))
    return {**stop, "reason": why[0], "values": why[1]}


def compared(laid: Laid, tours: Tours) -> dict[str, Any]:
    """Return what the tours come to against one patrol's least way; ways from and to depots are in none of it."""
    lengths = [float(sum(laid.ground.arcs.metres[step.edge] for step in steps)) for steps in tours.tours]
    total = sum(lengths)
    return {
        "streets_m": round(laid.ground.arcs.required_m), "tours_m": round(total), "least_m": round(tours.least_m),
        "bound_m": round(tours.bound_m), "ratio": round(total / max(tours.bound_m, 1e-9), 4),
        "longest_over_mean": round(max(lengths, default=0.0) * len(lengths) / max(total, 1e-9), 3),
        "proven": tours.least_m <= tours.bound_m * (1 + 1e-6) + 1e-6,
    }  # fmt: skip

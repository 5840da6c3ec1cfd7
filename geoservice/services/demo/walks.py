"""Ways through the network: planned routes from stop to stop, and what a patrol adds of its own."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString

from geoservice.services.demo.names import COMMUNITIES
from geoservice.services.demo.network import paths
from geoservice.services.demo.people import CAR, FOOT, Team
from geoservice.services.demo.plane import stretch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scipy.sparse import csr_array

    from geoservice.services.demo.ground import Ground
    from geoservice.services.demo.network import Ints, Network
    from geoservice.services.demo.places import Place
    from geoservice.services.demo.plane import Floats
    from geoservice.services.demo.roads import Roads

RARE_COMMUNITIES = (4, 15, 29, 37)  # hardly ever walked
UNSEEN_COMMUNITY = 17  # nobody's ground, and nobody goes
_ROUTES = {FOOT: 5, CAR: 3}
_STOPS = {FOOT: 8, CAR: 7}


@dataclass(frozen=True)
class Stop:
    """A place on a route: the point looked at, and where in its street one stands."""

    place: int
    edge: int
    at: tuple[float, float]


@dataclass(frozen=True)
class PlannedRoute:
    """An order of stops of one team, and the way from the first to the last."""

    team: int
    stops: list[Stop]
    edges: list[int]
    line: Floats
    stop_m: list[float]  # how far along the line each stop is
    end: int  # the last node


@dataclass
class Walker:
    """What one team knows of the network: where it likes to go, and where it has been."""

    network: Network
    appeal: Floats  # per edge, 0: never
    rng: np.random.Generator
    visits: dict[int, float] = field(default_factory=dict)  # how fresh in mind each edge is that was walked

    @cached_property
    def _likes(self) -> list[float]:
        # One number at a time is looked at, which lists are five times quicker at.
        likes: list[float] = self.appeal.tolist()
        return likes

    @cached_property
    def ways(self) -> csr_array:
        """What it costs the team to walk: where nobody goes, six times the way."""
        return self.network.graph(self.network.length_m * np.where(self.appeal > 0, 1.0, 6.0))

    def roam(self, node: int, length_m: float, came_by: int = -1) -> list[int]:
        """Walk on from `node`, rather where one has not been, until the way is long enough."""
        edges: list[int] = []
        walked = 0.0
        while walked < length_m:
            ways = self.network.leaving[node]
            leaving = [pair for pair in ways if pair[0] != came_by] or ways  # turn round only at a dead end
            came_by, node = leaving[self._choose([edge for edge, _ in leaving])]
            self.see([came_by])
            edges.append(came_by)
            walked += self.network.lengths[came_by]
        return edges

    def see(self, edges: Iterable[int]) -> None:
        """Keep edges in mind."""
        for edge in edges:
            self.visits[edge] = self.visits.get(edge, 0.0) + 1

    def rest(self) -> None:
        """Let a day pass: what was seen long ago is worth seeing again."""
        self.visits = {edge: seen * 0.55 for edge, seen in self.visits.items()}

    def _choose(self, edges: list[int]) -> int:
        if len(edges) == 1:
            return 0
        total = list(accumulate(self._likes[edge] / (0.5 + self.visits.get(edge, 0.0)) for edge in edges))
        if total[-1] <= 0:
            return 0
        return bisect_right(total, self.rng.random() * total[-1])


def make_walkers(rng: np.random.Generator, ground: Ground, roads: Roads, teams: list[Team]) -> list[Walker]:
    """Return one walker a team; lanes nobody enters and communities hardly walked are the same for all."""
    network = roads.network
    tree = shapely.STRtree([cell.shape for cell in ground.cells])
    cells = np.asarray(tree.nearest(shapely.points(network.middles)), dtype=np.int64)
    community = np.array([cell.community for cell in ground.cells])[cells]
    street = np.array([cell.street for cell in ground.cells])[cells]
    street_class = np.full(len(cells), "living_street")
    for road in roads.streets:
        street_class[list(road.edges)] = road.street_class
    is_lane = street_class == "living_street"
    common = np.ones(len(cells))
    common[is_lane & (rng.random(len(ground.cells)) < 0.26)[cells]] = 0  # gated compounds
    common[is_lane & (rng.random(len(cells)) < 0.10)] = 0
    common *= np.where(is_lane, rng.lognormal(0, 1.1, len(cells)), 1.0)  # some lanes are on the way
    common *= rng.choice([0.2, 0.6, 1.0, 1.0], len(COMMUNITIES))[community]
    common[np.isin(community, RARE_COMMUNITIES)] *= 0.03
    common[(community == UNSEEN_COMMUNITY) & (is_lane | (street_class == "tertiary"))] = 0
    walkers = []
    for number, team in enumerate(teams):
        likes = common * np.where(np.isin(street, team.streets), 1.0, 0.02)
        if team.mode == CAR:
            likes = likes * np.select([is_lane, street_class == "tertiary"], [0.01, 0.25], 1.0)
            far = np.abs(network.middles[:, 0] - (-1_300 if number % 2 else 1_300)) > 1_500
            likes = likes * np.where(far, 0.3, 1.0)
        walkers.append(Walker(network, likes, np.random.default_rng(rng.integers(2**63))))
    return walkers


def plan_routes(
    rng: np.random.Generator, roads: Roads, places: list[Place], walkers: list[Walker]
) -> list[PlannedRoute]:
    """Return every team's routes: neighbouring points in a sensible order, joined along the streets."""
    stops = _stops(roads, places)
    at = np.array([place.at for place in places])
    routes = []
    for number, walker in enumerate(walkers):
        mode = number_mode(number)
        pool = np.flatnonzero(walker.appeal[[stop.edge for stop in stops]] > (0.2 if mode == CAR else 0.4))
        for _ in range(_ROUTES.get(mode, 4)):
            chosen = _neighbours(rng, at, pool, _STOPS.get(mode, 10), spread=3.0 if mode == CAR else 1.6)
            route = _join(walker, [stops[place] for place in chosen], number)
            routes.append(route)
    return routes


def number_mode(team: int) -> int:
    """Return the mode of a team by its number: six on foot, four on e-bikes, two in cars."""
    return FOOT if team < 6 else FOOT + 1 if team < 10 else CAR


def _stops(roads: Roads, places: list[Place]) -> list[Stop]:
    stops = []
    for number, place in enumerate(places):
        edges = roads.streets[place.street].edges
        lines = [LineString(roads.network.lines[edge]) for edge in edges]
        here = shapely.Point(place.at)
        nearest = int(np.argmin(shapely.distance(lines, here)))
        on = lines[nearest].interpolate(lines[nearest].project(here))
        stops.append(Stop(number, edges[nearest], (on.x, on.y)))
    return stops


def _neighbours(rng: np.random.Generator, at: Floats, pool: Ints, count: int, spread: float) -> list[int]:
    """Choose some points near one another, each the nearest to the one before."""
    first = int(rng.choice(pool))
    near = pool[np.argsort(np.hypot(*(at[pool] - at[first]).T))][: int(count * spread)]
    left = set(rng.choice(near, size=min(count, len(near)), replace=False).tolist())
    order = [first]
    left.discard(first)
    while left:
        last = at[order[-1]]
        order.append(min(left, key=lambda n: (float(np.hypot(*(at[n] - last))), n)))
        left.discard(order[-1])
    return order


def _join(walker: Walker, stops: list[Stop], team: int) -> PlannedRoute:
    network = walker.network
    start = node = int(network.ends[stops[0].edge, 0])
    edges: list[int] = []
    places: list[int] = []
    for stop in stops:
        one, other = network.ends[stop.edge].tolist()
        distance, before = paths(walker.ways, node)
        near, far = (one, other) if distance[one] <= distance[other] else (other, one)
        nodes = [near]
        while nodes[-1] != node:
            nodes.append(int(before[nodes[-1]]))
        edges += [*network.edges_of(nodes[::-1]), stop.edge]
        places.append(len(edges) - 1)
        node = far
    line, starts_m = network.along(edges, start)
    stop_m = [
        starts_m[place] + _projected(line, starts_m, place, stop)
        for place, stop in zip(places, stops, strict=True)
    ]
    return PlannedRoute(team, stops, edges, line, stop_m, node)


def _projected(line: Floats, starts_m: list[float], place: int, stop: Stop) -> float:
    """How far into its edge, in the direction it is walked, a stop lies."""
    piece = stretch(LineString(line), starts_m[place], starts_m[place + 1])
    return float(piece.project(shapely.Point(stop.at)))

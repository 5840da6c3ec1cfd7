"""The whole demo city as one value: the same seed, day, hour and time zone give the same city."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from itertools import groupby

import numpy as np
import shapely
from shapely import LineString, Polygon

from geoservice.services.demo.check_ins import Report, report_visits
from geoservice.services.demo.fixes import FixTable, Outing, record_patrols
from geoservice.services.demo.ground import Cell, Ground, lay_ground
from geoservice.services.demo.names import CITY, CITY_CODE, COMMUNITIES, DISTRICT, DISTRICT_CODE, STREETS
from geoservice.services.demo.people import Contract, Leader, Team, hire_teams, name_leaders, sign_contracts
from geoservice.services.demo.places import Place, set_points
from geoservice.services.demo.plane import on_earth, polygons_in
from geoservice.services.demo.posts import Post, post_teams
from geoservice.services.demo.roads import Roads, lay_roads
from geoservice.services.demo.shifts import Patrol, plan_shifts
from geoservice.services.demo.walks import PlannedRoute, make_walkers, plan_routes

SEED = 20240501
LATEST = time(15, 30)  # until when today's patrols are told, unless somebody says otherwise
FIRST_COMMUNITY = 2 + len(STREETS)  # in `DemoCity.zones`: the city, the district, the streets come before
FIRST_CELL = FIRST_COMMUNITY + len(COMMUNITIES)


@dataclass(frozen=True)
class Zone:
    """A zone; `parent` is an index into the same list, None for the city. Shapes are lon/lat from here on."""

    level: str
    code: str
    name: str
    parent: int | None
    shape: Polygon


@dataclass(frozen=True)
class DemoCity:
    """Everything that is stored. Cells, streets and points refer to one another by their place in these lists."""

    zones: list[Zone]
    ground: Ground
    roads: Roads
    street_lines: list[LineString]
    places: list[Place]
    place_shapes: list[shapely.Point]
    obstacle_shapes: list[Polygon]
    teams: list[Team]
    posts: list[Post]
    leaders: list[Leader]
    contracts: list[Contract]
    routes: list[PlannedRoute]
    route_lines: list[LineString]
    patrols: list[Patrol]
    fixes: FixTable
    reports: list[Report]


@dataclass(frozen=True)
class Still:
    """What lies still, whatever day it is."""

    ground: Ground
    roads: Roads
    places: list[Place]


def lay_still(seed: int) -> Still:
    """Lay the ground, the roads and the points of a city."""
    ground = lay_ground(_dice(seed, 1))
    roads = lay_roads(_dice(seed, 2), ground)
    return Still(ground, roads, set_points(_dice(seed, 3), ground, roads))


def make_city(
    seed: int, today: date, zone: tzinfo, until: time = LATEST, still: Still | None = None
) -> DemoCity:
    """Make the city with its patrols of the thirty days that end with `today` at `until`, local time.

    `still` is what `lay_still` made of the same seed, where that is known already.
    """
    still = still or lay_still(seed)
    ground, roads, places = still.ground, still.roads, still.places
    teams = hire_teams(_dice(seed, 4))
    walkers = make_walkers(_dice(seed, 5), ground, roads, teams)
    routes = plan_routes(_dice(seed, 6), roads, places, walkers)
    by_team = [list(group) for _, group in groupby(routes, key=lambda route: route.team)]
    # One throw a day would leave each day alone, but the walkers remember: the window is one story.
    patrols = plan_shifts(_dice(seed, 7), teams, [len(group) for group in by_team], today, until)
    outing = Outing(datetime.combine(today, until), zone)
    fixes = record_patrols(_dice(seed, 8), patrols, by_team, (teams, walkers), outing)
    return DemoCity(
        zones=_zones(ground.cells),
        ground=ground,
        roads=roads,
        street_lines=[on_earth(road.line) for road in roads.streets],
        places=places,
        place_shapes=[on_earth(shapely.Point(place.at)) for place in places],
        obstacle_shapes=[on_earth(each.shape) for each in ground.obstacles],
        teams=teams,
        posts=post_teams(ground, roads, teams),
        leaders=name_leaders(_dice(seed, 9)),
        contracts=sign_contracts(ground, roads, places),
        routes=routes,
        route_lines=[on_earth(LineString(route.line)) for route in routes],
        patrols=patrols,
        fixes=fixes,
        reports=report_visits(_dice(seed, 10), places, teams, fixes),
    )


def _dice(seed: int, part: int) -> np.random.Generator:
    """Return dice of one part's own, so that a change in one part leaves the others as they were."""
    return np.random.default_rng([seed, part])


def _zones(cells: list[Cell]) -> list[Zone]:
    """Return the tree from the city down; every parent is exactly the union of its children."""
    shapes = np.array([on_earth(cell.shape) for cell in cells])
    community = np.array([cell.community for cell in cells])
    street_of = {cell.community: cell.street for cell in cells}
    communities = [_joined(shapes[community == number].tolist()) for number in range(len(COMMUNITIES))]
    streets = [
        _joined([communities[c] for c, street in street_of.items() if street == number])
        for number in range(len(STREETS))
    ]
    district = _joined(streets)
    zones = [
        Zone("city", CITY_CODE, CITY, None, district),
        Zone("district", DISTRICT_CODE, DISTRICT, 0, district),
    ]
    for number, (word, shape) in enumerate(zip(STREETS, streets, strict=True)):
        zones.append(Zone("street", f"{DISTRICT_CODE}{number + 1:03d}", f"{word}街道", 1, shape))
    _add_numbered(zones, "community", [2 + street_of[c] for c in range(len(COMMUNITIES))], communities)
    _add_numbered(zones, "grid", [FIRST_COMMUNITY + cell.community for cell in cells], shapes.tolist())
    return zones


def _joined(neighbours: list[Polygon]) -> Polygon:
    """Return the ground of neighbours that share their vertices: no vertex is moved."""
    (whole,) = polygons_in(shapely.coverage_union_all(neighbours))
    return whole


def _add_numbered(zones: list[Zone], level: str, parents: list[int], shapes: list[Polygon]) -> None:
    """Add children whose codes count up within their parent."""
    counts: dict[int, int] = {}
    for index, (parent, shape) in enumerate(zip(parents, shapes, strict=True)):
        number = counts[parent] = counts.get(parent, 0) + 1
        above = zones[parent]
        name = f"{COMMUNITIES[index]}社区" if level == "community" else f"{above.name}{number:02d}网格"
        zones.append(Zone(level, f"{above.code}{number:03d}", name, parent, shape))

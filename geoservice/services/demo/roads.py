"""The street network: borders that are roads, embankments, a ring, and back lanes through the cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.services.demo.cutting import Habit, Surveyor
from geoservice.services.demo.ground import RoadLine
from geoservice.services.demo.names import NameMaker, numeral
from geoservice.services.demo.network import Network, weave
from geoservice.services.demo.plane import lines_in, polygons_in, stretch

if TYPE_CHECKING:
    from shapely import LineString, Polygon
    from shapely.geometry.base import BaseGeometry

    from geoservice.services.demo.ground import Ground, Obstacle
    from geoservice.services.demo.network import Ints

_BANK_M = {"water": 14.0, "mountain": 8.0, "compound": 6.0}
_LANE_HABIT = Habit(tilt=0.13, bend=0.02, unevenness=0.07)
_STRETCH_M = {"primary": 450.0, "secondary": 300.0, "tertiary": 220.0, "living_street": 1e9}
_INSIDE_M = 6.0
_RANK = {"primary": 0, "secondary": 1, "tertiary": 2, "living_street": 3}


@dataclass(frozen=True)
class Street:
    """A stretch of street between junctions that matter."""

    name: str
    street_class: str
    one_way: bool
    line: LineString
    cell: int
    edges: tuple[int, ...]


@dataclass(frozen=True)
class Roads:
    """The streets and the network they form."""

    streets: list[Street]
    network: Network


def lay_roads(rng: np.random.Generator, ground: Ground) -> Roads:
    """Lay every road, name it, and cut it into stretches."""
    closed = shapely.union_all([each.shape.buffer(_BANK_M[each.kind]) for each in ground.obstacles])
    roads = [road for line in ground.roads for road in _passable(line, closed)]
    roads += _embankments(ground) + _ring(ground)
    namer = NameMaker(rng)
    named = [RoadLine(road.line, road.street_class, road.name or _new_name(road, namer)) for road in roads]
    named += _lanes(rng, ground, closed, namer)
    network = weave([road.line for road in named])
    return Roads(_stretches(rng, named, network, ground), network)


def _passable(road: RoadLine, closed: BaseGeometry) -> list[RoadLine]:
    """Cut away what lies in water, on a hill or in a yard; main roads bridge the river."""
    if road.street_class == "primary":
        return [road]
    open_parts = lines_in(road.line.difference(closed))
    return [RoadLine(part, road.street_class, road.name) for part in open_parts if part.length > 15]


def _embankments(ground: Ground) -> list[RoadLine]:
    inside = ground.outline.buffer(-0.5)
    roads = []
    for obstacle in ground.obstacles:
        if obstacle.kind != "water":
            continue
        wet = polygons_in(obstacle.shape.buffer(_BANK_M["water"]).simplify(1.5))[0]
        parts = [part for part in lines_in(_merged(wet.exterior.intersection(inside))) if part.length > 400]
        if len(parts) == 2:
            north, south = sorted(parts, key=lambda part: -part.centroid.y)
            roads += [RoadLine(north, "secondary", "滨河北路"), RoadLine(south, "secondary", "滨河南路")]
        else:
            roads += [RoadLine(part, "tertiary", "环湖路") for part in _halved(parts[0])]
    return roads


def _merged(shape: BaseGeometry) -> BaseGeometry:
    """Join lines that follow one another; one line alone stays as it is."""
    return shapely.line_merge(shape) if shape.geom_type != "LineString" else shape


def _halved(ring: LineString) -> list[LineString]:
    return [stretch(ring, start, start + 0.5, of_one=True) for start in (0.0, 0.5)]


def _ring(ground: Ground) -> list[RoadLine]:
    """Return the ring road, just inside the district's border but for its western side, where fields begin."""
    water = _river(ground.obstacles).buffer(_BANK_M["water"])
    course = polygons_in(ground.outline.buffer(-_INSIDE_M))[0].exterior
    west, south, east, north = ground.outline.bounds
    sides = {
        "北环路": shapely.box(west + 900, north * 0.62, east * 0.72, north + 1),
        "东环路": shapely.box(east * 0.72, south * 0.62, east + 1, north + 1),
        "南环路": shapely.box(west + 900, south - 1, east * 0.72, south * 0.62),
    }
    roads = []
    for name, side in sides.items():
        line = course.intersection(side).difference(water)
        roads += [RoadLine(part, "secondary", name) for part in lines_in(_merged(line))]
    return roads


def _river(obstacles: list[Obstacle]) -> Polygon:
    return next(each.shape for each in obstacles if each.kind == "water")


def _new_name(road: RoadLine, namer: NameMaker) -> str:
    return namer.word() + ("路" if road.street_class == "secondary" or road.line.length > 330 else "街")


def _lanes(
    rng: np.random.Generator, ground: Ground, closed: BaseGeometry, namer: NameMaker
) -> list[RoadLine]:
    surveyor = Surveyor(rng)
    surveyor.remember([end for road in ground.roads for end in (road.line.coords[0], road.line.coords[-1])])
    lanes = []
    for cell in ground.cells:
        # A superblock is one big compound of towers with a lane or two; the old quarters are dense.
        block_m2 = 30_000 if rng.random() < 0.08 else 5_500 + 0.07 * cell.shape.area
        lines = []
        for piece in polygons_in(cell.shape.difference(closed)):
            lines += _cut_lanes(surveyor, piece, block_m2)
        word = namer.word()
        lanes += [
            RoadLine(line, "living_street", f"{word}{numeral(number)}巷")
            for number, line in enumerate(lines, 1)
        ]
    return lanes


def _cut_lanes(surveyor: Surveyor, piece: Polygon, block_m2: float) -> list[LineString]:
    if piece.area < 1.5 * block_m2:
        return []
    try:
        one, other, line = surveyor.cut(piece, 0.5, _LANE_HABIT)
    except ValueError:
        return []  # a corner too crooked for a lane
    chance = surveyor.rng.random()
    if chance < 0.07:
        lines = []
    elif chance < 0.22 and line.length > 60:
        lines = [stretch(line, 0, 0.65, of_one=True)]  # a dead end
    else:
        lines = [line]
    return lines + _cut_lanes(surveyor, one, block_m2) + _cut_lanes(surveyor, other, block_m2)


def _stretches(
    rng: np.random.Generator, roads: list[RoadLine], network: Network, ground: Ground
) -> list[Street]:
    """Join the network's edges into stretches, broken where a road meets one that matters as much."""
    ranks = np.array([_RANK[road.street_class] for road in roads])
    highest = _highest_rank_met(network, ranks)
    cells = shapely.STRtree([cell.shape for cell in ground.cells])
    streets = []
    for source, chain in network.chains():
        road = roads[source]
        one_way = road.street_class in ("tertiary", "living_street") and rng.random() < 0.06
        for edges in _broken(chain, network, highest, int(ranks[source]), _STRETCH_M[road.street_class]):
            line = network.line_of(edges)
            cell = int(cells.nearest(line.interpolate(0.5, normalized=True)))
            streets.append(Street(road.name, road.street_class, one_way, line, cell, tuple(edges)))
    return streets


def _highest_rank_met(network: Network, ranks: Ints) -> Ints:
    """Per node, the second best rank of the roads that meet there: the best one is the road itself."""
    met: list[set[int]] = [set() for _ in range(network.node_count)]
    for source, (start, end) in zip(network.source, network.ends, strict=True):
        met[start].add(int(source))
        met[end].add(int(source))
    second = [sorted(ranks[list(sources)])[1] if len(sources) > 1 else 9 for sources in met]
    return np.array(second)


def _broken(
    chain: list[int], network: Network, highest: Ints, rank: int, stretch_m: float
) -> list[list[int]]:
    pieces: list[list[int]] = [[]]
    length = 0.0
    for edge, following in zip(chain, [*chain[1:], None], strict=True):
        pieces[-1].append(edge)
        length += network.length_m[edge]
        if following is None or length < stretch_m:
            continue
        if highest[network.shared_node(edge, following)] <= max(rank, 1):
            pieces.append([])
            length = 0.0
    return pieces

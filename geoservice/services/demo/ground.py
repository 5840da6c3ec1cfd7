"""The ground: the district's outline, its river, lake and hills, and the tree of zones that tiles it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.affinity import scale
from shapely.ops import split

from geoservice.services.demo.cutting import Habit, Surveyor
from geoservice.services.demo.plane import GRID_M, lines_in, polygons_in, stretch

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geoservice.services.demo.plane import Floats

GRID_CELLS = 300
# Of each street: four north of the river from west to east, then four south of it.
COMMUNITIES = (5, 6, 5, 4, 5, 5, 6, 4)

_HALF_WIDTH_M, _HALF_HEIGHT_M = 2_850.0, 1_900.0
_OLD_TOWN_CELLS = (34, 42, 42, 34, 33, 41, 42, 32)  # the middle is cut finer than the rim
_COMMUNITY_HABIT = Habit(tilt=0.12, bend=0.025, unevenness=0.05)
_GRID_HABIT = Habit(tilt=0.09, bend=0.012, unevenness=0.06)


@dataclass(frozen=True)
class RoadLine:
    """A line of the skeleton: a road that is also a border, before it is cut into streets."""

    line: LineString
    street_class: str
    name: str = ""  # empty: to be named later


@dataclass(frozen=True)
class Obstacle:
    """Ground that no patrol can see."""

    kind: str
    name: str
    reason: str
    shape: Polygon


@dataclass(frozen=True)
class Cell:
    """A grid cell: which street, community and place in it, and its ground in metres."""

    street: int
    community: int
    shape: Polygon


@dataclass(frozen=True)
class Ground:
    """Everything that lies still: metres of the plane."""

    outline: Polygon
    river: LineString
    cells: list[Cell]
    roads: list[RoadLine]
    obstacles: list[Obstacle]


@dataclass
class _Draft:
    surveyor: Surveyor
    pieces: list[tuple[int, int, Polygon]] = field(default_factory=list)
    roads: list[RoadLine] = field(default_factory=list)


def lay_ground(rng: np.random.Generator) -> Ground:
    """Draw the district and cut it down to 300 grid cells along its roads."""
    outline = _outline(rng)
    river = _river(rng)
    draft = _Draft(Surveyor(rng))
    avenues = _avenues(river, outline)
    draft.roads += avenues
    banks = _cut_along(outline, river)
    community = 0
    for index, street in enumerate(_streets(banks, avenues)):
        community = _fill_street(draft, index, street, avenues, community)
    cells = _snapped_cells(outline, river, draft)
    obstacles = _obstacles(rng, outline, river, cells)
    return Ground(outline, river, cells, draft.roads, obstacles)


def _outline(rng: np.random.Generator) -> Polygon:
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    round_ = (np.abs(np.cos(turn)) ** 3 + np.abs(np.sin(turn)) ** 3) ** (-1 / 3)
    for wave, size in ((2, 0.03), (3, 0.035), (5, 0.025), (8, 0.012)):
        round_ *= 1 + size * np.sin(wave * turn + rng.uniform(0, 2 * np.pi))
    return Polygon(
        np.stack([_HALF_WIDTH_M * round_ * np.cos(turn), _HALF_HEIGHT_M * round_ * np.sin(turn)], 1)
    )


def _river(rng: np.random.Generator) -> LineString:
    """Return the middle of the river; it runs from west to east through the whole district."""
    x = np.arange(-3_600.0, 3_601.0, 80.0)
    phase = rng.uniform(-0.25, 0.25)
    y = -60 + 230 * np.sin(x / 1_150 + phase) + 55 * np.sin(x / 430 + 2 * phase) + 0.05 * x
    return LineString(np.stack([x, y], 1))


def _avenues(river: LineString, outline: Polygon) -> list[RoadLine]:
    """Return the main roads: five across the river, one along each bank at some distance, names fixed."""
    y = np.arange(-2_600.0, 2_601.0, 130.0)
    river_xy = np.array(river.coords)
    roads = []
    for name, at, sway, lean, sides in (
        ("棠城大道", -1_330.0, 60.0, 0.06, (True, True)),
        ("书院大道", -60.0, 45.0, -0.04, (True, False)),
        ("石埠路", 160.0, 50.0, 0.05, (False, True)),
        ("东柳大道", 1_380.0, 70.0, -0.07, (True, True)),
    ):
        line = LineString(np.stack([at + sway * np.sin(y / 800 + at) + lean * y, y], 1))
        roads.append(RoadLine(_on_sides(line, river, sides), "primary", name))
    for name, beside, sway in (("云溪大道", 860.0, 70.0), ("澄江大道", -830.0, 60.0)):
        xy = river_xy.copy()
        xy[:, 1] = 0.45 * xy[:, 1] + beside + sway * np.sin(xy[:, 0] / 900 + beside)
        roads.append(RoadLine(LineString(xy), "primary", name))
    return [RoadLine(_longest(road.line.intersection(outline)), "primary", road.name) for road in roads]


def _on_sides(line: LineString, river: LineString, sides: tuple[bool, bool]) -> LineString:
    """Keep the part of a road north and/or south of the river; it always reaches across the water."""
    crossing = line.project(Point(line.intersection(river).coords[0]))
    reach = 75.0
    south, north = (0.0 if sides[1] else crossing - reach), (line.length if sides[0] else crossing + reach)
    return stretch(line, south, north)


def _longest(shape: BaseGeometry) -> LineString:
    return max(lines_in(shape), key=lambda part: float(part.length))


def _cut_along(piece: Polygon, line: LineString) -> list[Polygon]:
    """Cut by a given line; northern and western pieces come first."""
    return sorted(_pieces(piece, line), key=lambda part: -part.centroid.y)


def _pieces(piece: Polygon, line: LineString) -> list[Polygon]:
    return [part for part in polygons_in(split(piece, line)) if part.area > 100]


def _streets(banks: list[Polygon], avenues: list[RoadLine]) -> list[Polygon]:
    """Return the eight streets: each bank cut by the main roads that cross it."""
    named = {road.name: road.line for road in avenues}
    streets = []
    for bank, middle in zip(banks, ("书院大道", "石埠路"), strict=True):
        pieces = [bank]
        for name in ("棠城大道", middle, "东柳大道"):
            longer = scale(named[name], 1.02, 1.02)
            pieces = [part for piece in pieces for part in _pieces(piece, longer)]
        streets += sorted(pieces, key=lambda part: part.centroid.x)
    return streets


def _fill_street(draft: _Draft, index: int, street: Polygon, avenues: list[RoadLine], community: int) -> int:
    """Cut a street into communities and those into grid cells; return the number of the next community."""
    avenue = next(road.line for road in avenues if road.name == ("云溪大道" if index < 4 else "澄江大道"))
    halves = _cut_along(street, scale(avenue, 1.01, 1.0))
    draft.surveyor.remember(_touching(halves))
    shares = share_out(COMMUNITIES[index], [half.area for half in halves], least=1)
    communities: list[Polygon] = []
    for half, parts in zip(halves, shares, strict=True):
        pieces, lines = draft.surveyor.divide(half, parts, _COMMUNITY_HABIT)
        communities += pieces
        draft.roads += [RoadLine(line, "secondary") for line in lines]
    communities.sort(key=lambda part: (-round(part.centroid.y / 600), part.centroid.x))
    cells = share_out(_OLD_TOWN_CELLS[index], [part.area for part in communities], least=4)
    for piece, parts in zip(communities, cells, strict=True):
        pieces, lines = draft.surveyor.divide(piece, parts, _GRID_HABIT)
        draft.roads += [RoadLine(line, "tertiary") for line in lines]
        pieces.sort(key=lambda part: (-round(part.centroid.y / 200), part.centroid.x))
        draft.pieces += [(index, community, part) for part in pieces]
        community += 1
    return community


def _touching(pieces: list[Polygon]) -> list[tuple[float, ...]]:
    """Return the corners where the roads between the pieces end."""
    if len(pieces) < 2:
        return []
    shared = shapely.get_coordinates(pieces[0].intersection(pieces[1].buffer(0.01)).boundary)
    return [tuple(shared[np.argmin(shared[:, 0])].tolist()), tuple(shared[np.argmax(shared[:, 0])].tolist())]


def share_out(total: int, sizes: list[float], least: int) -> list[int]:
    """Share `total` out in proportion to the sizes, nobody less than `least`; the sum is exact."""
    exact = np.array(sizes) / sum(sizes) * total
    shares = np.maximum(np.floor(exact).astype(int), least)
    while shares.sum() != total:
        step = 1 if shares.sum() < total else -1
        wish = (exact - shares) * step
        wish[(shares <= least) & (step < 0)] = -np.inf
        shares[int(np.argmax(wish))] += step
    return [int(share) for share in shares]


def _snapped_cells(outline: Polygon, river: LineString, draft: _Draft) -> list[Cell]:
    """Redraw all cells from one noded set of lines, so that neighbours share every vertex."""
    borders = [piece.exterior for _, _, piece in draft.pieces]
    noded = shapely.union_all([outline.exterior, *borders], grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded).tolist()))
    faces = faces[shapely.area(faces) > 400]
    tree = shapely.STRtree([piece for _, _, piece in draft.pieces])
    where, which = tree.query(shapely.point_on_surface(faces), predicate="within")
    if len(faces) != len(draft.pieces) or sorted(which) != list(range(len(draft.pieces))):
        raise ValueError(f"the ground came apart: {len(faces)} faces for {len(draft.pieces)} cells")
    shape_of = {int(piece): faces[face] for face, piece in zip(where, which, strict=True)}
    return [
        Cell(street, community, shape_of[index]) for index, (street, community, _) in enumerate(draft.pieces)
    ]


def _obstacles(
    rng: np.random.Generator, outline: Polygon, river: LineString, cells: list[Cell]
) -> list[Obstacle]:
    water = _banked(river).intersection(outline)
    found = [
        Obstacle("water", "云棠河", "河道水面，无法步行巡查", _largest(water)),
        Obstacle("water", "镜月湖", "湖面水域，无法步行巡查", _blob(rng, 690, -1_260, 215, 150, outline)),
        Obstacle("mountain", "栖云山", "封山育林，禁止进入", _blob(rng, -2_130, 1_180, 250, 190, outline)),
        Obstacle("mountain", "望棠山", "陡坡林地，禁止进入", _blob(rng, 2_190, -1_110, 230, 200, outline)),
    ]
    for name, reason, x, y in (
        ("棠北货运站场", "铁路封闭作业区", 2_000, 1_200),
        ("澄溪自来水厂", "供水设施封闭管理", -1_900, -900),
        ("云棠粮食储备库", "封闭库区，凭证出入", 1_900, 300),
    ):
        cell = min((cell.shape for cell in cells), key=lambda shape: shape.distance(Point(x, y)))
        yard = _largest(cell.buffer(-32, join_style="mitre").intersection(_half(cell)))
        found.append(Obstacle("compound", name, reason, yard))
    return found


def _banked(river: LineString) -> Polygon:
    """Return the water around the middle of the river: now wider, now narrower."""
    xy = np.array(river.segmentize(40).coords)
    way = np.gradient(xy, axis=0)
    normal = np.stack([-way[:, 1], way[:, 0]], 1) / np.hypot(*way.T)[:, None]
    width = (46 + 9 * np.sin(xy[:, 0] / 310) + 4 * np.sin(xy[:, 0] / 97))[:, None]
    return Polygon(np.vstack([xy + normal * width, (xy - normal * width)[::-1]]))


def _blob(
    rng: np.random.Generator, x: float, y: float, wide: float, high: float, outline: Polygon
) -> Polygon:
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    size = 1 + sum(
        amount * np.sin(wave * turn + rng.uniform(0, 6.3))
        for wave, amount in ((2, 0.1), (3, 0.09), (5, 0.05))
    )
    ring: Floats = np.stack([x + wide * size * np.cos(turn), y + high * size * np.sin(turn)], 1)
    return _largest(Polygon(ring).intersection(outline.buffer(-30)))


def _half(cell: Polygon) -> Polygon:
    """Return the larger part of a cell: a yard seldom fills a block."""
    west, south, east, north = cell.bounds
    return shapely.box(west, south + 0.25 * (north - south), east, north)


def _largest(shape: BaseGeometry) -> Polygon:
    return max(polygons_in(shape), key=lambda part: float(part.area))

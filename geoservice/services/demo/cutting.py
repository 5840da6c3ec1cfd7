"""Cutting ground into pieces along lines that could be roads: bent, a little askew, meeting other roads' ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from geoservice.services.demo.plane import polygons_in

if TYPE_CHECKING:
    from geoservice.services.demo.plane import Floats

_SNAP_M = 45.0  # a new road that would end this close to another road's end meets it there
_OVERSHOOT_M = 0.3  # so that a cut surely passes the border it ends at
_ATTEMPTS = 60


@dataclass(frozen=True)
class Habit:
    """How a hand draws: how far from square (radians), how bent (share of length), how unequal the halves."""

    tilt: float = 0.10
    bend: float = 0.02
    unevenness: float = 0.05


@dataclass
class Surveyor:
    """Cuts ground and remembers where roads already end, so that crossings line up across them."""

    rng: np.random.Generator
    _ends: Floats = field(default_factory=lambda: np.empty((64, 2)))
    _count: int = 0

    def remember(self, ends: list[tuple[float, ...]]) -> None:
        """Take note of places where roads end."""
        while self._count + len(ends) > len(self._ends):
            self._ends = np.vstack([self._ends, np.empty_like(self._ends)])
        self._ends[self._count : self._count + len(ends)] = np.array(ends).reshape(-1, 2)
        self._count += len(ends)

    def divide(self, piece: Polygon, parts: int, habit: Habit) -> tuple[list[Polygon], list[LineString]]:
        """Cut `piece` into `parts` of about equal area; return them and the lines they were cut along."""
        if parts == 1:
            return [piece], []
        here = parts // 2 if self.rng.random() < 0.5 else parts - parts // 2
        one, other, line = self.cut(piece, here / parts, habit)
        pieces, lines = self.divide(one, here, habit)
        more_pieces, more_lines = self.divide(other, parts - here, habit)
        return pieces + more_pieces, [line, *lines, *more_lines]

    def cut(self, piece: Polygon, share: float, habit: Habit) -> tuple[Polygon, Polygon, LineString]:
        """Cut once across the longer side; the first piece takes about `share` of the area."""
        for attempt in range(_ATTEMPTS):
            ease = attempt / _ATTEMPTS  # the longer it fails, the freer the angle and the looser the demands
            line = self._draw(piece, share, habit, ease)
            halves = _halves(piece, line) if line else None
            if line and halves and _is_fair(halves, piece, share, ease) and _stays_inside(piece, line):
                self.remember([line.coords[0], line.coords[-1]])
                return *halves, line
        raise ValueError(f"no road cuts this ground: {piece.wkt[:200]}")

    def _draw(self, piece: Polygon, share: float, habit: Habit, ease: float) -> LineString | None:
        corners = shapely.get_coordinates(shapely.oriented_envelope(piece))[:4]
        sides = np.diff(corners[:3], axis=0)
        along = sides[np.argmax(np.hypot(*sides.T))]
        turn = np.arctan2(along[1], along[0]) + self.rng.normal(0, habit.tilt + ease)
        normal = np.array([np.cos(turn), np.sin(turn)])
        wanted = np.clip(share + self.rng.normal(0, habit.unevenness), 0.15, 0.85)
        crossing = _crossing(piece, normal, _offset(shapely.get_coordinates(piece), normal, wanted))
        if crossing is None:
            return None
        start, end = (self._meet(piece, place, ease) for place in crossing)
        length = float(np.hypot(*(end - start)))
        if length < 8:
            return None
        sideways = np.array([start[1] - end[1], end[0] - start[0]]) * self.rng.normal(0, habit.bend)
        thirds = (start + (end - start) / 3 + sideways, start + (end - start) * 0.67 + sideways * 0.8)
        return LineString([start, *thirds, end] if length > 60 else [start, end])

    def _meet(self, piece: Polygon, place: Floats, ease: float) -> Floats:
        """Return the nearest road's end on the border of `piece`, when one is close; else the place itself."""
        if ease > 0.5:
            return place
        ends = self._ends[: self._count]
        distance = np.hypot(ends[:, 0] - place[0], ends[:, 1] - place[1])
        near = np.flatnonzero(distance < _SNAP_M)
        for index in near[np.argsort(distance[near])][:3]:
            if piece.exterior.distance(Point(ends[index])) < 0.01:
                met: Floats = ends[index]
                return met
        return place


def _offset(ring: Floats, normal: Floats, share: float) -> float:
    """How far along `normal` a straight cut leaves `share` of the ring's area behind it."""
    heights = ring @ normal
    low, high = float(heights.min()), float(heights.max())
    area_low, area_high = 0.0, _area(ring)
    wanted = share * area_high
    for _ in range(5):  # false position: the area grows almost in step with the height
        middle = low + (high - low) * (wanted - area_low) / max(area_high - area_low, 1e-9)
        area = _area(_below(ring, heights - middle))
        if area < wanted:
            low, area_low = middle, area
        else:
            high, area_high = middle, area
        if abs(area - wanted) < 0.005 * wanted:
            break
    return middle


def _below(ring: Floats, heights: Floats) -> Floats:
    """Return the part of a closed ring where heights are negative (Sutherland and Hodgman's clip)."""
    here, there = heights[:-1], heights[1:]
    crosses = (here < 0) != (there < 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(crosses, here / (here - there), 0)
    crossing = ring[:-1] + share[:, None] * (ring[1:] - ring[:-1])
    both = np.stack([ring[:-1], crossing], axis=1).reshape(-1, 2)
    kept: Floats = both[np.stack([here < 0, crosses], axis=1).ravel()]
    return kept


def _area(ring: Floats) -> float:
    x, y = ring.T
    inner = np.dot(x[:-1], y[1:]) - np.dot(y[:-1], x[1:])
    return abs(float(inner + x[-1] * y[0] - y[-1] * x[0])) / 2 if len(ring) else 0.0


def _crossing(piece: Polygon, normal: Floats, offset: float) -> tuple[Floats, Floats] | None:
    """Where the straight line at `offset` enters and leaves; None when it does so more than once."""
    along = np.array([-normal[1], normal[0]])
    middle = normal * offset + along * float(along @ np.array(piece.centroid.coords[0]))
    inside = piece.intersection(LineString([middle - 1e5 * along, middle + 1e5 * along]))
    if not isinstance(inside, LineString) or inside.is_empty:
        return None
    ends = np.array(inside.coords)
    return ends[0], ends[-1]


def _halves(piece: Polygon, line: LineString) -> tuple[Polygon, Polygon] | None:
    halves = _parted(piece, _stretched(line))
    if len(halves) != 2:
        return None
    start, end = np.array(line.coords[0]), np.array(line.coords[-1])
    left_first = _is_left(start, end, halves[0])
    return (halves[0], halves[1]) if left_first else (halves[1], halves[0])


def _stays_inside(piece: Polygon, line: LineString) -> bool:
    return bool(piece.buffer(0.01).contains(line))


def _parted(piece: Polygon, line: LineString) -> list[Polygon]:
    """Return the parts of a piece without holes: whatever its border and the line enclose."""
    rings = shapely.polygonize([shapely.union(piece.exterior, line)])
    return polygons_in(rings)


def _is_left(start: Floats, end: Floats, part: Polygon) -> bool:
    middle = np.array(part.centroid.coords[0]) - start
    way = end - start
    return bool(way[0] * middle[1] - way[1] * middle[0] > 0)


def _stretched(line: LineString) -> LineString:
    xy = np.array(line.coords)
    for end, inner in ((0, 1), (-1, -2)):
        way = xy[end] - xy[inner]
        xy[end] += way / np.hypot(*way) * _OVERSHOOT_M
    return LineString(xy)


def _is_fair(halves: tuple[Polygon, Polygon], piece: Polygon, share: float, ease: float) -> bool:
    """Neither half much smaller than asked for, none a sliver."""
    for half, wanted in zip(halves, (share, 1 - share), strict=True):
        if not 1 - 0.35 - 0.4 * ease < half.area / (wanted * piece.area) < 1 + 0.35 + 0.4 * ease:
            return False
        if 4 * np.pi * half.area / half.length**2 < 0.48 - 0.3 * ease:
            return False
    return True

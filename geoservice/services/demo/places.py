"""The points: what patrols must look at, set along the streets where such things stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import Point

from geoservice.services.demo.names import COMMUNITIES, DISTRICT, POINT_NAMES, NameMaker

if TYPE_CHECKING:
    from geoservice.services.demo.ground import Ground
    from geoservice.services.demo.plane import Floats
    from geoservice.services.demo.roads import Roads, Street

_MAIN, _MIDDLE, _SMALL = ("primary", "secondary"), ("secondary", "tertiary"), ("tertiary", "living_street")


@dataclass(frozen=True)
class _Kind:
    count: int
    classes: tuple[str, ...]
    aside_m: float  # how far from the middle of the street
    apart_m: float  # how far from the next of its kind


_KINDS = {
    "market": _Kind(24, _MIDDLE, 18, 250),
    "old_compound": _Kind(120, _SMALL, 22, 60),
    "back_lane": _Kind(110, ("living_street",), 1.5, 50),
    "main_street": _Kind(60, ("primary", "secondary"), 4, 100),
    "public_toilet": _Kind(90, _SMALL + _MIDDLE, 9, 120),
    "park": _Kind(36, _MIDDLE, 28, 250),
    "station": _Kind(20, _MAIN, 16, 400),
    "hospital": _Kind(24, _MIDDLE, 20, 250),
    "school": _Kind(60, ("tertiary",), 20, 130),
    "internet_cafe": _Kind(50, _MIDDLE, 10, 60),
    "window_office": _Kind(56, _MAIN + _MIDDLE, 14, 80),
    "restaurant": _Kind(150, _MIDDLE + _SMALL, 9, 25),
}


@dataclass(frozen=True)
class Place:
    """An inspection point in the plane, on a street and in a cell."""

    category: str
    name: str
    address: str
    at: tuple[float, float]
    cell: int
    street: int


def set_points(rng: np.random.Generator, ground: Ground, roads: Roads) -> list[Place]:
    """Set all 800 points."""
    namer = NameMaker(rng)
    cells = shapely.STRtree([cell.shape for cell in ground.cells])
    closed = shapely.union_all([each.shape.buffer(4) for each in ground.obstacles])
    shapely.prepare(closed)
    places: list[Place] = []
    for category, kind in _KINDS.items():
        places += _set_kind(rng, category, kind, (ground, roads, namer, cells, closed))
    return places


def _set_kind(rng: np.random.Generator, category: str, kind: _Kind, city: tuple) -> list[Place]:  # type: ignore[type-arg]
    ground, roads, namer, cells, closed = city
    places: list[Place] = []
    taken: list[Floats] = []
    names: set[str] = set()
    for street_number, share in _candidates(rng, roads, kind):
        street: Street = roads.streets[street_number]
        at, is_right = _beside(rng, street, share, kind.aside_m)
        if taken and np.hypot(*(np.array(taken) - at).T).min() < kind.apart_m:
            continue
        found = cells.query(Point(at), predicate="within")
        if len(found) != 1 or closed.intersects(Point(at)):
            continue
        cell = int(found[0])
        name = _name(rng, category, namer, street, COMMUNITIES[ground.cells[cell].community])
        if name in names:
            continue
        names.add(name)
        taken.append(at)
        number = 2 * int(1 + share * street.line.length / 12) + is_right
        address = f"{DISTRICT}{street.name}{number}号"
        places.append(Place(category, name, address, (float(at[0]), float(at[1])), cell, street_number))
        if len(places) == kind.count:
            return places
    raise ValueError(f"no room for {kind.count} points of {category}")


def _candidates(rng: np.random.Generator, roads: Roads, kind: _Kind) -> list[tuple[int, float]]:
    """Return places along streets, more of them where the city is old and dense."""
    numbers = [n for n, street in enumerate(roads.streets) if street.street_class in kind.classes]
    middles = np.array([roads.streets[n].line.interpolate(0.5, normalized=True).coords[0] for n in numbers])
    length = np.array([roads.streets[n].line.length for n in numbers])
    weight = length * (0.35 + np.exp(-((middles[:, 0] / 1_500) ** 2) - (middles[:, 1] / 1_100) ** 2))
    chosen = rng.choice(numbers, size=40 * kind.count, p=weight / weight.sum())
    return list(zip(chosen.tolist(), rng.uniform(0.06, 0.94, len(chosen)).tolist(), strict=True))


def _beside(rng: np.random.Generator, street: Street, share: float, aside_m: float) -> tuple[Floats, bool]:
    where = share * street.line.length
    here, ahead = (np.array(street.line.interpolate(d).coords[0]) for d in (where, where + 2.0))
    way = (ahead - here) / np.hypot(*(ahead - here))
    is_right = bool(rng.random() < 0.5)
    side = np.array([way[1], -way[0]]) * (1 if is_right else -1)
    return here + side * aside_m * rng.uniform(0.8, 1.3), is_right


def _name(rng: np.random.Generator, category: str, namer: NameMaker, street: Street, community: str) -> str:
    forms = POINT_NAMES[category]
    form = forms[int(rng.integers(len(forms)))]
    if "{p}" in form:
        form = form.replace("{p}", namer.word())
    return form.format(c=community, s=street.name, n=int(rng.integers(1, 9)), x=namer.surname())

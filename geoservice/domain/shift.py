"""Are these longitudes and latitudes shifted? Asked of what is stored already and known to lie where it lies.

Places are laid on the ground as they are, moved back from GCJ-02, and moved back from BD-09; and, so that chance has a
measure, moved as far in other directions. Shifted they are when one of the two ways back fits at least twice as well as
every other placing. How well a placing fits is the mean distance to the nearest stored line (border, street, point),
none counted as more than 200 m; or how many places it leaves outside the city.

Measured on county borders by two sources, on two street networks of one city and on each network against its own other
half: the right way back has 0 to 0.45 of the misfit of the next best, a wrong one never less than 0.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely

from geoservice.domain import shifts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Places = NDArray[np.float64]  # (n, 2)
    Shapes = NDArray[np.object_]

System = Literal["gcj02", "bd09"]

SAMPLE = 2_000
FAR_M = 200.0
NEAR_M = 50.0
FEWEST_PLACES, FEWEST_MATCHED = 20, 12
FEWEST_OUTSIDE = 10
MOST_MISFIT_SHARE = 0.5
METRES_PER_DEGREE = 111_320.0
LEAST_MISFIT_M = 0.5


@dataclass(frozen=True)
class Shift:
    """Places look shifted: by which system, how far it moves there, how many times better they fit once moved back.

    `matched`: how many of the places looked at then lie within 50 m of what is stored (or inside the city).
    """

    system: System
    metres: float
    better_by: float
    matched: int


@dataclass(frozen=True)
class _Placings:
    """Places on a local plane in metres: as they are, moved back by each system, and moved elsewhere, (n, 2) each."""

    as_they_are: Places
    back: dict[System, Places]
    elsewhere: list[Places]

    def every(self) -> list[Places]:
        return [self.as_they_are, *self.back.values(), *self.elsewhere]


def find_shift(lonlat: Places, lines: Sequence[Shapes], ground: Shapes | None = None) -> Shift | None:
    """Say by which system places are shifted; None when by none, or when nothing stored can tell.

    `lines`: sets of stored shapes that places may lie on, in lon/lat, each asked by itself: borders, streets, points.
    `ground`: the polygons that places should lie in. The clearest answer wins; two that contradict are none.
    """
    sample = _sample(lonlat)
    if len(sample) < FEWEST_PLACES:
        return None
    latitude = float(sample[:, 1].mean())
    placings = _placings(sample, latitude)
    answers = [_by_lines(placings, _on_plane(shapes, latitude)) for shapes in lines if len(shapes)]
    if ground is not None and len(ground):
        answers.append(_by_ground(placings, _on_plane(ground, latitude)))
    found = [answer for answer in answers if answer is not None]
    if not found or len({answer.system for answer in found}) > 1:
        return None
    return max(found, key=lambda answer: answer.better_by)


def _sample(lonlat: Places) -> Places:
    """Spread over the file, finite, on Earth, and where GCJ-02 shifts at all."""
    sound = lonlat[np.isfinite(lonlat).all(axis=1)]
    sound = sound[shifts.in_china(sound)]
    if len(sound) <= SAMPLE:
        return sound
    return sound[np.linspace(0, len(sound) - 1, SAMPLE).astype(np.int64)]


def _placings(lonlat: Places, latitude: float) -> _Placings:
    here = _plane(lonlat, latitude)
    back: dict[System, Places] = {
        "gcj02": _plane(shifts.gcj02_to_wgs84(lonlat), latitude),
        "bd09": _plane(shifts.bd09_to_wgs84(lonlat), latitude),
    }
    elsewhere = [
        here + (moved - here) @ _turn(angle) for moved in back.values() for angle in range(60, 360, 60)
    ]
    return _Placings(here, back, elsewhere)


def _by_lines(placings: _Placings, shapes: Shapes) -> Shift | None:
    tree = shapely.STRtree(_simple_lines(shapes))
    distances = np.stack([_distances(tree, places) for places in placings.every()])
    # Who is far from everything stored, however he is placed, says nothing.
    distances = distances[:, (distances < FAR_M).any(axis=0)]
    if distances.shape[1] < FEWEST_PLACES:
        return None
    misfits = np.maximum(distances.mean(axis=1), LEAST_MISFIT_M)
    matched = (distances < NEAR_M).sum(axis=1)
    return _clear(placings, misfits, matched)


def _by_ground(placings: _Placings, polygons: Shapes) -> Shift | None:
    tree = shapely.STRtree(polygons)
    count = len(placings.as_they_are)
    outside = np.array(
        [
            count - len(np.unique(tree.query(shapely.points(places), predicate="intersects")[0]))
            for places in placings.every()
        ]
    )
    if outside[0] < FEWEST_OUTSIDE:
        return None
    return _clear(placings, np.maximum(outside, 1).astype(np.float64), count - outside)


def _clear(placings: _Placings, misfits: NDArray[np.float64], matched: NDArray[np.int64]) -> Shift | None:
    """The way back that fits clearly better than all else; `misfits` and `matched` are by placing."""
    best = int(np.argmin(misfits[1:3])) + 1
    next_best = float(np.delete(misfits, best).min())
    if misfits[best] > MOST_MISFIT_SHARE * next_best or matched[best] < FEWEST_MATCHED:
        return None
    system: System = "gcj02" if best == 1 else "bd09"
    moved = placings.back[system] - placings.as_they_are
    return Shift(
        system,
        float(np.median(np.hypot(moved[:, 0], moved[:, 1]))),
        float(misfits[0] / misfits[best]),
        int(matched[best]),
    )


def _distances(tree: shapely.STRtree, places: Places) -> NDArray[np.float64]:
    """How far each place is from the nearest line, at most FAR_M."""
    (asked, _), near = tree.query_nearest(
        shapely.points(places), max_distance=FAR_M, return_distance=True, all_matches=False
    )
    distances = np.full(len(places), FAR_M)
    distances[asked] = near
    return distances


def _simple_lines(shapes: Shapes) -> Shapes:
    """Two-point pieces of borders and lines, so that each is quick to measure to; points as they are."""
    polygonal = shapely.get_dimensions(shapes) == 2
    lines = np.concatenate([shapely.boundary(shapes[polygonal]), shapes[~polygonal]])
    parts = shapely.get_parts(shapely.get_parts(lines))
    points = parts[shapely.get_dimensions(parts) == 0]
    places, owner = shapely.get_coordinates(parts[shapely.get_dimensions(parts) == 1], return_index=True)
    same = owner[1:] == owner[:-1]
    pieces = shapely.linestrings(np.stack([places[:-1][same], places[1:][same]], axis=1))
    return np.concatenate([np.asarray(pieces, dtype=object).reshape(-1), points])


def _on_plane(shapes: Shapes, latitude: float) -> Shapes:
    moved: Shapes = shapely.transform(shapes, lambda places: _plane(places, latitude))
    return moved


def _plane(lonlat: Places, latitude: float) -> Places:
    """Metres on a plane that is true near one latitude: good enough to compare distances of metres."""
    scale = np.array([METRES_PER_DEGREE * np.cos(np.radians(latitude)), METRES_PER_DEGREE])
    scaled: Places = lonlat * scale
    return scaled


def _turn(degrees: float) -> NDArray[np.float64]:
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])

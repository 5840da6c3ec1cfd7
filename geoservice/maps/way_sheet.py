"""A round drawn for paper: its line, its numbered stops and the streets around, as shapes of an SVG in millimetres."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoservice.domain.crs import metric_epsg_for, to_metric
from geoservice.maps.canvas import LINE

MARGIN_MM = 7.0
LABEL_MM = 2.6
"""Half the size of a stop's number."""
RINGS = (0.0, 5.5, 9.0, 13.0, 18.0, 24.0, 30.0)
DIRECTIONS = 24
SCALE_SHARE = 0.28
"""How much of the width the scale bar takes at most."""


@dataclass(frozen=True, slots=True)
class PlacedStop:
    """A stop on the sheet, mm: where it is, and where its number stands without covering another."""

    number: int
    x: float
    y: float
    label_x: float
    label_y: float
    state: str


@dataclass(frozen=True, slots=True)
class SheetMap:
    """What is drawn, mm from the top left; `streets` and `line` are SVG path data. The scale bar is `bar_mm` for `bar_m`."""

    width: float
    height: float
    streets: str
    line: str
    stops: tuple[PlacedStop, ...]
    bar_mm: float
    bar_m: int


def draw_sheet_map(
    stops: Sequence[tuple[int, float, float, str]],
    line: BaseGeometry | None,
    streets: Sequence[BaseGeometry],
    width: float,
    height: float,
) -> SheetMap | None:
    """Lay stops (number, lon, lat, state), the line and the streets around on a sheet, north up; None without a stop."""
    if not stops:
        return None
    epsg = metric_epsg_for(stops[0][1], stops[0][2])
    places = to_metric(epsg, np.array([(lon, lat) for _, lon, lat, _ in stops], dtype=float))
    lines = np.array([*streets, *([line] if line is not None else [])], dtype=object)
    metric = to_metric(epsg, lines) if len(lines) else lines
    route = metric[-1] if line is not None else None
    low, high = _box(places, route)
    scale = float(min((width - 2 * MARGIN_MM) / (high - low)[0], (height - 2 * MARGIN_MM) / (high - low)[1]))
    centre, middle = (low + high) / 2, np.array([width / 2, height / 2])

    def lay(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        laid: NDArray[np.float64] = middle + (xy - centre) * scale * np.array([1.0, -1.0])
        return laid

    around = metric[: len(streets)]
    ground = [] if not len(around) else list(shapely.transform(around, lay))
    bar_m = _round_length(SCALE_SHARE * width / scale)
    return SheetMap(
        width,
        height,
        _path(ground),
        "" if route is None else _path([shapely.transform(route, lay)]),
        _place_labels(lay(places), stops, width, height),
        round(bar_m * scale, 2),
        bar_m,
    )


def _box(
    places: NDArray[np.float64], route: BaseGeometry | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The corners around everything of the round, never narrower than a hundred metres."""
    corners = places if route is None else np.vstack((places, np.reshape(route.bounds, (2, 2))))
    low, high = corners.min(axis=0), corners.max(axis=0)
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 50.0)
    return middle - half, middle + half


def _path(shapes: Sequence[BaseGeometry]) -> str:
    thin = shapely.simplify(shapely.get_parts(np.array(shapes, dtype=object)), 0.1)
    lines = thin[(shapely.get_type_id(thin) == LINE) & ~shapely.is_empty(thin)]
    places, owners = shapely.get_coordinates(lines, return_index=True)
    cuts = np.searchsorted(owners, np.arange(1, len(lines)))
    paths = np.split(np.round(places, 1), cuts) if len(lines) else []
    return "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in path.tolist()) for path in paths)


def _place_labels(
    xy: NDArray[np.float64], stops: Sequence[tuple[int, float, float, str]], width: float, height: float
) -> tuple[PlacedStop, ...]:
    """Put each number on its stop, or beside it where another number or stop would be covered."""
    angles = np.linspace(0, 2 * np.pi, DIRECTIONS, endpoint=False)
    steps = np.array([(r * np.cos(a), r * np.sin(a)) for r, a in product(RINGS, angles)])
    taken = np.empty((0, 2))
    placed = []
    for (number, _, _, state), place in zip(stops, xy, strict=True):
        tried = np.clip(place + steps, LABEL_MM, np.array([width, height]) - LABEL_MM)
        others = xy[np.hypot(*(xy - place).T) > 0.01]
        # Numbers must not meet; covering another stop's dot is a quarter as bad; near is better than far.
        cost = np.hypot(*steps.T) * 0.01
        if len(taken):
            cost = cost + 2 * _crowding(tried, taken, 2 * LABEL_MM + 0.4)
        if len(others):
            cost = cost + 0.5 * _crowding(tried, others, LABEL_MM + 0.8)
        label = tried[int(np.argmin(cost))]
        taken = np.vstack((taken, label))
        x, y, label_x, label_y = np.round([*place, *label], 2).tolist()
        placed.append(PlacedStop(number, x, y, label_x, label_y, state))
    return tuple(placed)


def _crowding(tried: NDArray[np.float64], others: NDArray[np.float64], near: float) -> NDArray[np.float64]:
    """How deep each place tried lies within `near` of others, all of them together."""
    apart = np.hypot(*(tried[:, None, :] - others[None, :, :]).transpose(2, 0, 1))
    deep: NDArray[np.float64] = np.maximum(1 - apart / near, 0.0).sum(axis=1)
    return deep


def _round_length(metres: float) -> int:
    """The largest 1, 2 or 5 × 10ⁿ metres that fits."""
    power = 10.0 ** np.floor(np.log10(max(metres, 1.0)))
    return int(next(step * power for step in (5, 2, 1) if step * power <= max(metres, 1.0)))

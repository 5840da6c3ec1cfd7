"""A map as a drawing for paper: the same colours, patterns and words as on the page, with scale, north and legend."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.drawing import Areas, Drawing, Lines, Words
from geoservice.maps.hatching import hatched, paths_of, polygons_of
from geoservice.maps.shortening import left_out
from geoservice.maps.signs import badge, point_signs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.domain.drawing import Item
    from geoservice.maps.text import MapText
    from geoservice.maps.values import CityArea, LeaderArea, PointShape, ZoneShape

    Area = LeaderArea | CityArea

INK, SOFT, GROUND, EDGE = "#16252c", "#54646b", "#edf0ec", "#8a989c"
ZONE_EDGE, STREET, MINE, STRETCH, WHITE = "#ffffff", "#6f7d83", "#6b2fa0", "#8c1c13", "#ffffff"
GAP = "#c2331c"
CLASS_EDGES = (0.2, 0.4, 0.6, 0.8)
LEGEND_MM = 43.0
MARGIN_MM = 4.0
MOST_LABELS = 120
MOST_RANKS = 10
METRES_PER_DEGREE = 111_320.0
LETTER = 0.56
"""How wide a Latin letter is, in heights; a Chinese one is as wide as high."""


@dataclass(frozen=True)
class _Frame:
    """Where the ground lies on the paper: x = (lon - west) * sx, y = (north - lat) * sy, inside a box."""

    west: float
    north: float
    sx: float
    sy: float
    left: float
    top: float
    width: float
    height: float

    @property
    def mm_per_metre(self) -> float:
        """How long a metre is."""
        return self.sy / METRES_PER_DEGREE

    def put(self, shapes: Iterable[BaseGeometry]) -> NDArray[np.object_]:
        """Shapes on the paper, cut to the box."""

        def move(places: NDArray[np.float64]) -> NDArray[np.float64]:
            x = self.left + (places[:, 0] - self.west) * self.sx
            return np.column_stack([x, self.top + (self.north - places[:, 1]) * self.sy])

        moved = shapely.transform(np.array(list(shapes), dtype=object), move)
        box = (self.left, self.top, self.left + self.width, self.top + self.height)
        return np.asarray(shapely.clip_by_rect(shapely.simplify(moved, 0.05), *box), dtype=object)


def draw_figure(
    area: Area,
    text: MapText,
    size_mm: tuple[float, float],
    *,
    north: str,
    numbers: Mapping[int, int] | None = None,
) -> Drawing:
    """An area on a drawing of this size, its legend at the right; `north` is the letter at the arrow.

    `numbers`: gap id → the number it bears, as a list beside the map has it; else the first ones bear their rank.
    """
    width_mm, height_mm = size_mm
    frame = _frame(area, width_mm - LEGEND_MM, height_mm)
    items: list[Item] = [Areas((_box(0, 0, frame.width, height_mm),), GROUND)]
    for layer in (
        _zones(area, frame),
        _exclusions(area, frame),
        _streets(area, frame),
        _gaps(area, frame),
    ):
        items += layer
    items += _labels(area, frame, text)
    items += _stretches(area, frame)
    places = frame.put([shapely.Point(point.lon, point.lat) for point in area.points])
    items += point_signs([(point, place) for point, place in zip(area.points, places, strict=True) if not place.is_empty])  # fmt: skip
    items += _numbered(area, frame, numbers)
    items += [Areas((_box(0, 0, frame.width, height_mm),), None, EDGE, 0.2)]
    items += _scale(frame, text, height_mm)
    items += _arrow(frame.width - 7, 4, north)
    items += _legend(area, text, frame.width + 3, LEGEND_MM - 3)
    items += _as_of(area, text, frame.width + 3, height_mm)
    return Drawing(width_mm, height_mm, tuple(items))


def rate_class(rate: float | None) -> str:
    """The name of a rate's pattern."""
    return "coverage-none" if rate is None else f"coverage-{bisect_right(CLASS_EDGES, rate)}"


def _frame(area: Area, width: float, height: float) -> _Frame:
    shapes = [zone.geometry for zone in area.zones] or [
        street.geometry for street in area.streets if street.mine
    ]
    shapes += [] if shapes else [shapely.Point(point.lon, point.lat) for point in area.points]
    shapes = [shape for shape in shapes if not shape.is_empty]
    west, south, east, north = (
        shapely.total_bounds(np.array(shapes, dtype=object)) if shapes else (0, 0, 1, 1)
    )
    squeeze = np.cos(np.radians((south + north) / 2))
    wide, tall = max((east - west) * squeeze, 0.002), max(north - south, 0.002)
    per_degree = min((width - 2 * MARGIN_MM) / wide, (height - 2 * MARGIN_MM) / tall)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return _Frame(
        west=middle_x - width / 2 / (per_degree * squeeze),
        north=middle_y + height / 2 / per_degree,
        sx=per_degree * squeeze,
        sy=per_degree,
        left=0.0,
        top=0.0,
        width=width,
        height=height,
    )


def _zones(area: Area, frame: _Frame) -> Iterator[Item]:
    by_class: dict[str, list[BaseGeometry]] = defaultdict(list)
    shapes = frame.put(zone.geometry for zone in area.zones)
    for zone, shape in zip(area.zones, shapes, strict=True):
        by_class[rate_class(zone.rate)].append(shape)
    for name in sorted(by_class):
        yield from hatched(by_class[name], name)
    width = 0.3 if len(area.zones) <= 600 else 0.06
    yield Areas(polygons_of(shapes), None, ZONE_EDGE, width)


def _exclusions(area: Area, frame: _Frame) -> Iterator[Item]:
    yield from hatched(list(frame.put(one.geometry for one in area.exclusions)), "exclusion")


def _gaps(area: Area, frame: _Frame) -> Iterator[Item]:
    shapes = frame.put(gap.geometry for gap in area.gaps)
    yield from hatched(list(shapes), "gap")
    yield Areas(polygons_of(shapes), None, GAP, 0.2)


def _streets(area: Area, frame: _Frame) -> Iterator[Item]:
    for mine, colour, width in ((False, STREET, 0.2), (True, MINE, 0.7)):
        lines = frame.put(street.geometry for street in area.streets if street.mine is mine)
        yield Lines(paths_of(lines), colour, width)


def _stretches(area: Area, frame: _Frame) -> Iterator[Item]:
    lines = paths_of(frame.put(one.geometry for one in area.stretches))
    yield Lines(lines, WHITE, 1.0)
    yield Lines(lines, STRETCH, 0.55)


def _labels(area: Area, frame: _Frame, text: MapText) -> Iterator[Item]:
    """The name and rate of each zone that has room for them; of many zones none, for nobody could read them."""
    if len(area.zones) > MOST_LABELS:
        return
    for zone, shape in zip(area.zones, frame.put(zone.geometry for zone in area.zones), strict=True):
        if shape.is_empty:
            continue
        low_x, low_y, high_x, high_y = shape.bounds
        place = shapely.point_on_surface(shape)
        rows = [row for row in _label(zone, text) if words_width(row, 2.0) < high_x - low_x - 1]
        rows = rows[-max(int((high_y - low_y - 1) / 2.4), 0) :] if high_y - low_y > 3.4 else []
        wide = max((words_width(row, 2.0) for row in rows), default=0.0)
        if not rows:
            continue
        top = place.y - 1.2 * len(rows)
        yield Areas((_box(place.x - wide / 2 - 0.5, top - 0.2, wide + 1, 2.4 * len(rows) + 0.3),), WHITE)
        for number, row in enumerate(rows):
            yield Words(place.x, top + 1.85 + 2.4 * number, row, 2.0, INK, "middle")


def _label(zone: ZoneShape, text: MapText) -> tuple[str, str]:
    return zone.name, text.no_data if zone.rate is None else text.write_percent(zone.rate)


def _numbered(area: Area, frame: _Frame, numbers: Mapping[int, int] | None) -> Iterator[Item]:
    if numbers is None:
        numbers = {gap.id: gap.rank for gap in area.gaps if gap.rank <= MOST_RANKS}
    some = [gap for gap in area.gaps if gap.id in numbers]
    for gap, shape in zip(some, frame.put(gap.geometry for gap in some), strict=True):
        if not shape.is_empty:
            place = shapely.point_on_surface(shape)
            yield from badge(place.x, place.y, text=str(numbers[gap.id]), colour=GAP)


def _scale(frame: _Frame, text: MapText, height: float) -> Iterator[Item]:
    """A bar of a round length, about a fifth of the map."""
    most = frame.width / 5 / frame.mm_per_metre
    power = 10.0 ** np.floor(np.log10(most))
    metres = float(max(step * power for step in (1, 2, 5) if step * power <= most))
    long, y = metres * frame.mm_per_metre, height - 3.5
    yield Areas((_box(2, y - 4.2, long + 4, 6.4),), WHITE)
    half = long / 2
    yield Areas((_box(4, y, half, 0.9),), INK)
    yield Areas((_box(4 + half, y, half, 0.9),), WHITE, INK, 0.15)
    yield Words(4 + half, y - 1.1, text.write_length(metres), 2.4, INK, "middle")


def _arrow(x: float, y: float, north: str) -> Iterator[Item]:
    yield Areas((_box(x - 3.6, y - 2, 7.2, 11.6),), WHITE)
    yield Areas(((np.array([[x, y - 1], [x + 2, y + 5], [x, y + 3.8], [x - 2, y + 5]]),),), INK)
    yield Words(x, y + 8.6, north, 3.0, INK, "middle")


def _legend(area: Area, text: MapText, x: float, wide: float) -> Iterator[Item]:
    """Only what the map shows, under headings, from the top."""
    y = 3.4
    yield Words(x, y, text.coverage, 2.8, INK)
    edges = (0.0, *CLASS_EDGES, 1.0)
    rows = [(f"coverage-{number}", f"{text.write_percent(low)} – {text.write_percent(high)}") for number, (low, high) in enumerate(pairwise(edges))]  # fmt: skip
    if any(zone.rate is None for zone in area.zones):
        rows.append(("coverage-none", text.no_data))
    rows += [("exclusion", text.exclusion)] if area.exclusions else []
    rows += [("gap", text.gap)] if area.gaps else []
    for name, words in rows:
        y += 5.2
        box = shapely.box(x, y - 3.2, x + 6.5, y + 0.8)
        yield from hatched([box], name)
        yield Areas(polygons_of([box]), None, EDGE, 0.12)
        yield Words(x + 8, y, fitted(words, 2.5, wide - 8), 2.5, INK)
    lines = (
        (any(not street.mine for street in area.streets), text.street, ((STREET, 0.25),)),
        (any(street.mine for street in area.streets), text.my_street, ((MINE, 0.7),)),
        (bool(area.stretches), text.stretch, ((STRETCH, 0.55),)),
    )
    for drawn, words, strokes in lines:
        if drawn:
            y += 5.2
            for colour, width in strokes:
                yield Lines((np.array([[x, y - 1.2], [x + 6.5, y - 1.2]]),), colour, width)
            yield Words(x + 8, y, fitted(words, 2.5, wide - 8), 2.5, INK)
    for point, words in _point_rows(area, text):
        y += 5.2
        yield from point_signs([(point, shapely.Point(x + 3.2, y - 1.1))])
        yield Words(x + 8, y, fitted(words, 2.5, wide - 8), 2.5, INK)


def _as_of(area: Area, text: MapText, x: float, height: float) -> Iterator[Item]:
    """What is left out, for which days, and when it was computed: at the foot of the legend."""
    for number, words in enumerate(reversed(left_out(area, text))):
        yield Words(x, height - 16 - 3.4 * number, fitted(words, 2.2, LEGEND_MM - 4), 2.2, INK)
    computed = text.not_computed if area.computed_at is None else text.write_instant(area.computed_at)
    days = f"{text.write_day(area.window.from_on)} – {text.write_day(area.window.to_on)}"
    for number, (name, value) in enumerate(((text.window, days), (text.computed_at, computed))):
        y = height - 11.5 + 7.2 * number
        yield Words(x, y, name, 2.2, SOFT)
        yield Words(x, y + 3.2, value, 2.4, INK)


def _point_rows(area: Area, text: MapText) -> Iterator[tuple[PointShape, str]]:
    """A point of each state that there is, and one that is late, with its words."""
    for state in ("visited_findings", "visited_clean", "probable", "not_visited"):
        found = next((point for point in area.points if point.state == state and not _is_late(point)), None)
        if found:
            yield replace(found, mine=False), getattr(text, state)
    late = next((point for point in area.points if _is_late(point)), None)
    if late:
        yield replace(late, mine=False), text.overdue_sign


def _is_late(point: PointShape) -> bool:
    return point.due in {"overdue", "never"}


def words_width(words: str, size_mm: float) -> float:
    """About how wide a line of text becomes."""
    return sum(size_mm * (1.0 if ord(letter) > 0x2E7F else LETTER) for letter in words)


def fitted(words: str, size_mm: float, most_mm: float) -> str:
    """A line of text cut to fit, with a sign that it was."""
    if words_width(words, size_mm) <= most_mm:
        return words
    while words and words_width(words + "…", size_mm) > most_mm:
        words = words[:-1]
    return words + "…"


def _box(x: float, y: float, width: float, height: float) -> tuple[NDArray[np.float64], ...]:
    return (np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], dtype=np.float64),)

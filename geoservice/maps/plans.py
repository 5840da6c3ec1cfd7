"""A plan on a map: each team's way with its own colour, dashes and letter, stops in order, and what was left out.

The page's shapes come once with the page and again by message after each change (`static/js/plan-map.js`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import folium
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geoservice.maps.assets import host_assets
from geoservice.maps.canvas import (
    SCALE,
    Verbatim,
    bounds_of,
    finish_map,
    pack_anchors,
    pack_lines,
    pack_place,
    pack_polygons,
    safe_text,
    start_map,
    thin_together,
)
from geoservice.maps.layers import VERTEX_BUDGET, ShapeLayer
from geoservice.maps.patterns import pattern_sheet
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap

COLOURS, DASHES = 8, 4
"""How many colours and dash patterns `static/css/plan.css` has; letters go on where they repeat."""

MANY = 600
GROUND_FILL = "holding-one"
SCRIPT, STYLE = "js/plan-map.js", "css/plan.css"

Facts = tuple[tuple[str, str], ...]
"""(name, value) as the reader is to see them."""


@dataclass(frozen=True, slots=True)
class Sign:
    """How a team is told from the others: a letter, the number of a colour, the number of a dash pattern."""

    letter: str
    colour: int
    dash: int


@dataclass(frozen=True, slots=True)
class StopShape:
    """A stop of a way, by its number in it."""

    key: str
    number: int
    title: str
    lon: float
    lat: float
    facts: Facts
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class WayShape:
    """One team's way on one day: from its depot past its stops."""

    key: str
    sign: Sign
    title: str
    line: tuple[tuple[float, float], ...]
    start: tuple[float, float] | None
    facts: Facts
    stops: tuple[StopShape, ...]


@dataclass(frozen=True, slots=True)
class GroundShape:
    """A zone under the ways, so that the map is not blank where there is no base map."""

    id: int
    code: str
    name: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class PlanText:
    """The words of this map beside those of every map."""

    ways: str
    stops: str
    left_out: str
    depot: str


def sign_of(position: int) -> Sign:
    """The sign of the nth team, from 0: its colour and dashes repeat together only after 32 teams."""
    return Sign(_letters(position), position % COLOURS, (position + position // COLOURS) % DASHES)


def plan_shapes(ways: Sequence[WayShape], left_out: Sequence[StopShape]) -> dict[str, Any]:
    """Everything that changes with the plan, packed: what the page's script draws, first and after each change."""
    lines = [LineString(way.line) if len(way.line) > 1 else LineString() for way in ways]
    stops = [(number, stop) for number, way in enumerate(ways) for stop in way.stops]
    return {
        "ways": {
            "ids": [way.key for way in ways],
            "letters": [way.sign.letter for way in ways],
            "colours": [way.sign.colour for way in ways],
            "dashes": [way.sign.dash for way in ways],
            "titles": [way.title for way in ways],
            "lines": pack_lines(lines),
            "starts": [pack_place(*way.start) if way.start else [] for way in ways],
            "anchors": [[] for _ in ways],
            "pairs": [[list(fact) for fact in way.facts] for way in ways],
        },
        "stops": {
            "ways": [number for number, _ in stops],
            "numbers": [stop.number for _, stop in stops],
            "pinned": [int(stop.pinned) for _, stop in stops],
            **_places([stop for _, stop in stops]),
        },
        "left_out": _places(left_out),
    }


def plan_map(
    shapes: dict[str, Any],
    ground: Sequence[GroundShape],
    words: tuple[MapText, PlanText],
    base_map: BaseMap | None = None,
    static_url: str = "/static",
) -> folium.Map:
    """The map of a plan, opened on its ways, its stops and what it left out, or else on the ground."""
    text, own = words
    bounds = bounds_of(_extent(shapes)) or bounds_of([zone.geometry for zone in ground])
    drawn = start_map(text, bounds, base_map, many=len(ground) > MANY)
    page = drawn.get_root()
    page.html.add_child(pattern_sheet())
    page.html.add_child(_legend(text, own))
    if ground:
        ground_layer(ground, text).add_to(drawn)
    for kind, label in (("ways", own.ways), ("stops", own.stops), ("left_out", own.left_out)):
        ShapeLayer(kind, label, shapes[kind]).add_to(drawn)
    finished = host_assets(finish_map(drawn), static_url)
    finished.default_js.append((SCRIPT, f"{static_url}/{SCRIPT}"))
    finished.default_css.append((STYLE, f"{static_url}/{STYLE}"))
    return finished


def _letters(position: int) -> str:
    """A to Z, then AA, AB …: as the columns of a sheet."""
    before, last = divmod(position, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _places(stops: Sequence[StopShape]) -> dict[str, Any]:
    return {
        "ids": [stop.key for stop in stops],
        "titles": [stop.title for stop in stops],
        "places": [pack_place(stop.lon, stop.lat) for stop in stops],
        "pairs": [[list(fact) for fact in stop.facts] for stop in stops],
    }


def _extent(shapes: dict[str, Any]) -> list[BaseGeometry]:
    """The places of a packed plan: its lines keep close to them."""
    packed = [*shapes["stops"]["places"], *shapes["left_out"]["places"], *shapes["ways"]["starts"]]
    return [Point(place[1] / SCALE, place[0] / SCALE) for place in packed if place]


def ground_layer(zones: Sequence[GroundShape], text: MapText) -> ShapeLayer:
    """Zones without a measure, to find one's way by."""
    outlines = thin_together([zone.geometry for zone in zones], VERTEX_BUDGET)
    values = {
        "fields": [text.code],
        "fills": [GROUND_FILL],
        "ids": [zone.id for zone in zones],
        "titles": [zone.name for zone in zones],
        "classes": [0] * len(zones),
        "rates": [""] * len(zones),
        "polygons": pack_polygons(outlines),
        "anchors": pack_anchors(outlines),
        "rows": [[zone.code] for zone in zones],
        "others": [[] for _ in zones],
    }
    return ShapeLayer("zones", text.layer_zones, values)


def _legend(text: MapText, own: PlanText) -> Verbatim:
    """The signs of stops; the page's script adds a row a way, since these change with the plan."""
    signs = (
        ("ways", '<rect class="plan-depot" x="8" y="3" width="12" height="12"/>', own.depot),
        ("left_out", '<path class="plan-out" d="M14 3L20 9L14 15L8 9z"/>', own.left_out),
    )
    rows = "".join(
        f'<li data-layer="{layer}"><svg width="28" height="18" aria-hidden="true">{sign}</svg>'
        f"<span>{safe_text(words)}</span></li>"
        for layer, sign, words in signs
    )
    return Verbatim(
        f'<details class="map-legend plan-legend" id="map-legend"><summary>{safe_text(text.legend)}</summary>'
        f'<ul id="way-rows"></ul><ul>{rows}</ul></details>'
    )

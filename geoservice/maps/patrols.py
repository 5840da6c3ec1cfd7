"""One patrol on a map: its line as planned, the lines its devices went, and each stop by what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import folium
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geoservice.maps.assets import host_assets
from geoservice.maps.canvas import (
    Verbatim,
    bounds_of,
    finish_map,
    pack_anchors,
    pack_lines,
    pack_place,
    safe_text,
    start_map,
    thin_together,
)
from geoservice.maps.layers import VERTEX_BUDGET, ShapeLayer
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap

SCRIPT, STYLE = "js/replay-map.js", "css/replay.css"

STOP_SIGNS = {
    "done": "M12 1.5a10.5 10.5 0 1 0 .01 0z",
    "disorder": "M12 0L24 12L12 24L0 12z",
    "missed": "M2.5 2.5h19v19h-19z",
    "skipped": "M7.4 1.5h9.2l5.9 5.9v9.2l-5.9 5.9H7.4l-5.9-5.9V7.4z",
    "open": "M12 1.5a10.5 10.5 0 1 0 .01 0z",
    "unknown": "M12 1.5a10.5 10.5 0 1 0 .01 0z",
    "extra": "M8.5 2h7v6.5H22v7h-6.5V22h-7v-6.5H2v-7h6.5z",
}
"""The outline of each look of a stop in a square of 24; its colour is in `static/css/replay.css`."""


@dataclass(frozen=True, slots=True)
class StopShape:
    """A stop by its number in the plan, 0 for one that nobody planned. `look` is one of STOP_SIGNS; `facts` fill its card."""

    id: str
    number: int
    look: str
    title: str
    tag: str
    lon: float
    lat: float
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PatrolText:
    """The words of this map beside those of every map; `looks` in the order of the legend."""

    planned: str
    gone: str
    stops: str
    looks: tuple[tuple[str, str], ...]


def patrol_map(  # noqa: PLR0913 - two lines, stops, words, and where it is drawn
    planned: BaseGeometry | None,
    gone: Sequence[tuple[str, BaseGeometry]],
    stops: Sequence[StopShape],
    text: MapText,
    words: PatrolText,
    base_map: BaseMap | None = None,
    static_url: str = "/static",
) -> folium.Map:
    """The map of one patrol, opened on all of it; `gone` are (whose, line), the first in front."""
    places: list[BaseGeometry] = [Point(stop.lon, stop.lat) for stop in stops]
    lines = [line for _, line in gone]
    drawn = start_map(
        text, bounds_of([*places, *lines, *([planned] if planned else [])]), base_map, many=False
    )
    drawn.get_root().html.add_child(_legend(planned is not None, bool(gone), stops, text, words))
    if planned is not None:
        _line_layer("planned", words.planned, [(words.planned, planned)]).add_to(drawn)
    if gone:
        _line_layer("gone", words.gone, gone).add_to(drawn)
    _stop_layer(stops, words.stops).add_to(drawn)
    finished = host_assets(finish_map(drawn), static_url)
    finished.default_js.append((SCRIPT, f"{static_url}/{SCRIPT}"))
    finished.default_css.append((STYLE, f"{static_url}/{STYLE}"))
    return finished


def _line_layer(kind: str, name: str, lines: Sequence[tuple[str, BaseGeometry]]) -> ShapeLayer:
    shapes = thin_together([line for _, line in lines], VERTEX_BUDGET)
    values = {
        "ids": list(range(1, len(lines) + 1)),
        "titles": [title for title, _ in lines],
        "lines": pack_lines(shapes),
        "anchors": pack_anchors(shapes),
    }
    return ShapeLayer(kind, name, values)


def _stop_layer(stops: Sequence[StopShape], name: str) -> ShapeLayer:
    values = {
        "signs": STOP_SIGNS,
        "ids": [stop.id for stop in stops],
        "numbers": [stop.number or "" for stop in stops],
        "looks": [stop.look for stop in stops],
        "titles": [stop.title for stop in stops],
        "tags": [stop.tag for stop in stops],
        "anchors": [pack_place(stop.lon, stop.lat) for stop in stops],
        "pairs": [[list(fact) for fact in stop.facts] for stop in stops],
    }
    return ShapeLayer("stops", name, values)


def _legend(
    planned: bool, gone: bool, stops: Sequence[StopShape], text: MapText, words: PatrolText
) -> Verbatim:
    shown = {stop.look for stop in stops}
    rows = [
        *([_row("planned", _LINE.format("planned"), words.planned)] if planned else []),
        *([_row("gone", _LINE.format("gone"), words.gone)] if gone else []),
        *(_row("stops", stop_sign(look), word) for look, word in words.looks if look in shown),
    ]
    return Verbatim(
        f'<details class="map-legend" id="map-legend"><summary>{safe_text(text.legend)}</summary>'
        f"<ul>{''.join(rows)}</ul></details>"
    )


def stop_sign(look: str) -> str:
    """The sign of a look as it stands on the map, without its number."""
    return (
        '<svg width="28" height="20" viewBox="-5 -1 34 26" aria-hidden="true">'
        f'<path class="stop-sign stop-{safe_text(look)}" d="{STOP_SIGNS[look]}"/></svg>'
    )


def _row(layer: str, sign: str, words: str) -> str:
    return f'<li data-layer="{layer}">{sign}<span>{safe_text(words)}</span></li>'


_LINE = (
    '<svg width="28" height="18" aria-hidden="true"><path class="{0}-casing" d="M2 12L12 6L26 10"/>'
    '<path class="{0}" d="M2 12L12 6L26 10"/></svg>'
)

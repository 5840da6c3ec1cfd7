"""Where devices were last, on a map that is drawn anew as they report (`static/js/live-map.js`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import folium
from shapely.geometry import Point

from geoservice.maps.assets import host_assets
from geoservice.maps.canvas import SCALE, Verbatim, bounds_of, finish_map, pack_place, safe_text, start_map
from geoservice.maps.layers import ShapeLayer
from geoservice.maps.patterns import pattern_sheet
from geoservice.maps.plans import MANY, GroundShape, ground_layer
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap

SCRIPT, STYLE = "js/live-map.js", "css/live.css"
SIGNS = ("out", "quiet", "old")
"""How a device is drawn: it reports; it should and does not; it need not."""

_SHAPES = {
    "out": '<circle class="live-out" cx="14" cy="9" r="6"/>',
    "quiet": '<path class="live-quiet" d="M14 1L23 16H5z"/>',
    "old": '<circle class="live-old" cx="14" cy="9" r="5"/>',
}


@dataclass(frozen=True, slots=True)
class DeviceShape:
    """A device at its last fix. `facts` fill its card."""

    id: int
    title: str
    sign: str
    lon: float
    lat: float
    facts: tuple[tuple[str, str], ...]


def live_shapes(devices: Sequence[DeviceShape]) -> dict[str, Any]:
    """Everything that changes as devices report, packed."""
    return {
        "ids": [device.id for device in devices],
        "titles": [device.title for device in devices],
        "signs": [SIGNS.index(device.sign) for device in devices],
        "places": [pack_place(device.lon, device.lat) for device in devices],
        "pairs": [[list(fact) for fact in device.facts] for device in devices],
    }


def live_map(
    shapes: dict[str, Any],
    ground: Sequence[GroundShape],
    words: tuple[MapText, str, tuple[str, str, str]],
    base_map: BaseMap | None = None,
    static_url: str = "/static",
) -> folium.Map:
    """The map of devices, opened on the ground or else on them; `words`: of every map, the layer, the signs."""
    text, layer, signs = words
    places = [Point(lon / SCALE, lat / SCALE) for lat, lon in shapes["places"]]
    bounds = bounds_of([zone.geometry for zone in ground]) or bounds_of(places)
    drawn = start_map(text, bounds, base_map, many=len(ground) > MANY)
    page = drawn.get_root()
    page.html.add_child(pattern_sheet())
    page.html.add_child(_legend(text, signs))
    if ground:
        ground_layer(ground, text).add_to(drawn)
    ShapeLayer("devices", layer, shapes).add_to(drawn)
    finished = host_assets(finish_map(drawn), static_url)
    finished.default_js.append((SCRIPT, f"{static_url}/{SCRIPT}"))
    finished.default_css.append((STYLE, f"{static_url}/{STYLE}"))
    return finished


def legend_signs(words: tuple[str, str, str]) -> list[tuple[str, str]]:
    """What stands in a legend: how a device is drawn, as SVG, and what that says."""
    return [
        (f'<svg width="28" height="18" aria-hidden="true">{_SHAPES[sign]}</svg>', word)
        for sign, word in zip(SIGNS, words, strict=True)
    ]


def _legend(text: MapText, signs: tuple[str, str, str]) -> Verbatim:
    rows = "".join(
        f'<li data-layer="devices">{sign}<span>{safe_text(words)}</span></li>'
        for sign, words in legend_signs(signs)
    )
    return Verbatim(
        f'<details class="map-legend" id="map-legend"><summary>{safe_text(text.legend)}</summary><ul>{rows}</ul></details>'
    )

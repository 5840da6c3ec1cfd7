"""What is wrong with the ground, on a map: the zones concerned, and upon them each fault with its number in the list."""

from collections.abc import Sequence
from dataclasses import dataclass

import folium
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geoservice.maps.assets import host_assets
from geoservice.maps.canvas import (
    Verbatim,
    bounds_of,
    finish_map,
    pack_anchors,
    pack_lines,
    pack_polygons,
    safe_text,
    start_map,
)
from geoservice.maps.layers import ShapeLayer
from geoservice.maps.patterns import pattern_sheet
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap

MANY = 600
ZONE_FILL = "holding-one"


@dataclass(frozen=True, slots=True)
class CheckedZone:
    """A zone that some fault concerns."""

    id: int
    code: str
    name: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, by its number in the list; a polygon, or a line between two places. `facts` fill its card."""

    number: int
    title: str
    facts: tuple[tuple[str, str], ...]
    geometry: BaseGeometry


def check_map(
    zones: Sequence[CheckedZone],
    faults: Sequence[Fault],
    text: MapText,
    base_map: BaseMap | None = None,
    static_url: str = "/static",
) -> folium.Map:
    """The map of faults, opened on all of them and the zones they concern."""
    bounds = bounds_of([*(fault.geometry for fault in faults), *(zone.geometry for zone in zones)])
    drawn = start_map(text, bounds, base_map, many=len(zones) > MANY)
    page = drawn.get_root()
    page.html.add_child(pattern_sheet())
    page.html.add_child(_legend(zones, faults, text))
    _zone_layer(zones, text).add_to(drawn)
    grounds = [fault for fault in faults if not _is_line(fault)]
    lines = [fault for fault in faults if _is_line(fault)]
    _ground_layer(grounds, text).add_to(drawn)
    if lines:
        _line_layer(lines, text).add_to(drawn)
    return host_assets(finish_map(drawn), static_url)


def _is_line(fault: Fault) -> bool:
    return bool(shapely.get_dimensions(fault.geometry) == 1)


def _zone_layer(zones: Sequence[CheckedZone], text: MapText) -> ShapeLayer:
    shapes = [zone.geometry for zone in zones]
    values = {
        "fields": [text.code],
        "fills": [ZONE_FILL],
        "ids": [zone.id for zone in zones],
        "titles": [zone.name for zone in zones],
        "classes": [0] * len(zones),
        "rates": [zone.code if zone.code != zone.name else "" for zone in zones],
        "polygons": pack_polygons(shapes),
        "anchors": pack_anchors(shapes),
        "rows": [[zone.code] for zone in zones],
        "others": [[] for _ in zones],
    }
    return ShapeLayer("zones", text.layer_zones, values)


def _ground_layer(faults: Sequence[Fault], text: MapText) -> ShapeLayer:
    """Faults with an area. None is thinned: what is wrong here is often narrower than what thinning leaves out."""
    shapes = [fault.geometry for fault in faults]
    values = {
        "ids": [fault.number for fault in faults],
        "ranks": [fault.number for fault in faults],
        "titles": [fault.title for fault in faults],
        "polygons": pack_polygons(shapes),
        "anchors": pack_anchors(shapes),
        "pairs": [[list(fact) for fact in fault.facts] for fault in faults],
    }
    return ShapeLayer("gaps", text.layer_gaps, values)


def _line_layer(faults: Sequence[Fault], text: MapText) -> ShapeLayer:
    shapes = [fault.geometry for fault in faults]
    values = {
        "ids": [fault.number for fault in faults],
        "titles": [fault.title for fault in faults],
        "lines": pack_lines(shapes),
        "anchors": pack_anchors(shapes),
        "pairs": [[list(fact) for fact in fault.facts] for fault in faults],
    }
    return ShapeLayer("stretches", text.layer_stretches, values)


def _legend(zones: Sequence[CheckedZone], faults: Sequence[Fault], text: MapText) -> Verbatim:
    kinds = np.array([_is_line(fault) for fault in faults], dtype=bool)
    rows = (
        (bool(zones), "zones", f'<rect {_BOX} class="swatch" fill="url(#fill-{ZONE_FILL})"/>', text.zone),
        (
            bool((~kinds).any()),
            "gaps",
            f'<rect {_BOX} class="swatch swatch-gaps" fill="url(#fill-gap)"/>',
            text.gap,
        ),
        (
            bool(kinds.any()),
            "stretches",
            '<path class="stretch-casing" d="M2 12L12 6L26 10"/><path class="stretch" d="M2 12L12 6L26 10"/>',
            text.stretch,
        ),
    )
    shown = "".join(
        f'<li data-layer="{layer}"><svg width="28" height="18" aria-hidden="true">{sign}</svg>'
        f"<span>{safe_text(words)}</span></li>"
        for drawn, layer, sign, words in rows
        if drawn
    )
    return Verbatim(
        f'<details class="map-legend" id="map-legend"><summary>{safe_text(text.legend)}</summary>'
        f"<ul>{shown}</ul></details>"
    )


_BOX = 'x="1" y="1" width="26" height="16" rx="2"'

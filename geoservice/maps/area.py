"""All layers of an area, from the ground up, with legend and controls: what every map is made of."""

from collections.abc import Iterator

import folium

from geoservice.maps.ages import age_layer
from geoservice.maps.assets import host_assets
from geoservice.maps.canvas import Bounds, finish_map, start_map
from geoservice.maps.layers import ShapeLayer, ZoneFill, exclusion_layer, gap_layer, zone_layer
from geoservice.maps.legend import legend
from geoservice.maps.lines import street_layer, stretch_layer, track_layer
from geoservice.maps.patterns import pattern_sheet
from geoservice.maps.points import point_layer
from geoservice.maps.suggestions import suggestion_layer
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap, CityArea, LeaderArea

MANY_SHAPES = 600
MANY_LINES = 2_000
"""Beyond these, shapes are painted on one bitmap: a browser slows down with one element each."""

Area = LeaderArea | CityArea


def draw_area(
    area: Area,
    text: MapText,
    fill: ZoneFill,
    bounds: Bounds | None,
    base_map: BaseMap | None,
    static_url: str,
) -> folium.Map:
    """The map of an area, opened on `bounds`, its zones in the colours of `fill`."""
    many = len(area.zones) > MANY_SHAPES or len(area.stretches) > MANY_LINES
    drawn = start_map(text, bounds, base_map, many)
    page = drawn.get_root()
    page.html.add_child(pattern_sheet())
    page.html.add_child(legend(area, text, fill))
    for layer in _layers(area, text, fill, many):
        layer.add_to(drawn)
    return host_assets(finish_map(drawn), static_url)


def _layers(area: Area, text: MapText, fill: ZoneFill, many: bool) -> Iterator[ShapeLayer]:
    """The layers in the order of the list the reader switches them in: ground, lines, what is wrong, what to do."""
    yield zone_layer(area.zones, text, fill)
    if area.ages:
        yield age_layer(area.ages, text)
    if area.exclusions:
        yield exclusion_layer(area.exclusions, text)
    if area.streets:
        yield street_layer(area.streets, text)
    if area.tracks:
        yield track_layer(area.tracks, text)
    yield gap_layer(area.gaps, text)
    if area.stretches:
        yield stretch_layer(area.stretches, text)
    if area.points:
        yield point_layer(area.points, text, painted=many)
    if area.suggestions:
        yield suggestion_layer(area.suggestions, text)

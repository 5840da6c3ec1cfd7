"""The leader's map: his ground, what was seen of it, and where the blind spots are."""

import folium
import shapely

from geoservice.maps.assets import host_assets
from geoservice.maps.canvas import Bounds, bounds_of, finish_map, start_map
from geoservice.maps.layers import (
    exclusion_layer,
    gap_layer,
    point_layer,
    street_layer,
    track_layer,
    zone_layer,
)
from geoservice.maps.legend import legend, pattern_sheet
from geoservice.maps.values import BaseMap, CityArea, LeaderArea, MapText

MANY_ZONES = 600
MANY_POINTS = 800
"""Beyond these, shapes are painted on one bitmap: a browser slows down with one element each."""


def leader_map(
    area: LeaderArea, text: MapText, base_map: BaseMap | None = None, static_url: str = "/static"
) -> folium.Map:
    """One leader's ground on one day, opened on his zones."""
    return draw_area(area, text, _own_ground(area), base_map, static_url)


def draw_area(
    area: LeaderArea | CityArea,
    text: MapText,
    bounds: Bounds | None,
    base_map: BaseMap | None,
    static_url: str,
) -> folium.Map:
    """All layers of an area, from the ground up, with legend and controls."""
    many = len(area.zones) > MANY_ZONES or len(area.points) > MANY_POINTS
    drawn = start_map(text, bounds, base_map, many)
    page = drawn.get_root()
    page.html.add_child(pattern_sheet())
    page.html.add_child(legend(area, text))
    zone_layer(area.zones, text).add_to(drawn)
    if area.exclusions:
        exclusion_layer(area.exclusions, text).add_to(drawn)
    if area.streets:
        street_layer(area.streets, text).add_to(drawn)
    if area.tracks:
        track_layer(area.tracks, text).add_to(drawn)
    gap_layer(area.gaps, text).add_to(drawn)
    if area.points:
        point_layer(area.points, text).add_to(drawn)
    return host_assets(finish_map(drawn), static_url)


def _own_ground(area: LeaderArea) -> Bounds | None:
    """The box around his zones: a key road or point of his may lie at the far end of the city, and its list leads there.

    Without zones, around his key roads and points; without those too, around his gaps.
    """
    zones = bounds_of(zone.geometry for zone in area.zones)
    keys = [street.geometry for street in area.streets if street.mine]
    keys += [shapely.Point(point.lon, point.lat) for point in area.points if point.mine]
    return zones or bounds_of(keys) or bounds_of(gap.geometry for gap in area.gaps)

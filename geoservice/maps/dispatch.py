"""The dispatcher's map: every zone of a level by coverage, and the gaps of the whole city."""

import folium

from geoservice.maps.area import draw_area
from geoservice.maps.canvas import bounds_of
from geoservice.maps.layers import coverage_fill
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap, CityArea


def city_map(
    city: CityArea, text: MapText, base_map: BaseMap | None = None, static_url: str = "/static"
) -> folium.Map:
    """The city's zones and gaps, opened on all of it; painted on one bitmap when there are many."""
    bounds = bounds_of(zone.geometry for zone in city.zones)
    return draw_area(city, text, coverage_fill(text), bounds, base_map, static_url)

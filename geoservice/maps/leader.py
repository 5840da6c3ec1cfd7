"""The leader's map: his ground, what was seen of it, and where the blind spots are."""

import folium
import shapely

from geoservice.maps.area import draw_area
from geoservice.maps.canvas import Bounds, bounds_of
from geoservice.maps.layers import coverage_fill
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap, LeaderArea


def leader_map(
    area: LeaderArea, text: MapText, base_map: BaseMap | None = None, static_url: str = "/static"
) -> folium.Map:
    """One leader's ground on one day, opened on his zones."""
    return draw_area(area, text, coverage_fill(text), _own_ground(area), base_map, static_url)


def _own_ground(area: LeaderArea) -> Bounds | None:
    """The box around his zones: a key road or point of his may lie at the far end of the city, and its list leads there.

    Without zones, around his key roads and points; without those too, around his gaps.
    """
    zones = bounds_of(zone.geometry for zone in area.zones)
    keys = [street.geometry for street in area.streets if street.mine]
    keys += [shapely.Point(point.lon, point.lat) for point in area.points if point.mine]
    return zones or bounds_of(keys) or bounds_of(gap.geometry for gap in area.gaps)

"""Who answers for the ground: zones with one leader, with nobody, with two."""

import folium

from geoservice.maps.area import draw_area
from geoservice.maps.canvas import bounds_of
from geoservice.maps.layers import NO_DATA, ZoneFill, write_holding
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap, CityArea, ZoneShape

CLASSES = ("one", "none", "two")


def responsibility_map(
    area: CityArea, text: MapText, base_map: BaseMap | None = None, static_url: str = "/static"
) -> folium.Map:
    """The city's zones by who answers for them, opened on all of it."""
    bounds = bounds_of(zone.geometry for zone in area.zones)
    return draw_area(area, text, holding_fill(text), bounds, base_map, static_url)


def holding_fill(text: MapText) -> ZoneFill:
    """Zones by how many leaders answer for them; a zone nobody asked about is drawn as "no data"."""
    return ZoneFill(
        heading=text.holding,
        rows=(
            ("holding-one", text.held_by_one),
            ("holding-none", text.held_by_none),
            ("holding-two", text.held_by_two),
            ("coverage-none", text.no_data),
        ),
        class_of=lambda zone: CLASSES.index(zone.holding) if zone.holding else NO_DATA,
        label_of=lambda zone: _label(zone, text),
    )


def _label(zone: ZoneShape, text: MapText) -> str:
    """The leader where there is one, else what is wrong."""
    named = zone.leader if zone.holding == "one" else None
    return named or write_holding(zone, text) or text.no_data

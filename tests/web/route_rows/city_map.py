"""Routes of the blueprint `city_map`."""

from __future__ import annotations

CITY = {"admin", "dispatcher", "gis"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "city_map.show_zones": ("GET", "/dispatch/map/zones/grid/2026-03-18/3/0/0", None, CITY, 204),
    "city_map.show_streets": ("GET", "/dispatch/map/streets/3/0/0", None, CITY, 204),
    "city_map.show_points": ("GET", "/dispatch/map/points/3/0/0", None, CITY, 200),
    "city_map.show_rates": ("GET", "/dispatch/map/rates", None, CITY, 200),
    "city_map.show_shapes": ("GET", "/dispatch/map/shapes/gaps", None, CITY, 200),
    "city_map.show_zone_at": ("GET", "/dispatch/map/card/zone?id={zone}", None, CITY, 200),
    "city_map.show_point": ("GET", "/dispatch/map/card/point/{nobody}", None, CITY, 404),
    "city_map.show_devices": ("GET", "/dispatch/map/devices", None, {"admin", "dispatcher"}, 200),
}

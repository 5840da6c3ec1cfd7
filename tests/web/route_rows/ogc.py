"""Routes of the blueprint `ogc`."""

from __future__ import annotations

LET_IN = {"admin", "dispatcher", "gis", "leader"}
ZONES = "/ogc/collections/zones"
TILES = f"{ZONES}/tiles/WebMercatorQuad"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "ogc.show_landing": ("GET", "/ogc/", None, LET_IN, 200),
    "ogc.show_conformance": ("GET", "/ogc/conformance", None, LET_IN, 200),
    "ogc.show_api": ("GET", "/ogc/api", None, LET_IN, 200),
    "ogc.show_connect": ("GET", "/ogc/connect", None, LET_IN, 200),
    "ogc.show_collections": ("GET", "/ogc/collections", None, LET_IN, 200),
    "ogc.show_collection": ("GET", ZONES, None, LET_IN, 200),
    "ogc.show_queryables": ("GET", f"{ZONES}/queryables", None, LET_IN, 200),
    "ogc.show_items": ("GET", f"{ZONES}/items", None, LET_IN, 200),
    "ogc.show_feature": ("GET", f"{ZONES}/items/{{nobody}}", None, LET_IN, 404),
    "ogc.show_tilesets": ("GET", f"{ZONES}/tiles", None, LET_IN, 200),
    "ogc.show_tileset": ("GET", TILES, None, LET_IN, 200),
    "ogc.show_tilejson": ("GET", f"{TILES}/tilejson.json", None, LET_IN, 200),
    "ogc.show_tile": ("GET", f"{TILES}/10/446/836", None, LET_IN, 200),
}

"""Routes of the blueprint `editing`."""

from __future__ import annotations

DESK = {"admin", "gis"}
BOX = "bbox=114,22,115,23"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "editing.show_editor": ("GET", "/gis/edit/", None, DESK, 200),
    "editing.get_zones": ("GET", f"/gis/edit/zones.geojson?level=grid&{BOX}", None, DESK, 200),
    "editing.get_points": ("GET", f"/gis/edit/points.geojson?{BOX}", None, DESK, 200),
    "editing.get_streets": ("GET", f"/gis/edit/streets.geojson?{BOX}", None, DESK, 200),
    "editing.preview_split": ("POST", "/gis/edit/preview", {}, DESK, 400),
    "editing.save_changes": ("POST", "/gis/edit/changes", {}, DESK, 400),
    "editing.show_list": ("GET", "/gis/edit/list", None, DESK, 200),
    "editing.show_form": ("GET", "/gis/edit/zones/{zone}", None, DESK, 200),
    "editing.save_form": ("POST", "/gis/edit/zones/{zone}", {"code": "", "geometry": ""}, DESK, 422),
    "editing.show_history": ("GET", "/gis/edit/history/zones/{zone}", None, DESK, 200),
}

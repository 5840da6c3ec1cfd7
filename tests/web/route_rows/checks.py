"""Routes of the blueprint `checks`."""

from __future__ import annotations

_STAFF = {"admin", "gis"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "checks.show_checks": ("GET", "/gis/checks/", None, _STAFF, 200),
    "checks.show_map": ("GET", "/gis/checks/map", None, _STAFF, 200),
    "checks.show_snap": ("GET", "/gis/checks/snap", None, _STAFF, 200),
    "checks.show_snap_map": ("GET", "/gis/checks/snap/map", None, _STAFF, 200),
    "checks.snap": ("POST", "/gis/checks/snap", {"seen": "another"}, _STAFF, 409),
}

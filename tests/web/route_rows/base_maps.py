"""Routes of the blueprint `base_maps`: tiles are for whoever was given their sealed address, since frames have no session."""

from __future__ import annotations

# endpoint → (method, address, form, status for a stranger)
OPEN: dict[str, tuple] = {"base_maps.get_tile": ("GET", "/base-maps/x/city/0/0/0", None, 404)}

"""Routes of the blueprint `positions`: a device's token opens them, never a session."""

from __future__ import annotations

_ROOT = "/positions"

# endpoint → (method, address, form): without a token 401, whoever is logged in.
DEVICE_DOORS: dict[str, tuple] = {
    "positions.get_osmand": ("GET", f"{_ROOT}/osmand?lat=22.5&lon=114&timestamp=1773806400", None),
    "positions.post_osmand": ("POST", f"{_ROOT}/osmand", {"lat": 22.5, "lon": 114, "timestamp": 1773806400}),
    "positions.post_owntracks": ("POST", f"{_ROOT}/owntracks", {}),
    "positions.get_gpslogger": ("GET", f"{_ROOT}/gpslogger?lat=22.5&lon=114&timestamp=1773806400", None),
    "positions.post_gpslogger": (
        "POST",
        f"{_ROOT}/gpslogger",
        {"lat": 22.5, "lon": 114, "timestamp": 1773806400},
    ),
}
# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "own_tracks.show_tracks": ("GET", "/field/tracks/", None, {"member"}, 200),
    "own_tracks.receive": ("POST", "/field/tracks/", {}, {"member"}, 400),
}

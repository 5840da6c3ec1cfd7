"""Routes of the blueprint `live`."""

from __future__ import annotations

PLANNERS = {"admin", "dispatcher"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "live.show_live": ("GET", "/dispatch/live/", None, PLANNERS, 200),
    "live.show_now": ("GET", "/dispatch/live/now", None, PLANNERS, 200),
    "live.show_map": ("GET", "/dispatch/live/map", None, PLANNERS, 200),
    "live.show_devices": ("GET", "/dispatch/live/devices", None, PLANNERS, 200),
    "live.add_device": ("POST", "/dispatch/live/devices", {"code": ""}, PLANNERS, 400),
    "live.make_token": ("POST", "/dispatch/live/devices/{nobody}/token", {}, PLANNERS, 404),
    "live.revoke_token": ("POST", "/dispatch/live/devices/{nobody}/revoke", {}, PLANNERS, 404),
    "live.give_device": ("POST", "/dispatch/live/devices/{nobody}/owner", {}, PLANNERS, 404),
    "live.show_apart": ("GET", "/dispatch/live/devices/{nobody}/apart", None, PLANNERS, 404),
}

"""Routes of the blueprints `sharing` and `shared`."""

from __future__ import annotations

GROUND = {"admin", "dispatcher", "gis", "leader"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "sharing.show_links": ("GET", "/sharing/", None, GROUND, 200),
    "sharing.make_link": ("POST", "/sharing/", {"name": ""}, GROUND, 400),
    "sharing.revoke_link": ("POST", "/sharing/{nobody}/revoke", {}, GROUND, 404),
}
# Open to whoever holds a secret: endpoint → (method, address, form, status for a stranger).
OPEN = {
    "shared.show_page": ("GET", "/shared/nobodys", None, 404),
    "shared.show_map": ("GET", "/shared/nobodys/map", None, 404),
}

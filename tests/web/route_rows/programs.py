"""Routes of the blueprint `programs`."""

from __future__ import annotations

EVERYBODY = {"admin", "dispatcher", "gis", "leader", "member", "inspector", "handler"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "programs.show_tokens": ("GET", "/account/programs/", None, EVERYBODY, 200),
    "programs.make_token": ("POST", "/account/programs/", {"name": "", "days": "30"}, EVERYBODY, 400),
    "programs.revoke_token": ("POST", "/account/programs/{nobody}/revoke", {}, EVERYBODY, 404),
}

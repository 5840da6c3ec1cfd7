"""Routes of the blueprint `snapshots`: open to strangers, and not there while the deployment does not want them."""

from __future__ import annotations

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {}
# endpoint → (method, address, form, status for a stranger)
OPEN: dict[str, tuple] = {
    "snapshots.show_form": ("GET", "/snapshot/", None, 404),
    "snapshots.send": ("POST", "/snapshot/", {"description": "x"}, 404),
    "snapshots.show_map": ("GET", "/snapshot/map", None, 404),
    "snapshots.show_answer": ("GET", "/snapshot/answer?code=ABCD", None, 404),
}

"""Routes of photos with something odd about them."""

from __future__ import annotations

_RUN = {"admin", "dispatcher"}
_PHOTO = "/dispatch/evidence/{nobody}"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "evidence.show_photos": ("GET", "/dispatch/evidence/", None, _RUN, 200),
    "evidence.show_photo": ("GET", _PHOTO, None, _RUN, 404),
    "evidence.get_streets": ("GET", f"{_PHOTO}/streets.json", None, _RUN, 404),
    "evidence.judge": ("POST", _PHOTO, {"verdict": "accepted"}, _RUN, 404),
}

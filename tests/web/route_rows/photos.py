"""Photos as they are shown: every role may ask, and sees what belongs to him."""

from __future__ import annotations

_EVERYBODY = {"admin", "dispatcher", "gis", "leader", "member", "inspector", "handler"}
_NOBODYS = "/photos/00000000-0000-4000-8000-000000000000"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "photos.show_photo": ("GET", f"{_NOBODYS}.jpg", None, _EVERYBODY, 404),
    "photos.show_small": ("GET", f"{_NOBODYS}-small.jpg", None, _EVERYBODY, 404),
}

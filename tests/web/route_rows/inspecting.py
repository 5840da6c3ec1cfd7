"""Routes of the blueprint `inspecting`."""

from __future__ import annotations

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "inspecting.show_day": ("GET", "/field/inspections/", None, {"inspector"}, 200),
    "inspecting.get_streets": ("GET", "/field/inspections/streets.json", None, {"inspector"}, 200),
    "inspecting.show_task": ("GET", "/field/inspections/{nobody}", None, {"inspector"}, 404),
    "inspecting.save": ("POST", "/field/inspections/{nobody}", {}, {"inspector"}, 404),
    "inspecting.add_photos": (
        "POST",
        "/field/inspections/{nobody}/photos",
        {"item": "1"},
        {"inspector"},
        404,
    ),
}

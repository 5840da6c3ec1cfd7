"""Routes of the blueprint `inspecting`."""

from __future__ import annotations

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "inspecting.show_day": ("GET", "/field/inspections/", None, {"inspector"}, 200),
}

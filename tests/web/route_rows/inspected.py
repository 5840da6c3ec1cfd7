"""Routes of the blueprint `inspected`."""

from __future__ import annotations

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "inspected.show_results": ("GET", "/leader/inspections/", None, {"leader"}, 200),
    "inspected.show_result": ("GET", "/leader/inspections/{nobody}", None, {"leader"}, 404),
}

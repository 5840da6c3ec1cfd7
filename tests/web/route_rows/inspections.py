"""Routes of the blueprint `inspections`."""

from __future__ import annotations

DESK = {"admin", "dispatcher"}
# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "inspections.show_inspections": ("GET", "/dispatch/inspections/", None, DESK, 200),
    "inspections.show_new": ("GET", "/dispatch/inspections/new", None, DESK, 200),
    "inspections.make": ("POST", "/dispatch/inspections/new", {"kind": "secret"}, DESK, 400),
    "inspections.show_inspection": ("GET", "/dispatch/inspections/{nobody}", None, DESK, 404),
    "inspections.show_task": ("GET", "/dispatch/inspections/tasks/{nobody}", None, DESK, 404),
    "inspections.cancel": ("POST", "/dispatch/inspections/{nobody}/cancel", {}, DESK, 404),
    "inspections.hand_over": ("POST", "/dispatch/inspections/{nobody}/hand-over", {}, DESK, 404),
    "inspections.get_results": ("GET", "/dispatch/inspections/{nobody}/results.xlsx", None, DESK, 404),
}

"""Routes of the blueprint `tasks`."""

from __future__ import annotations

EVERYBODY = {"admin", "dispatcher", "gis", "leader", "member", "inspector", "handler"}
DESK = {"admin", "dispatcher"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "tasks.show_own": ("GET", "/today/", None, EVERYBODY, 200),
    "tasks.show_people": ("GET", "/today/people", None, DESK, 200),
    "tasks.get_people": ("GET", "/today/people.json", None, DESK, 200),
    "tasks.get_workbook": ("GET", "/today/people.xlsx", None, DESK, 200),
}

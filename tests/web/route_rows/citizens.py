"""Routes of the blueprint `citizens`."""

from __future__ import annotations

DESK = {"admin", "dispatcher"}
HOME = "/dispatch/citizens"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "citizens.show_reports": ("GET", f"{HOME}/", None, DESK, 200),
    "citizens.show_report": ("GET", f"{HOME}/{{nobody}}", None, DESK, 404),
    "citizens.show_map": ("GET", f"{HOME}/{{nobody}}/map", None, DESK, 404),
    "citizens.take_up": ("POST", f"{HOME}/{{nobody}}/take", {}, DESK, 404),
    "citizens.join": ("POST", f"{HOME}/{{nobody}}/join", {}, DESK, 404),
    "citizens.refuse": ("POST", f"{HOME}/{{nobody}}/refuse", {}, DESK, 404),
    "citizens.answer": ("POST", f"{HOME}/{{nobody}}/answer", {}, DESK, 404),
    "citizens.forget_contact": ("POST", f"{HOME}/{{nobody}}/forget", {}, DESK, 404),
}

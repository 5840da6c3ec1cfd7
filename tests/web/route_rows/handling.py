"""Routes of the blueprint `handling`."""

from __future__ import annotations

_HANDLERS = {"handler", "leader"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "handling.show_cases": ("GET", "/handling/", None, _HANDLERS, 200),
    "handling.get_streets": ("GET", "/handling/streets.json?lon=114.05&lat=22.53", None, _HANDLERS, 200),
    "handling.show_case": ("GET", "/handling/{nobody}", None, _HANDLERS, 404),
    "handling.act": ("POST", "/handling/{nobody}/act", {}, _HANDLERS, 404),
}

"""Routes of the blueprint `telling`."""

from __future__ import annotations

_TELLERS = {"member", "inspector", "leader"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "telling.show_form": ("GET", "/tell/", None, _TELLERS, 200),
    "telling.report": ("POST", "/tell/", {}, _TELLERS, 400),
    "telling.show_near": ("GET", "/tell/near", None, _TELLERS, 200),
    "telling.get_streets": ("GET", "/tell/streets.json?lon=114.05&lat=22.53", None, _TELLERS, 200),
    "telling.show_cases": ("GET", "/tell/mine", None, _TELLERS, 200),
    "telling.show_case": ("GET", "/tell/{nobody}", None, _TELLERS, 404),
    "telling.act": ("POST", "/tell/{nobody}/act", {}, _TELLERS, 404),
}

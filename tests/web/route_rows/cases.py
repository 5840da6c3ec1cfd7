"""Routes of the blueprints `cases` and `case_settings`."""

from __future__ import annotations

_DESK = {"admin", "dispatcher"}
_CASE = "/cases/{nobody}"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "cases.show_cases": ("GET", "/cases/", None, _DESK, 200),
    "cases.show_map": ("GET", "/cases/map", None, _DESK, 200),
    "cases.get_streets": ("GET", "/cases/streets.json?lon=114.05&lat=22.53", None, _DESK, 200),
    "cases.show_new": ("GET", "/cases/new", None, _DESK, 200),
    "cases.show_near": ("GET", "/cases/near", None, _DESK, 200),
    "cases.report": ("POST", "/cases/new", {}, _DESK, 400),
    "cases.show_case": ("GET", _CASE, None, _DESK, 404),
    "cases.act": ("POST", f"{_CASE}/act", {}, _DESK, 404),
    "case_settings.show_settings": ("GET", "/cases/settings/", None, _DESK, 200),
    "case_settings.set_kind": ("POST", "/cases/settings/kinds", {}, _DESK, 400),
    "case_settings.put_shifts": ("POST", "/cases/settings/shifts", {"shifts": "noon"}, _DESK, 400),
    "case_settings.recount": ("POST", "/cases/settings/recount", {}, _DESK, 200),
}

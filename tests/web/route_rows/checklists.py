"""Routes of the blueprint `checklists`."""

from __future__ import annotations

DESK = {"admin", "dispatcher"}
# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "checklists.show_checklists": ("GET", "/dispatch/checklists/", None, DESK, 200),
    "checklists.start": ("POST", "/dispatch/checklists/", {"category": "zoo"}, DESK, 404),
    "checklists.show_checklist": ("GET", "/dispatch/checklists/{nobody}", None, DESK, 404),
    "checklists.save": ("POST", "/dispatch/checklists/{nobody}", {"name": "x"}, DESK, 404),
    "checklists.publish": (
        "POST",
        "/dispatch/checklists/{nobody}/publish",
        {"valid_from": "2026-04-01"},
        DESK,
        404,
    ),
    "checklists.remove": ("POST", "/dispatch/checklists/{nobody}/remove", {}, DESK, 404),
    "checklists.get_workbook": ("GET", "/dispatch/checklists/export.xlsx", None, DESK, 200),
    "checklists.get_template": ("GET", "/dispatch/checklists/template.xlsx", None, DESK, 200),
    "checklists.receive": ("POST", "/dispatch/checklists/import", {}, DESK, 400),
    "checklists.show_unchecked": ("GET", "/dispatch/checklists/unchecked", None, DESK, 200),
    "checklists.get_unchecked": ("GET", "/dispatch/checklists/unchecked.xlsx", None, DESK, 200),
}

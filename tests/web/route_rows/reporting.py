"""Making and publishing reports: endpoint → as in `test_routes.GUARDED`."""

from __future__ import annotations

from typing import Any

DESK = {"admin", "dispatcher"}

ROWS: dict[str, Any] = {
    "reporting.show_reports": ("GET", "/dispatch/reports/", None, DESK, 200),
    "reporting.make_report": ("POST", "/dispatch/reports/", {"kind": "year"}, DESK, 400),
    "reporting.show_report": ("GET", "/dispatch/reports/{nobody}", None, DESK, 404),
    "reporting.set_remarks": ("POST", "/dispatch/reports/{nobody}/remarks", {}, DESK, 404),
    "reporting.publish_report": ("POST", "/dispatch/reports/{nobody}/publish", {}, DESK, 404),
    "reporting.withdraw_report": ("POST", "/dispatch/reports/{nobody}/withdraw", {}, DESK, 404),
    "reporting.drop_report": ("POST", "/dispatch/reports/{nobody}/drop", {}, DESK, 404),
    "reporting.show_formula": ("GET", "/dispatch/reports/formula", None, DESK, 200),
    "reporting.change_formula": (
        "POST",
        "/dispatch/reports/formula",
        {"valid_from": "2026-03-01"},
        DESK,
        400,
    ),
    "reporting.show_targets": ("GET", "/dispatch/reports/digests", None, DESK, 200),
    "reporting.add_target": ("POST", "/dispatch/reports/digests", {"name": ""}, DESK, 400),
    "reporting.change_target": ("POST", "/dispatch/reports/digests/{nobody}", {"do": "on"}, DESK, 404),
}

"""Reports and the ranking: endpoint → as in `test_routes.GUARDED`."""

from __future__ import annotations

from typing import Any

READERS = {"admin", "dispatcher", "gis", "leader", "handler"}

ROWS: dict[str, Any] = {
    "reports.show_reports": ("GET", "/reports/", None, READERS, 200),
    "reports.show_ranking": ("GET", "/reports/ranking", None, READERS, 200),
    "reports.show_report": ("GET", "/reports/{nobody}", None, READERS, 404),
    "reports.get_file": ("GET", "/reports/{nobody}/file.xlsx", None, READERS, 404),
    "reports.show_photo": (
        "GET",
        "/reports/{nobody}/photos/00000000-0000-4000-8000-000000000000.jpg",
        None,
        READERS,
        404,
    ),
}

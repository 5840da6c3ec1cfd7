"""Routes of the blueprint `downloads`."""

from __future__ import annotations

GROUND = {"admin", "dispatcher", "gis", "leader"}
DESK = {"admin", "gis"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "downloads.show_downloads": ("GET", "/download/", None, GROUND, 200),
    "downloads.get_layer": ("GET", "/download/zones.geojson?level=street", None, GROUND, 200),
    "downloads.get_template": ("GET", "/download/template/points.xlsx", None, DESK, 200),
    "downloads.get_problems": ("GET", "/download/problems/{batch}.xlsx", None, DESK, 200),
    "downloads.get_rejects": ("GET", "/download/rejects/{nobody}.xlsx", None, DESK, 404),
    # The job of the table computes coverage: it is nobody's file.
    "downloads.show_job": ("GET", "/download/jobs/{job}", None, GROUND, 404),
    "downloads.show_progress": ("GET", "/download/jobs/{job}/progress", None, GROUND, 404),
    "downloads.cancel_job": ("POST", "/download/jobs/{job}/cancel", {}, GROUND, 404),
    "downloads.get_file": ("GET", "/download/jobs/{job}/file", None, GROUND, 404),
}

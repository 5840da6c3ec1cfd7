"""Routes of the blueprint `sheets`."""

from __future__ import annotations

GROUND = {"admin", "dispatcher", "gis", "leader"}
CITY = {"admin", "dispatcher", "gis"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "sheets.show_sheet": ("GET", "/sheets/leader?leader=L1", None, GROUND, 200),
    "sheets.get_sheet": ("GET", "/sheets/leader.pdf?leader=L1", None, GROUND, 200),
    "sheets.get_offline": ("GET", "/sheets/map.html?level=street", None, GROUND, 200),
    "sheets.get_png": ("GET", "/sheets/map.png?level=street", None, GROUND, 200),
    "sheets.get_pdf": ("GET", "/sheets/map.pdf?level=street", None, GROUND, 200),
    "sheets.ask_for_all": ("POST", "/sheets/all", {}, CITY, 303),
    # The job of the table computes coverage: it is nobody's file.
    "sheets.show_job": ("GET", "/sheets/jobs/{job}", None, GROUND, 404),
    "sheets.show_progress": ("GET", "/sheets/jobs/{job}/progress", None, GROUND, 404),
    "sheets.cancel_job": ("POST", "/sheets/jobs/{job}/cancel", {}, GROUND, 404),
    "sheets.get_file": ("GET", "/sheets/jobs/{job}/file", None, GROUND, 404),
}

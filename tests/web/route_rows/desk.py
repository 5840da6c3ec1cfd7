"""Routes of the blueprint `desk`, and the undoing of what it imported."""

from __future__ import annotations

IMPORTERS = {"admin", "gis"}
NO_DRAFT = "/gis/import/{nobody}"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "desk.show_new": ("GET", "/gis/import", None, IMPORTERS, 200),
    "desk.receive": ("POST", "/gis/import", {"text": ""}, IMPORTERS, 400),
    "desk.show_draft": ("GET", NO_DRAFT, None, IMPORTERS, 404),
    "desk.choose": ("POST", f"{NO_DRAFT}/choose", {"row_version": "1"}, IMPORTERS, 404),
    "desk.apply": ("POST", f"{NO_DRAFT}/apply", {"row_version": "1"}, IMPORTERS, 404),
    "desk.drop": ("POST", f"{NO_DRAFT}/drop", {}, IMPORTERS, 404),
    "desk.show_map": ("GET", f"{NO_DRAFT}/map", None, IMPORTERS, 404),
    "desk.get_shapes": ("GET", f"{NO_DRAFT}/shapes?bbox=114,22,115,23", None, IMPORTERS, 404),
    "gis.undo_import": ("POST", "/gis/imports/{nobody}/undo", {}, IMPORTERS, 404),
}

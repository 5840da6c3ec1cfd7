"""The routes of the areas that have a table of their own: endpoint → as in `test_routes.GUARDED`."""

from __future__ import annotations

from tests.web.route_rows import api, checks, desk, downloads, editing, ogc, programs

ROWS = {**desk.ROWS, **editing.ROWS, **checks.ROWS, **downloads.ROWS, **ogc.ROWS, **api.ROWS, **programs.ROWS}
# Doors for programs say 401 to a stranger, whatever he asks, and take a session or a token.
MACHINES = {"downloads", "ogc", "api"}

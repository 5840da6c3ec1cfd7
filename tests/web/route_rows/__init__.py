"""The routes of the areas that have a table of their own: endpoint → as in `test_routes.GUARDED`."""

from __future__ import annotations

from tests.web.route_rows import (
    api,
    checks,
    desk,
    downloads,
    editing,
    live,
    ogc,
    on_the_way,
    patrols,
    plans,
    positions,
    programs,
    setup,
)

AREAS = (
    api,
    checks,
    desk,
    downloads,
    editing,
    live,
    ogc,
    on_the_way,
    patrols,
    plans,
    positions,
    programs,
    setup,
)
ROWS = {endpoint: row for area in AREAS for endpoint, row in area.ROWS.items()}
# Doors for programs say 401 to a stranger, whatever he asks, and take a session or a token.
MACHINES = {"downloads", "ogc", "api"}

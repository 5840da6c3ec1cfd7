"""Routes of the blueprint `patrols`."""

from __future__ import annotations

PLANNERS = {"admin", "dispatcher"}
_PATROL = "/dispatch/patrols/{nobody}"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "patrols.show_patrols": ("GET", "/dispatch/patrols/", None, PLANNERS, 200),
    "patrols.show_week": ("GET", "/dispatch/patrols/week", None, PLANNERS, 200),
    "patrols.show_patrol": ("GET", _PATROL, None, PLANNERS, 404),
    "patrols.show_map": ("GET", f"{_PATROL}/map", None, PLANNERS, 404),
    "patrols.get_replay": ("GET", f"{_PATROL}/replay.json", None, PLANNERS, 404),
    "patrols.show_sheet": ("GET", f"{_PATROL}/sheet", None, PLANNERS, 404),
    "patrols.get_round": ("GET", f"{_PATROL}/round.gpx", None, PLANNERS, 404),
}

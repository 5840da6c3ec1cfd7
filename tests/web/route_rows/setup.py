"""Routes of the blueprint `setup`."""

from __future__ import annotations

PLANNERS = {"admin", "dispatcher"}
HOME = "/dispatch/setup"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "setup.go_to_teams": ("GET", f"{HOME}/", None, PLANNERS, 302),
    "setup.show_teams": ("GET", f"{HOME}/teams", None, PLANNERS, 200),
    "setup.add_team": ("POST", f"{HOME}/teams", {"code": "", "name": ""}, PLANNERS, 400),
    "setup.show_team": ("GET", f"{HOME}/teams/{{nobody}}", None, PLANNERS, 404),
    "setup.save_team": ("POST", f"{HOME}/teams/{{nobody}}", {}, PLANNERS, 404),
    "setup.show_team_map": ("GET", f"{HOME}/teams/{{nobody}}/map", None, PLANNERS, 404),
    "setup.show_calendar": ("GET", f"{HOME}/calendar", None, PLANNERS, 200),
    "setup.set_day": ("POST", f"{HOME}/calendar", {"day": "never"}, PLANNERS, 400),
    "setup.show_templates": ("GET", f"{HOME}/recurring", None, PLANNERS, 200),
    "setup.add_template": ("POST", f"{HOME}/recurring", {"code": ""}, PLANNERS, 400),
    "setup.show_template": ("GET", f"{HOME}/recurring/{{nobody}}", None, PLANNERS, 404),
    "setup.save_template": ("POST", f"{HOME}/recurring/{{nobody}}", {}, PLANNERS, 404),
    "setup.remove_template": ("POST", f"{HOME}/recurring/{{nobody}}/remove", {}, PLANNERS, 404),
    "setup.show_points": ("GET", f"{HOME}/points", None, PLANNERS, 200),
    "setup.show_point": ("GET", f"{HOME}/points/{{nobody}}", None, PLANNERS, 404),
    "setup.save_point": ("POST", f"{HOME}/points/{{nobody}}", {}, PLANNERS, 404),
    "setup.add_group": ("POST", f"{HOME}/groups", {"name": ""}, PLANNERS, 400),
    "setup.save_group": ("POST", f"{HOME}/groups/{{nobody}}", {"name": "x", "kind": "apart"}, PLANNERS, 404),
    "setup.remove_group": ("POST", f"{HOME}/groups/{{nobody}}/remove", {}, PLANNERS, 404),
}

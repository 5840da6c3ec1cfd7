"""The leader's map, two windows side by side, and requests for patrols; see `test_routes.GUARDED`."""

from __future__ import annotations

LEADER, PLANNERS = {"leader"}, {"admin", "dispatcher"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "leader.show_area": ("GET", "/leader/", None, LEADER, 200),
    "leader.show_map": ("GET", "/leader/map", None, LEADER, 200),
    "leader.show_tables": ("GET", "/leader/tables", None, LEADER, 200),
    "leader.show_growth": ("GET", "/leader/growth", None, LEADER, 200),
    "leader.get_growth_image": ("GET", "/leader/growth.png", None, LEADER, 200),
    "leader.show_found": ("GET", "/leader/find?q=0", None, LEADER, 200),
    "leader.ask": ("POST", "/leader/ask", {"kind": "moon"}, LEADER, 400),
    "leader.mark_answers_read": ("POST", "/leader/answers/read", {"until": "1"}, LEADER, 302),
    "comparing.show_comparison": ("GET", "/compare/", None, {"admin", "dispatcher", "gis", "leader"}, 200),
    "comparing.show_map": ("GET", "/compare/map", None, {"admin", "dispatcher", "gis"}, 200),
    "patrol_requests.show_requests": ("GET", "/dispatch/requests/", None, PLANNERS, 200),
    "patrol_requests.show_waiting": ("GET", "/dispatch/requests/waiting", None, PLANNERS, 200),
    "patrol_requests.put_in_plan": ("POST", "/dispatch/requests/{nobody}/plan", {}, PLANNERS, 404),
    "patrol_requests.decline": (
        "POST",
        "/dispatch/requests/{nobody}/decline",
        {"reason": "x"},
        PLANNERS,
        404,
    ),
}

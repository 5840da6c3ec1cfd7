"""Routes of the blueprint `plans`."""

from __future__ import annotations

PLANNERS = {"admin", "dispatcher"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "plans.show_plans": ("GET", "/dispatch/plans/", None, PLANNERS, 200),
    "plans.show_new": ("GET", "/dispatch/plans/new", None, PLANNERS, 200),
    "plans.show_due": ("GET", "/dispatch/plans/due", None, PLANNERS, 200),
    "plans.ask": ("POST", "/dispatch/plans/", {"from": "2026-03-20", "to": "2026-03-19"}, PLANNERS, 400),
    "plans.show_plan": ("GET", "/dispatch/plans/{nobody}", None, PLANNERS, 404),
    "plans.show_map": ("GET", "/dispatch/plans/{nobody}/map", None, PLANNERS, 404),
    "plans.get_shapes": ("GET", "/dispatch/plans/{nobody}/shapes", None, PLANNERS, 404),
    "plans.change": ("POST", "/dispatch/plans/{nobody}/change", {"do": "burn"}, PLANNERS, 400),
    "plans.resolve": ("POST", "/dispatch/plans/{nobody}/resolve", {"version": "1"}, PLANNERS, 404),
    "plans.publish": ("POST", "/dispatch/plans/{nobody}/publish", {"version": "1"}, PLANNERS, 404),
    "plans.withdraw": ("POST", "/dispatch/plans/{nobody}/withdraw", {"version": "1"}, PLANNERS, 404),
    "plans.show_comparison": ("GET", "/dispatch/plans/compare", None, PLANNERS, 200),
    "plans.want": ("POST", "/dispatch/plans/wanted", {"kind": "gap"}, PLANNERS, 400),
    "plans.drop_wanted": ("POST", "/dispatch/plans/wanted/{nobody}/drop", {}, PLANNERS, 404),
}

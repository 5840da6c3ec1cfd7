"""Routes of a patrol on its way, and of the links to calendars."""

from __future__ import annotations

_MEMBER, _STREET, _PLANNERS = {"member"}, {"member", "inspector"}, {"admin", "dispatcher"}
_PATROL = "/field/patrols/{nobody}"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "offline.get_worker": ("GET", "/field/worker.js", None, _STREET, 200),
    "offline.tell_who": ("GET", "/field/who", None, _STREET, 200),
    "offline.show_offline": ("GET", "/field/offline", None, _STREET, 200),
    "on_the_way.show_patrol": ("GET", _PATROL, None, _MEMBER, 404),
    "on_the_way.get_streets": ("GET", f"{_PATROL}/streets.json", None, _MEMBER, 404),
    "on_the_way.start": ("POST", f"{_PATROL}/start", {}, _MEMBER, 404),
    "on_the_way.finish": ("POST", f"{_PATROL}/finish", {}, _MEMBER, 404),
    "on_the_way.go_on": ("POST", f"{_PATROL}/continue", {}, _MEMBER, 404),
    "on_the_way.show_stop": ("GET", f"{_PATROL}/stops/1", None, _MEMBER, 404),
    "on_the_way.report": ("POST", f"{_PATROL}/stops/1", {"has_findings": "no"}, _MEMBER, 404),
    "on_the_way.show_sheet": ("GET", f"{_PATROL}/sheet", None, _MEMBER, 404),
    "on_the_way.get_round": ("GET", f"{_PATROL}/round.gpx", None, _MEMBER, 404),
    "feed_links.show_feeds": ("GET", "/dispatch/feeds/", None, _PLANNERS, 200),
    "feed_links.make_feed": ("POST", "/dispatch/feeds/", {"team": "T1", "name": ""}, _PLANNERS, 400),
    "feed_links.revoke_feed": ("POST", "/dispatch/feeds/{nobody}/revoke", {}, _PLANNERS, 404),
}

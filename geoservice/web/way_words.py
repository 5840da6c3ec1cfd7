"""Words about a patrol on its way."""

from __future__ import annotations

from geoservice.web.texts import gettext


def word_of_reason(reason: str) -> str:
    """Return why a stop was skipped."""
    return {
        "closed": gettext("It is closed"),
        "no_access": gettext("There is no way in"),
        "no_time": gettext("No time left"),
        "not_needed": gettext("Nothing to do there"),
        "other": gettext("Another reason"),
    }.get(reason, reason)


def word_of_stop_state(state: str) -> str:
    """Return how a stop stands."""
    return {"open": gettext("open"), "done": gettext("done"), "skipped": gettext("skipped")}[state]


def word_of_mode_number(mode: int) -> str:
    """Return how a route is gone, by its number in the database."""
    return {1: gettext("On foot"), 2: gettext("By e-bike"), 3: gettext("By car")}[mode]

"""How a request for a patrol stands, in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.web.deployment import today
from geoservice.web.texts import gettext
from geoservice.web.words import write_day

if TYPE_CHECKING:
    from geoservice.services.patrol_requests import Request


def word_of_request(request: Request) -> str:
    """Say how a request stands."""
    if request.state == "planned" and request.planned_on is not None:
        day, team = write_day(request.planned_on), request.team or ""
        if request.planned_on < today():
            return gettext("Was planned for %(day)s, %(team)s; not seen yet", day=day, team=team)
        return gettext("Planned for %(day)s, %(team)s", day=day, team=team)
    return {
        "asked": gettext("Waits for an answer"),
        "wanted": gettext("Will be in the next plan"),
        "declined": gettext("Declined"),
        "seen": gettext("Seen"),
    }.get(request.state, request.state)


def word_of_step(step: str) -> str:
    """Say what somebody did about a request."""
    return {
        "asked": gettext("asked"),
        "wanted": gettext("put it into the next plan"),
        "declined": gettext("declined"),
        "seen": gettext("the ground was seen"),
    }.get(step, step)

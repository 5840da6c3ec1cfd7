"""Cases as those who must put things right see them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from geoservice.domain.cases import ACTIVE, TERMINAL, State
from geoservice.domain.roles import Permission, Role
from geoservice.services import cases as service
from geoservice.services.cases import MOST_URGENT, NEWEST, CaseFilters
from geoservice.web import case_words
from geoservice.web.case_pages import lights_of, show_case, take_step, the_actor
from geoservice.web.case_places import send_streets
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.identity import guard, own_transaction, the_account

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.cases import CasePage

handling = Blueprint("handling", __name__, url_prefix="/handling")
guard(handling, Permission.HANDLE_CASES)

CASE = "/<int(max=2147483647):case_id>"
LISTED = 30
TO_DO = frozenset({State.ASSIGNED, State.HANDLING})
WAITING = frozenset({State.SUSPENDED, State.REPLIED, State.VERIFIED})
LISTS = {"mine": TO_DO, "waiting": WAITING, "over": TERMINAL, "ground": ACTIVE}
"""What is to be done; what rests or waits for the desk; what is over; and all that is open on a leader's ground."""


@handling.get("/")
def show_cases() -> str:
    """Show the cases that wait for one's own department or ground, most urgent first."""
    chosen = request.args.get("list", "")
    is_leader = the_account().role is Role.LEADER
    if chosen not in LISTS or (chosen == "ground" and not is_leader):
        chosen = "mine"
    with open_transaction() as session:
        own = service.own_filters(session, the_actor(), today())
        counts = service.counts(session, own)
        page = None if chosen == "ground" else _page(session, own, chosen)
    if page is None:
        with own_transaction() as session:
            page = _page(session, CaseFilters(), chosen)
    with open_transaction() as session:
        lights = lights_of(session, page.cases)
    return render_template(
        "handling/cases.html",
        page=page,
        lights=lights,
        chosen=chosen,
        is_leader=is_leader,
        numbers={
            name: sum(counts[state] for state in states) for name, states in LISTS.items() if name != "ground"
        },
        now=current_time(),
        word=case_words,
    )


@handling.get("/streets.json")
def get_streets() -> Response:
    """Send the streets around a place, to draw a small map upon."""
    return send_streets()


@handling.get(CASE, endpoint="show_case")
def show_one(case_id: int) -> Response:
    """Show one case with what is to be done about it."""
    return show_case("handling", case_id)


@handling.post(f"{CASE}/act")
def act(case_id: int) -> AnyResponse | tuple[Response, int]:
    """Accept a case, send it back, reply, or ask for something."""
    return take_step("handling", case_id)


def _page(session: Session, narrowed: CaseFilters, chosen: str) -> CasePage:
    order = MOST_URGENT if chosen == "mine" else NEWEST
    filters = replace(narrowed, states=LISTS[chosen], order=order)
    return service.find(session, current_settings(), filters, after=request.args.get("after"), limit=LISTED)

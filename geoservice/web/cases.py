"""Cases as dispatchers run them: the list, each case with its steps, and what may be done next."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.cases import ACTIVE, REQUESTS, TERMINAL, State
from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, InvalidFile
from geoservice.maps.cases import CaseShape, CaseText, case_map
from geoservice.services import cases as service
from geoservice.services.cases import SOURCES
from geoservice.services.evidence import Subject
from geoservice.store import case_marks
from geoservice.store.zones_of_day import zones_on
from geoservice.web import case_words
from geoservice.web.case_forms import ALL, OPEN, WITHOUT_CLOCK, form_uuid, list_ask, new_case, origin_args
from geoservice.web.case_new import near_part, new_page, origin, refuse_elsewhere
from geoservice.web.case_pages import lights_of, show_case, take_step, the_actor
from geoservice.web.case_places import send_streets
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, own_transaction
from geoservice.web.map_ground import ground_shapes
from geoservice.web.map_text import base_map, map_answer, map_text, static_address
from geoservice.web.photos_forms import keep_photos, sent_photos
from geoservice.web.texts import gettext
from geoservice.web.words import write_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.case_lights import Light
    from geoservice.services.cases import CaseView
    from geoservice.store.zones_of_day import ZoneOn

cases = Blueprint("cases", __name__, url_prefix="/cases")
guard(cases, Permission.RUN_CASES)

CASE = "/<int(max=2147483647):case_id>"
LISTED, MOST_ON_MAP, MOST_ZONES = 50, 500, 400
STATES = (
    OPEN,
    *(state for state in State if state in ACTIVE),
    ALL,
    State.CLOSED,
    State.REJECTED,
    State.JOINED,
)


@cases.get("/")
def show_cases() -> str:
    """List the cases that the address asks for, most urgent first, beside the map of them."""
    ask, settings = list_ask(), current_settings()
    with own_transaction() as session:
        page = service.find(session, settings, ask.filters, after=ask.after, limit=LISTED)
        counts = service.counts(session, replace(ask.filters, asked=frozenset()))
        waiting = service.count_asked(session, ask.filters)
        asked = service.asked_about(session, page.cases)
        lights = lights_of(session, page.cases)
        kinds = service.list_kinds(session, active_only=False)
        departments = case_marks.departments(session)
        zones = _zones(zones_on(session, today()))
    return render_template(
        "cases/list.html",
        page=page,
        lights=lights,
        ask=ask,
        states=[(state, _count(counts, state)) for state in STATES],
        waiting=waiting,
        asked=asked,
        requests=REQUESTS,
        capped={state for state in TERMINAL if counts[state] >= service.MOST_COUNTED},
        resting=_resting(ask.filters.order, ask.state, counts),
        kinds=kinds,
        sources=SOURCES,
        departments=departments,
        zones=zones,
        now=current_time(),
        word=case_words,
    )


@cases.get("/map")
def show_map() -> Response:
    """Show the map of the list, a page of its own for the frame."""
    title = gettext("Map of cases")
    text = replace(map_text(title, fit=gettext("Show all cases")), map_label=title)
    own = CaseText(
        gettext("Cases"),
        tuple((look, case_words.word_of_look(look)) for look in ("late", "near", "calm", "rests", "over")),
    )
    with own_transaction() as session:
        shown = service.places(session, list_ask().filters, limit=MOST_ON_MAP)
        lights = lights_of(session, shown)
        ground = ground_shapes(session)
    shapes = [_shape(case, lights.get(case.id)) for case in shown]
    return map_answer(case_map(shapes, ground, (text, own), base_map(), static_address()))


@cases.get("/streets.json")
def get_streets() -> Response:
    """Send the streets around a place, to draw a small map upon."""
    return send_streets()


@cases.get("/new")
def show_new() -> Response:
    """Show the form of a new case: an empty one, or one that starts from a point, a check-in or a blind spot."""
    return new_page("cases")


@cases.get("/near")
def show_near() -> str:
    """Show the cases that a new one may be a repetition of: a piece of its form, asked for as the form is filled in."""
    return near_part("cases")


@cases.post("/new")
def report() -> AnyResponse | tuple[Response, int]:
    """Take in a case from the desk; what is missing is said beside the form, with everything that was typed."""
    try:
        start = origin()
        source = request.form.get("source", "")
        new = new_case(
            source if source in {"gap", "patrol"} else "desk",
            point_id=start.point_id if start else None,
            check_in_id=origin_args(request.form)["check_in"] if start else None,
        )
        refuse_elsewhere(new.lon, new.lat)
        sent = sent_photos()
        with open_transaction() as session:
            case = service.report(session, current_settings(), new, by=the_actor(), now=current_time())
            keep_photos(session, sent, Subject("case", case.id), "before", client_uuid=form_uuid())
    except (BadRequest, Conflict, InvalidFile) as error:
        return new_page("cases", error), status_of(error)
    flash(gettext("Case %(number)s is taken in.", number=case.number), "good")
    return redirect(url_for("cases.show_case", case_id=case.id))


@cases.get(CASE, endpoint="show_case")
def show_one(case_id: int) -> Response:
    """Show one case with everything about it, and what may be done next."""
    return show_case("cases", case_id)


@cases.post(f"{CASE}/act")
def act(case_id: int) -> AnyResponse | tuple[Response, int]:
    """Take one step of a case."""
    return take_step("cases", case_id)


def _count(counts: dict[State, int], state: str) -> int:
    """Return how many cases one choice of the list holds."""
    if state == OPEN:
        return sum(number for each, number in counts.items() if each in ACTIVE)
    return sum(counts.values()) if state == ALL else counts[State(state)]


def _resting(order: str, state: str, counts: dict[State, int]) -> int:
    """Return how many cases a list by deadline leaves out because no clock runs for them."""
    if order != service.MOST_URGENT or state != OPEN:
        return 0
    return sum(counts[each] for each in WITHOUT_CLOCK & ACTIVE)


def _zones(zones: Sequence[ZoneOn]) -> list[ZoneOn]:
    """Keep the levels that have not too many zones to choose from."""
    many = {level for level, number in Counter(zone.level for zone in zones).items() if number > MOST_ZONES}
    return [zone for zone in zones if zone.level not in many]


def _shape(case: CaseView, light: Light | None) -> CaseShape:
    look = case_words.look_of(case, light)
    facts = [
        (gettext("Kind"), case_words.name_of_kind(case)),
        (gettext("State"), case_words.word_of_state(case.state)),
        (gettext("Deadline"), case_words.word_of_look(look)),
    ]
    if light is not None:
        facts.append((gettext("Due"), write_instant(light.due_at)))
    if case.department_name or case.leader_name:
        facts.append((gettext("Handled by"), case.department_name or case.leader_name or ""))
    return CaseShape(case.id, f"{case.number} {case.title}", look, case.lon, case.lat, tuple(facts))

"""Telling of a problem one saw on the way, and what became of what one told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission, Role
from geoservice.errors import BadRequest, Conflict, InvalidFile
from geoservice.services import cases as service
from geoservice.services.cases import CaseFilters
from geoservice.services.evidence import Subject
from geoservice.web import case_words
from geoservice.web.case_forms import form_uuid, new_case, origin_args
from geoservice.web.case_new import near_part, new_page, origin, own_patrol
from geoservice.web.case_pages import lights_of, show_case, take_step, the_actor
from geoservice.web.case_places import send_streets
from geoservice.web.deployment import current_settings, current_time, open_transaction
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, the_account
from geoservice.web.photos_forms import keep_photos, sent_photos
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

telling = Blueprint("telling", __name__, url_prefix="/tell")
guard(telling, Permission.REPORT_CASES)

CASE = "/<int(max=2147483647):case_id>"
LISTED = 30
SOURCES = {Role.MEMBER: "patrol", Role.INSPECTOR: "inspection", Role.LEADER: "leader"}


@telling.get("/")
def show_form() -> Response:
    """Show the form in which a problem is told of."""
    return new_page("telling")


@telling.post("/")
def report() -> AnyResponse | tuple[Response, int]:
    """Take in what somebody saw; sent twice it is one case. What is missing is said beside the form, nothing typed is lost."""
    try:
        start = origin()
        new = new_case(
            SOURCES[the_account().role],
            point_id=start.point_id if start else None,
            patrol_id=own_patrol(),
            check_in_id=origin_args(request.form)["check_in"] if start else None,
        )
        sent = sent_photos()
        with open_transaction() as session:
            case = service.report(session, current_settings(), new, by=the_actor(), now=current_time())
            keep_photos(session, sent, Subject("case", case.id), "before", client_uuid=form_uuid())
    except (BadRequest, Conflict, InvalidFile) as error:
        return new_page("telling", error), status_of(error)
    flash(gettext("Thank you. It is case %(number)s.", number=case.number), "good")
    return redirect(url_for("telling.show_case", case_id=case.id))


@telling.get("/near")
def show_near() -> str:
    """Show whether such a problem was just told of here: a piece of the form, asked for as it is filled in."""
    return near_part("telling")


@telling.get("/streets.json")
def get_streets() -> Response:
    """Send the streets around a place, to draw a small map upon."""
    return send_streets()


@telling.get("/mine")
def show_cases() -> str:
    """List what one told of, the newest first, and how it stands."""
    filters = CaseFilters(reported_by=the_account().id)
    with open_transaction() as session:
        page = service.find(
            session, current_settings(), filters, after=request.args.get("after"), limit=LISTED
        )
        lights = lights_of(session, page.cases)
    return render_template("telling/list.html", page=page, lights=lights, word=case_words)


@telling.get(CASE, endpoint="show_case")
def show_one(case_id: int) -> Response:
    """Show one case that one told of."""
    return show_case("telling", case_id)


@telling.post(f"{CASE}/act")
def act(case_id: int) -> AnyResponse | tuple[Response, int]:
    """Take one of the steps that are open to whoever told of a case."""
    return take_step("telling", case_id)

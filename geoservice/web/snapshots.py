"""The public form of a snapshot, and what became of it (随手拍). Off unless the deployment wants it: then nothing is here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from flask import Blueprint, current_app, render_template, request, url_for

from geoservice.errors import BadRequest, Conflict, InvalidFile, NotFound
from geoservice.services import citizens as service
from geoservice.services import told
from geoservice.services.citizens import PublicState, Snapshot
from geoservice.web.deployment import current_settings, current_time, open_transaction
from geoservice.web.errors import status_of
from geoservice.web.machine import WRONG_TOKENS
from geoservice.web.map_ground import ground_shapes
from geoservice.web.photos_forms import sent_photos
from geoservice.web.place_maps import asked_place, middle_of, place_map
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response
    from flask_limiter import Limiter

    from geoservice.config import Settings
    from geoservice.errors import GeoServiceError

snapshots = Blueprint("snapshots", __name__, url_prefix="/snapshot")

REFUSED = (BadRequest, Conflict, InvalidFile)


@snapshots.before_request
def _hide() -> None:
    if not current_settings().citizen_reports:
        raise NotFound


def limit_snapshots(app: Flask, settings: Settings, limiter: Limiter) -> None:
    """Allow so many reports an address."""
    view: Callable[..., object] = app.view_functions["snapshots.send"]
    app.view_functions["snapshots.send"] = limiter.limit(settings.citizen_rate)(view)


@snapshots.get("/")
def show_form() -> str:
    """Ask what is wrong, and where."""
    return _form()


@snapshots.post("/")
def send() -> str | tuple[str, int]:
    """Take in what somebody sends and show its code, this once."""
    try:
        code = _take_in()
    except REFUSED as error:
        return _form(_reason(error)), status_of(error)
    link = url_for("snapshots.show_answer", code=code, _external=True)
    return render_template("snapshots/sent.html", code=code, link=link)


@snapshots.get("/map")
def show_map() -> Response:
    """Show the streets on which a place is chosen, a page of its own for the frame; borders are nobody's business here."""
    words = (gettext("Map of the streets"), gettext("Show the place again"), gettext("Here it is"))
    with open_transaction() as session:
        middle = middle_of(ground_shapes(session))
        return place_map(session, [], asked_place(), words, middle=middle)


@snapshots.get("/answer")
def show_answer() -> str | tuple[str, int]:
    """Show how it stands with the report of a code; wrong codes are counted like wrong tokens."""
    code = request.args.get("code", "").strip()[:64]
    if not code:
        return _answer_page(code)
    with open_transaction() as session:
        found = service.track(session, code)
    if found is None:
        current_app.extensions[WRONG_TOKENS]()
        return _answer_page(code, problem=say("snapshot_code_unknown", {})), 404
    return _answer_page(code, found)


def _take_in() -> str:
    settings, form = current_settings(), request.form
    place = told.read_place(form.get("place", "")[:60], gettext("Place"))
    if place is None:
        raise BadRequest("snapshot_place_needed")
    name = _form_name(form.get("client_uuid", ""))
    sent = Snapshot(form.get("description", ""), *place, form.get("contact", ""), name)
    if len([file for file in request.files.getlist("photos") if file.filename]) > service.MOST_PHOTOS:
        raise BadRequest("snapshot_photos_too_many", most=service.MOST_PHOTOS)
    photos = sent_photos()
    with open_transaction() as session:
        return service.take_in(session, settings, sent, photos, now=current_time())


def _form_name(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def _form(problem: str | None = None) -> str:
    form = request.form
    return render_template(
        "snapshots/form.html",
        problem=problem,
        form=form,
        # A form that was refused may have been taken in before: it keeps its name only while its words stay the same.
        client_uuid=uuid4(),
        most_photos=service.MOST_PHOTOS,
        longest=(service.LONGEST_DESCRIPTION, service.LONGEST_CONTACT),
    )


def _answer_page(code: str, found: service.PublicView | None = None, problem: str | None = None) -> str:
    return render_template(
        "snapshots/answer.html", code=code, found=found, problem=problem, state_words=_state_words()
    )


def _state_words() -> dict[PublicState, str]:
    return {
        PublicState.RECEIVED: gettext("Received. Somebody will look at it."),
        PublicState.IN_HAND: gettext("It is being dealt with."),
        PublicState.DONE: gettext("It was put right and checked."),
        PublicState.NOT_PURSUED: gettext("It was looked at; nothing is to be done about it."),
        PublicState.REFUSED: gettext("It was not taken up."),
        PublicState.ANSWERED: gettext("It was answered."),
    }


def _reason(error: GeoServiceError) -> str:
    return say(error.code, error.values)

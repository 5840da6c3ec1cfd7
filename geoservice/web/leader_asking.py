"""A leader asks for a patrol of a blind spot or a point on his map, and sees what came of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from flask import flash, make_response, redirect, render_template, request, url_for

from geoservice.errors import BadRequest
from geoservice.services import patrol_requests as service
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import own_transaction, the_account
from geoservice.web.leader_door import leader, my_id
from geoservice.web.request_answers import note_read
from geoservice.web.request_words import word_of_request, word_of_step
from geoservice.web.texts import gettext
from geoservice.web.windows import chosen_window

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

MOST_ID = 2**31 - 1


@leader.post("/ask")
def ask() -> AnyResponse | str:
    """Ask for a patrol of what the map showed in the days of the address; asked again it is the same request."""
    my_id()
    chosen = chosen_window()
    with own_transaction() as session:
        is_new = _ask(session)
    if "HX-Request" not in request.headers:
        flash(gettext("The dispatchers see your request.") if is_new else gettext("It is asked for already."))
        return redirect(url_for("leader.show_area", _anchor="asked", **chosen.args))
    with own_transaction() as session:
        asked = service.listed(session, now=current_time())
    return render_template(
        "leader/asked.html", asked=asked, word_of_request=word_of_request, step_word=word_of_step
    )


@leader.post("/answers/read")
def mark_answers_read() -> AnyResponse:
    """Note that the answers up to one were read."""
    if "HX-Request" in request.headers:
        answer = make_response("")
    else:
        answer = make_response(redirect(url_for("leader.show_area")))
    return note_read(answer, request.form.get("until", ""))


def _ask(session: Session) -> bool:
    form, by, now = request.form, the_account().id, current_time()
    settings, note = current_settings(), form.get("note", "")
    if form.get("kind") == "point":
        _, is_new = service.ask_for_point(
            session, settings, point_id=_id(form.get("point_id", "")), note=note, by=by, now=now
        )
    elif form.get("kind") == "gap":
        place = _degrees(form.get("lon", "")), _degrees(form.get("lat", ""))
        _, is_new = service.ask_for_gap(
            session, settings, chosen_window().window, lonlat=place, note=note, by=by, now=now
        )
    else:
        raise BadRequest("request_unclear")
    return is_new


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= MOST_ID):
        raise BadRequest("request_unclear")
    return int(text)


def _degrees(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadRequest("request_unclear")
    return number

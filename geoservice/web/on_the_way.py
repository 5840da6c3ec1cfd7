"""A patrol on the member's phone: its stops, the next one, start and stop, and what to take along."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import shapely
from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    url_for,
)

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import on_the_way as service
from geoservice.services.check_ins import LONGEST_NOTE
from geoservice.services.on_the_way import REASONS, Report
from geoservice.web import words
from geoservice.web.base_maps import page_with_map
from geoservice.web.deployment import current_settings, current_time, open_transaction
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, the_account, wants_page
from geoservice.web.offline import REFUSED, sent_on
from geoservice.web.page_streets import send_lines
from geoservice.web.phone_forms import place_of, said_at, uuid_of
from geoservice.web.photos_forms import keep_photos, sent_photos
from geoservice.web.texts import gettext
from geoservice.web.way_papers import FORMATS, send_way, sheet_page
from geoservice.web.way_words import word_of_mode_number, word_of_reason, word_of_stop_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.errors import GeoServiceError
    from geoservice.services.on_the_way import Way

on_the_way = Blueprint("on_the_way", __name__, url_prefix="/field/patrols")
guard(on_the_way, Permission.PATROL)

PATROL = "/<int(max=2147483647):patrol_id>"
STOP = f"{PATROL}/stops/<int(max=2147483647):position>"
EMPTY_FORM = {"note": "", "lon": "", "lat": "", "has_findings": "", "reason": ""}


@on_the_way.get(PATROL)
def show_patrol(patrol_id: int) -> Response:
    """Show a patrol: how far it is, the next stop, the map and the list."""
    way = _read(patrol_id)
    page = render_template(
        "field/patrol.html",
        way=way,
        drawn=_drawn(way),
        formats=FORMATS,
        mode_word=word_of_mode_number,
        reason_word=word_of_reason,
        state_word=word_of_stop_state,
    )
    return page_with_map(page)


@on_the_way.get(f"{PATROL}/streets.json")
def get_streets(patrol_id: int) -> Response:
    """Send the streets around a patrol to draw its map upon: flat differences in millionths of a degree, latitude first."""
    return send_lines(_streets(_read(patrol_id)))


@on_the_way.post(f"{PATROL}/start")
def start(patrol_id: int) -> AnyResponse:
    """Begin a patrol."""
    return _step(
        patrol_id, lambda session: service.start(session, current_settings(), patrol_id, now=current_time())
    )


@on_the_way.post(f"{PATROL}/finish")
def finish(patrol_id: int) -> AnyResponse:
    """End a patrol."""
    return _step(patrol_id, lambda session: service.finish(session, patrol_id, now=current_time()))


@on_the_way.post(f"{PATROL}/continue")
def go_on(patrol_id: int) -> AnyResponse:
    """Take back that a patrol has ended."""
    return _step(
        patrol_id, lambda session: service.go_on(session, current_settings(), patrol_id, now=current_time())
    )


@on_the_way.get(STOP)
def show_stop(patrol_id: int, position: int) -> str:
    """Show the form of one stop; its name for the report makes a second tap harmless."""
    return _stop_page(patrol_id, position, {**EMPTY_FORM, "client_uuid": str(uuid4())})


@on_the_way.post(STOP)
def report(patrol_id: int, position: int) -> tuple[str, int] | AnyResponse:
    """Store what was said at a stop; what can't be stored is said beside the form, with everything he typed."""
    try:
        new, photos = _new_report(position, _member_id(patrol_id)), sent_photos()
        with _way_transaction(patrol_id) as session:
            subject = service.report(session, current_settings(), patrol_id, new, now=current_time())
            keep_photos(session, photos, subject, at=new.at, client_uuid=new.client_uuid)
    except REFUSED as error:
        if not wants_page():
            raise
        typed = {name: request.form.get(name, "") for name in (*EMPTY_FORM, "client_uuid")}
        if isinstance(error, Conflict) or not uuid_of(typed["client_uuid"]):
            typed["client_uuid"] = str(uuid4())
        return _stop_page(patrol_id, position, typed, error), status_of(error)
    said = gettext("Skipped: stop %(number)s.", number=position)
    if new.reason is None:
        said = gettext("Checked in at stop %(number)s.", number=position)
    return sent_on(said, url_for("on_the_way.show_patrol", patrol_id=patrol_id))


@on_the_way.get(f"{PATROL}/sheet")
def show_sheet(patrol_id: int) -> str:
    """Show the patrol as a sheet to print."""
    way = _read(patrol_id)
    return sheet_page(way, _streets(way), url_for("on_the_way.show_patrol", patrol_id=patrol_id))


@on_the_way.get(f"{PATROL}/round.<string:ending>")
def get_round(patrol_id: int, ending: str) -> Response:
    """Send the round as GPX, GeoJSON or KML."""
    return send_way(_read(patrol_id), ending)


@contextmanager
def _way_transaction(patrol_id: int) -> Iterator[Session]:
    """Open a transaction that sees the ground of one patrol of his and nothing else; NotFound for others' patrols."""
    with open_transaction() as session:
        scope = service.scope_of(session, patrol_id, _member_id(patrol_id))
    with open_transaction(replace(scope, account_id=the_account().id)) as session:
        yield session


def _member_id(patrol_id: int) -> int:
    member_id = the_account().member_id
    if member_id is None:
        raise NotFound("patrol_unknown", id=patrol_id)
    return member_id


def _read(patrol_id: int) -> Way:
    with _way_transaction(patrol_id) as session:
        return service.read(session, current_settings(), patrol_id)


def _streets(way: Way) -> list[BaseGeometry]:
    """Lines without names: the city's streets are on every map."""
    with open_transaction() as session:
        return service.nearby_lines(session, way)


def _step(patrol_id: int, take: Any) -> AnyResponse:
    with _way_transaction(patrol_id) as session:
        take(session)
    return redirect(url_for("on_the_way.show_patrol", patrol_id=patrol_id))


def _stop_page(
    patrol_id: int, position: int, form: dict[str, str], error: GeoServiceError | None = None
) -> str:
    way = _read(patrol_id)
    return render_template(
        "field/patrol_stop.html",
        way=way,
        stop=way.stop_at(position),
        form=form,
        skipping="skip" in request.form,
        skip_uuid=str(uuid4()),
        reasons=REASONS,
        reason_word=word_of_reason,
        longest_note=LONGEST_NOTE,
        problem=words.say(error.code, error.values) if error else "",
    )


def _new_report(position: int, member_id: int) -> Report:
    """Return what the form says; raises BadRequest."""
    form = request.form
    skipped = "skip" in form
    answer = form.get("has_findings", "")
    if not skipped and answer not in {"yes", "no"}:
        raise BadRequest("check_in_answer_needed")
    place = place_of(form.get("lon", ""), form.get("lat", ""))
    return Report(
        position=position,
        member_id=member_id,
        has_findings=not skipped and answer == "yes",
        note=form.get("note", "").replace("\r\n", "\n").strip(),
        reason=form.get("reason", "") if skipped else None,
        lon=place[0] if place else None,
        lat=place[1] if place else None,
        client_uuid=uuid_of(form.get("client_uuid", "")),
        at=said_at(form.get("age_s", ""), current_time()),
    )


def _drawn(way: Way) -> dict[str, Any]:
    """What the page's script draws; latitude first, as Leaflet wants it."""
    line = way.line
    return {
        "line": [] if line is None else _latlon(line),
        "known": way.patrol.line is not None,
        "stops": [
            {
                "number": stop.row.position,
                "place": [stop.row.lat, stop.row.lon],
                "name": stop.name,
                "state": stop.state,
                "next": stop is way.next_stop,
            }
            for stop in way.stops
        ],
    }


def _latlon(line: BaseGeometry) -> list[list[float]]:
    places: list[list[float]] = np.round(shapely.get_coordinates(line)[:, ::-1], 6).tolist()
    return places

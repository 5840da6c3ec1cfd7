"""The doors that phones report their positions at; a device's token opens them, and no session does.

Nothing is answered before it is committed: a phone forgets what was acknowledged. A token in the address is refused
with 403, one in a header with 401, as each app shows it best.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from geoservice.errors import BadRequest, ServiceUnavailable, TooLarge
from geoservice.formats import positions as formats
from geoservice.services.positions import MOST_POSITIONS, WrongToken, receive_positions, take_positions
from geoservice.store.base import make_engine, single_statements, transaction
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import LoginNeeded
from geoservice.web.machine import CHALLENGE, count_wrong_token
from geoservice.web.security import FORM_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geoservice.domain.positions import Position
    from geoservice.services.positions import Taken

positions = Blueprint("positions", __name__, url_prefix="/positions")

LONGEST_TOKEN = 200


@positions.get("/osmand")
@positions.get("/osmand/<token>")
def get_osmand(token: str | None = None) -> Response:
    """Take one position of OsmAnd or Traccar Client from the address."""
    return _osmand(token)


@positions.post("/osmand")
@positions.post("/osmand/<token>")
def post_osmand(token: str | None = None) -> Response:
    """Take one position from the address or a form, or what the newer Traccar Client sends as JSON."""
    if not _is_json():
        return _osmand(token)
    body = _json()
    if not isinstance(body, dict):
        raise BadRequest("positions_unreadable", problem="location")
    found = _read_each(_list_of(body.get("location", body)), formats.read_traccar)
    return jsonify(vars(_receive(token or _named(body), found, "osmand")))


@positions.post("/owntracks")
@positions.post("/owntracks/<token>")
def post_owntracks(token: str | None = None) -> Response:
    """Take positions of OwnTracks; what else it tells is acknowledged and forgotten."""
    bodies = _list_of(_json()) if request.get_data() else []
    if any(isinstance(body, dict) and body.get("_type") == "encrypted" for body in bodies):
        raise BadRequest("positions_encrypted")
    located = [
        body for body in bodies if not isinstance(body, dict) or body.get("_type", "location") == "location"
    ]
    _receive(token, _read_each(located, formats.read_owntracks), "owntracks")
    return jsonify([])


@positions.get("/gpslogger")
@positions.get("/gpslogger/<token>")
def get_gpslogger(token: str | None = None) -> Response:
    """Take one position of GPSLogger's custom URL."""
    return _gpslogger(token, request.args)


@positions.post("/gpslogger")
@positions.post("/gpslogger/<token>")
def post_gpslogger(token: str | None = None) -> Response:
    """Take a position of GPSLogger's form, or several as JSON."""
    if not _is_json():
        return _gpslogger(token, request.values)
    found = _read_each(_list_of(_json()), formats.read_gpslogger)
    return jsonify(vars(_receive(token, found, "gpslogger")))


@positions.before_request
def _refuse_large_bodies() -> None:
    if (request.content_length or 0) > FORM_BYTES:
        raise TooLarge("positions_too_large", most=FORM_BYTES)


@positions.errorhandler(RequestEntityTooLarge)
def _say_too_large(_error: RequestEntityTooLarge) -> Any:
    """Say how much is taken where a body came without its length."""
    return current_app.handle_user_exception(TooLarge("positions_too_large", most=FORM_BYTES))


@positions.after_request
def _challenge(response: Response) -> Response:
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response


def _osmand(token: str | None) -> Response:
    fields = request.values
    if fields.get("valid", "true").lower() in {"false", "0"}:
        return jsonify(vars(_receive(token or _named(fields), [], "osmand")))
    return jsonify(vars(_receive(token or _named(fields), [formats.read_osmand(fields)], "osmand")))


def _gpslogger(token: str | None, fields: Mapping[str, Any]) -> Response:
    return jsonify(vars(_receive(token or _named(fields), [formats.read_gpslogger(fields)], "gpslogger")))


def _receive(token: str | None, found: Sequence[Position], source: str) -> Taken:
    """Store what came and commit it; a wrong token counts against the address it came from."""
    header = request.authorization
    if not token and header is not None:
        token = header.token if header.type == "bearer" else header.password
    if not token:
        raise LoginNeeded("device_token_missing")
    try:
        if len(token) > LONGEST_TOKEN or "\x00" in token:
            raise WrongToken
        return _store(token, found, source)
    except WrongToken:
        count_wrong_token()
        if header is not None:
            raise LoginNeeded(WrongToken.code) from None
        raise


def _store(token: str, found: Sequence[Position], source: str) -> Taken:
    """Store by one statement; where that is not enough or the connection turns out dead, as carefully as anything else."""
    settings, now = current_settings(), current_time()
    taken = None
    with suppress(ServiceUnavailable), single_statements(settings.database_url) as session:
        taken = take_positions(session, settings, token, found, source=source, now=now)
    if taken is None:
        with transaction(make_engine(settings.database_url), scope=None) as session:
            taken = receive_positions(session, settings, token, found, source=source, now=now)
    return taken


def _named(fields: Mapping[str, Any]) -> str | None:
    """Return the token where apps have their device's identifier."""
    named = next((fields[name] for name in ("id", "deviceid", "device_id", "token") if name in fields), None)
    return named if isinstance(named, str) else None


def _is_json() -> bool:
    return request.mimetype == "application/json"


def _json() -> Any:
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise BadRequest("positions_unreadable", problem=str(error)[:80]) from None


def _list_of(body: Any) -> list[Any]:
    """Return one or many as many; refuse too many before any of them is read."""
    many = body if isinstance(body, list) else [body]
    if len(many) > MOST_POSITIONS:
        raise TooLarge("too_many_positions", count=len(many), most=MOST_POSITIONS)
    return many


def _read_each(bodies: list[Any], read: Callable[[Mapping[str, Any], int], Position]) -> list[Position]:
    found = []
    for number, body in enumerate(bodies, 1):
        if not isinstance(body, dict):
            raise BadRequest("positions_unreadable", problem=f"{number}: {str(body)[:40]}")
        found.append(read(body, number))
    return found

"""The error table: what went wrong → the status and the page or problem document that says so."""

from __future__ import annotations

import json
import logging
import secrets
from typing import TYPE_CHECKING

from flask import Response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from geoservice import errors
from geoservice.web.identity import LoginNeeded, wants_page
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)

STATUS: dict[type[errors.GeoServiceError], int] = {
    errors.BadRequest: 400,
    LoginNeeded: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.InvalidGeometry: 422,
    errors.InvalidFile: 422,
    errors.ServiceUnavailable: 503,
    errors.StorageFull: 507,
    errors.BadSettings: 500,
}
RETRY_AFTER_S = 10


def attach_errors(app: Flask) -> None:
    """Answer every error by the table."""
    app.register_error_handler(errors.GeoServiceError, _answer_ours)
    app.register_error_handler(CSRFError, _answer_csrf)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unknown)


def status_of(error: errors.GeoServiceError) -> int:
    """Return the status of the error's class, or of the nearest class above it."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def _answer_ours(error: errors.GeoServiceError) -> Response:
    status = status_of(error)
    if isinstance(error, LoginNeeded) and "HX-Request" in request.headers:
        # htmx follows this with a whole new page, instead of putting a login form into a table cell.
        return Response(status=401, headers={"HX-Redirect": url_for("account.show_login")})
    if status >= 500:
        log.error("%s %s: %s %s", request.method, request.path, error.code, error.values)
    # The shared sentence tells the administrator what to check; a visitor can only wait.
    sentence = _sentence_of(503) if status == 503 else say(error.code, error.values)
    return _answer(status, error.code, sentence)


def _answer_csrf(_error: CSRFError) -> Response:
    return _answer(
        400,
        "form_expired",
        gettext("This form is too old or was not made for you. Load the page again and repeat it."),
    )


def _answer_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return Response(error.get_response().data, status, error.get_response().headers)
    answer = _answer(status, f"http_{status}", _sentence_of(status))
    if status == 405:
        answer.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    if status == 429:
        answer.headers["Retry-After"] = "60"
    return answer


def _answer_unknown(error: Exception) -> Response:
    number = secrets.token_hex(4)
    log.error("error %s in %s %s", number, request.method, request.path, exc_info=error)
    return _answer(500, "internal_error", _sentence_of(500), number)


def _sentence_of(status: int) -> str:
    sentences = {
        404: gettext(
            "There is no such page, or it is not for you. Check the address, or begin at the start page."
        ),
        405: gettext("This address does not take such a request. Go back and load the page again."),
        413: gettext("That is more than is taken at once. Send less, or split it, then try again."),
        429: gettext("Too many attempts. Wait a minute, then try again."),
        503: gettext("A part of the system does not answer now. Nothing is lost; try again in a minute."),
        500: gettext(
            "Something broke on our side; nothing of yours was changed. Try again; if it stays, tell your administrator the number below."
        ),
    }
    return sentences.get(
        status, gettext("This request can't be answered. Go back, load the page again and repeat it.")
    )


def _title_of(status: int) -> str:
    titles = {
        400: gettext("That does not work"),
        401: gettext("Please log in"),
        403: gettext("Not for you"),
        404: gettext("Not found"),
        409: gettext("Somebody was faster"),
        413: gettext("Too large"),
        429: gettext("Slow down"),
        503: gettext("Back in a moment"),
    }
    return titles.get(
        status, gettext("An error on our side") if status >= 500 else gettext("That does not work")
    )


def _answer(status: int, code: str, sentence: str, number: str | None = None) -> Response:
    title = _title_of(status)
    if wants_page():
        answer = Response(
            render_template("error.html", status=status, title=title, sentence=sentence, number=number),
            status,
        )
    else:
        problem = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": sentence}
        if number:
            problem["instance"] = f"urn:error:{number}"
        answer = Response(
            json.dumps(problem, ensure_ascii=False), status, content_type="application/problem+json"
        )
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer

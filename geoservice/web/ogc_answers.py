"""How a question to the OGC API is read and answered: format, parameters, links, problems."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, render_template, request, url_for

from geoservice.errors import BadRequest
from geoservice.web.errors import RETRY_AFTER_S, status_of
from geoservice.web.identity import own_transaction
from geoservice.web.texts import current_locale
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from geoservice.errors import GeoServiceError

JSON, HTML = "json", "html"
MEDIA = {JSON: "application/json", HTML: "text/html"}
GEOJSON = "application/geo+json"
PROBLEM = "application/problem+json"
# What somebody's own ground shows may be kept by his own program, and is asked for again before it is used.
CACHED = "private, no-cache"


@contextmanager
def session_when_needed() -> Iterator[Callable[[], Session]]:
    """Give what opens the visitor's transaction, once, when something has to be read: what is kept needs none."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(own_transaction()))


def read_parameters(known: Iterable[str] = ()) -> dict[str, str]:
    """Return the request's parameters; one that is unknown or given twice is refused, as the standard demands."""
    allowed = {"f", *known}
    for name, values in request.args.lists():
        if name not in allowed:
            raise BadRequest("parameter_unknown", name=name[:60], known=", ".join(sorted(allowed)))
        if len(values) > 1:
            raise BadRequest("parameter_twice", name=name)
    return request.args.to_dict()


def wanted_format() -> str:
    """Return what is asked for: by `f`, else by the Accept header, else JSON."""
    asked = request.args.get("f")
    if asked is None:
        kinds = [GEOJSON, MEDIA[JSON], PROBLEM, MEDIA[HTML]]
        return HTML if request.accept_mimetypes.best_match(kinds) == MEDIA[HTML] else JSON
    if asked not in MEDIA:
        raise BadRequest("format_unknown", value=asked[:40], known=" f=".join(MEDIA))
    return asked


def address(endpoint: str, **values: Any) -> str:
    """Return the whole address of one of our documents."""
    return url_for(f"ogc.{endpoint}", _external=True, **values)


def link(rel: str, href: str, media: str, title: str = "") -> dict[str, str]:
    """Return a link as OGC's documents carry them."""
    return {"rel": rel, "type": media, "href": href, **({"title": title} if title else {})}


def own_links(media: str = MEDIA[JSON], **changes: Any) -> list[dict[str, str]]:
    """Return the links of a document to itself and to its other format; `changes` go into the address."""
    kinds = {JSON: media, HTML: MEDIA[HTML]}
    now = wanted_format()
    found = [link("self", here(**changes), kinds[now])]
    other = JSON if now == HTML else HTML
    return [*found, link("alternate", here(**{**changes, "f": other}), kinds[other])]


def here(**changes: Any) -> str:
    """Return the address of this request with some parameters set, or left out where they are None."""
    args = {**request.args.to_dict(), **changes}
    endpoint = (request.endpoint or "").removeprefix("ogc.")
    given: Mapping[str, Any] = {
        **(request.view_args or {}),
        **{k: v for k, v in args.items() if v is not None},
    }
    return address(endpoint, **given)


def answer(document: Mapping[str, Any], template: str, media: str = MEDIA[JSON], **page: Any) -> Response:
    """Return a document as JSON, or as the page that shows it."""
    if wanted_format() == HTML:
        return Response(render_template(template, document=document, **page), headers={"Vary": "Accept"})
    return json_answer(document, media)


def json_answer(document: Mapping[str, Any], media: str = MEDIA[JSON]) -> Response:
    """Return a document as JSON."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(
        text, content_type=media, headers={"Vary": "Accept", "Content-Language": current_language()}
    )


def current_language() -> str:
    """Return the language of titles, as HTTP names it."""
    return current_locale().replace("_", "-")


def not_modified(etag: str) -> Response | None:
    """Return the answer to a program that has this already; None where it has not."""
    if not request.if_none_match.contains_weak(etag):
        return None
    return with_etag(Response(status=304), etag)


def with_etag(response: Response, etag: str, *, weak: bool = False) -> Response:
    """Name the state that an answer shows, so that it need not be sent twice."""
    response.set_etag(etag, weak)
    response.headers["Cache-Control"] = CACHED
    response.headers["Vary"] = "Accept, Accept-Language, Authorization, Cookie"
    return response


def answer_problem(error: GeoServiceError) -> Response:
    """Return what went wrong: a page for a browser, a problem document (RFC 7807) for a program."""
    status = status_of(error)
    title = HTTPStatus(status).phrase
    sentence = say(error.code, error.values)
    if request.args.get("f") != JSON and request.accept_mimetypes.accept_html and not _is_anything():
        page = render_template("error.html", status=status, title=title, sentence=sentence, number=None)
        return Response(page, status)
    problem = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": error.code,
        "detail": sentence,
    }
    found = Response(json.dumps(problem, ensure_ascii=False), status, content_type=PROBLEM)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        found.headers["Retry-After"] = str(RETRY_AFTER_S)
    return found


def _is_anything() -> bool:
    """Tell whether the Accept header names no HTML, but takes whatever comes."""
    return request.accept_mimetypes["text/html"] <= request.accept_mimetypes["application/json"]

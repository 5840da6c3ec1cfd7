"""Links that show one map: the page on which they are made, listed and revoked, and what whoever holds one sees."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale

from geoservice.domain.roles import Permission, may
from geoservice.errors import BadRequest, NotFound
from geoservice.maps.dispatch import city_map
from geoservice.maps.leader import leader_map
from geoservice.maps.values import CityArea, LeaderArea
from geoservice.services import answering, areas, city
from geoservice.services import sharing as service
from geoservice.services.areas import Show
from geoservice.services.sharing import MapKind, People, Wish
from geoservice.store import people as people_store
from geoservice.store.kept import READS_ONLY
from geoservice.store.scope import EVERYTHING, Scope
from geoservice.web.asked_area import admit_to_maps, asked_leader, asked_level, asked_show, city_ground
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, the_account
from geoservice.web.machine import WRONG_TOKENS
from geoservice.web.map_text import base_map, kept_map, map_text, static_address
from geoservice.web.reader import the_reader
from geoservice.web.security import PAGE_POLICY
from geoservice.web.texts import current_locale, gettext
from geoservice.web.windows import PRESETS, chosen_window
from geoservice.web.words import say, word_of_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask, Response
    from flask_limiter import Limiter
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.errors import GeoServiceError
    from geoservice.services.sharing import OpenedMap

sharing = Blueprint("sharing", __name__, url_prefix="/sharing")
"""Where links are made; for whoever sees a map."""
guard(sharing, None)
sharing.before_request(admit_to_maps)

shared = Blueprint("shared", __name__, url_prefix="/shared")
"""Open to whoever holds a secret."""

LANGUAGES = {"en": "en", "zh": "zh_Hans_CN"}
OPENINGS = "120 per minute"
LASTING = (7, 30, 90)
GAPS_LISTED = 100


@shared.after_request
def _keep_apart(response: Response) -> Response:
    """Let no address of a link travel on, and no search engine keep one."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def limit_openings(app: Flask, limiter: Limiter) -> None:
    """Allow so many openings an address, pages and maps together."""
    limit = limiter.shared_limit(OPENINGS, scope="shared-maps")
    for endpoint in ("shared.show_page", "shared.show_map"):
        view: Callable[..., object] = app.view_functions[endpoint]
        app.view_functions[endpoint] = limit(view)


@sharing.get("/")
def show_links() -> Response:
    """List one's links and offer to make one to the map that the address names."""
    return _links_page()


@sharing.post("/")
def make_link() -> Response:
    """Make a link and show it, this once."""
    try:
        with open_transaction() as session:
            secret = service.make_link(
                session, current_settings(), _wish(session), by=the_account(), now=current_time()
            )
    except BadRequest as error:
        return _links_page(error=error)
    return _links_page(made=secret)


@sharing.post("/<int(max=2147483647):link_id>/revoke")
def revoke_link(link_id: int) -> AnyResponse:
    """End a link at once."""
    with _own_links() as session:
        service.revoke_link(session, link_id, by=the_account(), now=current_time())
    flash(gettext("The link is revoked. Whoever opens it sees nothing more."), "good")
    return redirect(url_for("sharing.show_links"))


@shared.get("/<string(maxlength=100):secret>")
def show_page(secret: str) -> Response:
    """Show the map of a link with its figures and tables, and no way to anything else."""
    with _reader_language():
        try:
            opened = _open(secret)
        except NotFound as error:
            return make_response(render_template("sharing/closed.html", sentence=say(error.code, error.values)), 404)  # fmt: skip
        with _reading(opened) as session:
            area = _area(session, opened)
            contacts = _contacts(session, opened)
        page = render_template(
            "sharing/map.html",
            opened=opened,
            area=area,
            contacts=contacts,
            gaps=area.gaps[:GAPS_LISTED],
            window=opened.window,
            frame=url_for("shared.show_map", secret=secret, lang=request.args.get("lang")),
            languages=[
                (code, url_for("shared.show_page", secret=secret, lang=code)) for code in ("zh", "en")
            ],
        )
    answer = make_response(page)
    ancestors = " ".join(opened.origins) or "'none'"
    answer.headers["Content-Security-Policy"] = _framed_by(PAGE_POLICY, ancestors)
    if not opened.origins:
        answer.headers["X-Frame-Options"] = "DENY"
    return answer


@shared.get("/<string(maxlength=100):secret>/map")
def show_map(secret: str) -> Response:
    """Show the map itself: for the frame of the page above, and for frames of the origins that its maker named."""
    with _reader_language():
        opened = _open(secret)
        shown = (opened.leader_id, opened.window, opened.level, opened.show, opened.people)
        with _reading(opened) as session:
            answer = kept_map(
                session,
                ("shared", *shown),
                lambda: _drawn(_area(session, opened, with_ages=True), opened),
            )
    policy = answer.headers["Content-Security-Policy"]
    answer.headers["Content-Security-Policy"] = _framed_by(policy, " ".join(("'self'", *opened.origins)))
    if not opened.origins:
        answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _framed_by(policy: str, ancestors: str) -> str:
    """Return a policy under which exactly these may frame the page."""
    return policy.replace("frame-ancestors 'self'", f"frame-ancestors {ancestors}")


@contextmanager
def _reader_language() -> Iterator[None]:
    """Speak the language that the address names, else the visitor's."""
    with force_locale(LANGUAGES.get(request.args.get("lang", "").lower(), current_locale())):
        yield


def _open(secret: str) -> OpenedMap:
    """Return what a link shows; wrong secrets are counted like wrong tokens."""
    with open_transaction() as session:
        try:
            return service.open_link(session, current_settings(), secret, now=current_time())
        except NotFound:
            current_app.extensions[WRONG_TOKENS]()
            raise


@contextmanager
def _reading(opened: OpenedMap) -> Iterator[Session]:
    """Open a transaction that sees what a link shows and writes nothing."""
    with open_transaction(opened.scope) as session:
        session.info[READS_ONLY] = True
        yield session


def _area(session: Session, opened: OpenedMap, *, with_ages: bool = False) -> LeaderArea | CityArea:
    area: LeaderArea | CityArea
    if opened.leader_id is not None:
        area = areas.leader_area(session, current_settings(), opened.leader_id, opened.window, the_reader())
    else:
        show, on = Show(opened.show or Show.GAPS), today()
        level = city.choose_level(city.level_names(session, on, locale=current_locale()), opened.level)
        area = city_ground(session, opened.window, level, show, the_reader(), drawn=with_ages)
    return service.hide_people(area) if opened.people is People.NONE else area


def _drawn(area: LeaderArea | CityArea, opened: OpenedMap) -> Any:
    title = gettext("Coverage and blind spots")
    text = map_text(title, fit=gettext("Show all the ground"))
    if opened.people is People.NONE:
        # "Nobody" would be untrue where somebody is only not named.
        text = replace(text, nobody="")
    if isinstance(area, LeaderArea):
        return leader_map(area, text, base_map(), static_address())
    return city_map(area, text, base_map(), static_address())


def _contacts(session: Session, opened: OpenedMap) -> list[answering.AnsweredGround]:
    """Return who answers, with telephones: for a leader's ground whose maker chose so."""
    if opened.leader_id is None or opened.people is not People.PHONES:
        return []
    return answering.responsible(session, opened.leader_id, today(), locale=current_locale())


@contextmanager
def _own_links() -> Iterator[Session]:
    """Open a transaction that sees one's own links; an administrator's sees all."""
    account = the_account()
    everything = may(account.role, Permission.MANAGE_USERS)
    with open_transaction(EVERYTHING if everything else Scope(account_id=account.id)) as session:
        yield session


def _wish(session: Session) -> Wish:
    """Return what the form asks for; days, level and layer come from the address, as the map's page wrote them."""
    form, leader_id = request.form, asked_leader(session)
    days = form.get("days", "")
    shown: dict[str, Any] = dict(chosen_window().args)
    if leader_id is None:
        shown |= _city_args(session)
    return Wish(
        kind=MapKind.CITY if leader_id is None else MapKind.LEADER,
        name=form.get("name", ""),
        days=int(days) if days.isdecimal() and len(days) < 5 else 0,
        shown=shown,
        people=form.get("people", People.NONE),
        origins=form.get("origins", "")[:2000],
        leader_id=leader_id,
    )


def _city_args(session: Session) -> dict[str, str]:
    show, level = asked_show(), request.args.get("level", "")
    if level:
        asked_level(session, today())  # refuses one that is not there
    return {"show": str(show), **({"level": level} if level else {})}


def _links_page(*, made: str = "", error: GeoServiceError | None = None) -> Response:
    account, now = the_account(), current_time()
    with open_transaction() as session:
        leader_id = asked_leader(session)
        found = people_store.leader_by_id(session, leader_id) if leader_id is not None else None
        wanted = chosen_window().args | ({} if found else _city_args(session))
        leader = found.name if found else ""
        if found and not may(account.role, Permission.SEE_OWN_GROUND):
            wanted |= {"leader": found.code}
    with _own_links() as session:
        links = service.links(session, now=now)
    page = render_template(
        "sharing/links.html",
        links=links,
        leader=leader,
        wanted=wanted,
        chosen=chosen_window(),
        presets=PRESETS,
        layer=word_of_layer(wanted["show"]) if "show" in wanted else "",
        page_link=url_for("shared.show_page", secret=made, _external=True) if made else "",
        map_link=url_for("shared.show_map", secret=made, _external=True) if made else "",
        problem=say(error.code, error.values) if error else "",
        typed=request.form,
        people=list(People),
        lasting=LASTING,
        service=service,
    )
    return make_response(page, status_of(error) if error else 200)

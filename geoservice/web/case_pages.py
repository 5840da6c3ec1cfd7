"""The page of one case, for every door it is seen through, and the steps taken from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for

from geoservice.domain.cases import Action, State
from geoservice.errors import BadRequest, Conflict, InvalidFile, NotAllowed, NotFound
from geoservice.services import case_lights, cases, evidence, layers, orders
from geoservice.services.cases import Actor, NewCase
from geoservice.services.evidence import Subject
from geoservice.services.who import who_is_here
from geoservice.store import case_marks
from geoservice.web import case_words, order_words
from geoservice.web.base_maps import page_with_map
from geoservice.web.case_forms import (
    form_uuid,
    given_of,
    reason_of,
    version_of,
)
from geoservice.web.case_places import place_box
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.errors import status_of
from geoservice.web.identity import own_transaction, the_account
from geoservice.web.photos_forms import keep_photos, sent_photos
from geoservice.web.texts import current_locale

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.case_lights import Light
    from geoservice.services.cases import CaseDetail, CaseView, Possible
    from geoservice.services.evidence import Photo, Stage
    from geoservice.services.orders import OrderView

REFUSED = (BadRequest, Conflict, NotAllowed, InvalidFile)
"""What a step can be refused with: the page is shown again as the case is now, with what was typed."""

WITH_PHOTOS: dict[Action, Stage] = {
    Action.REPLY: "after",
    Action.VERIFY: "other",
    Action.REWORK: "other",
    Action.ASK_POSTPONE: "other",
    Action.ASK_SUSPEND: "other",
    Action.ASK_APPEAL: "other",
}
"""The steps that photos may come with, and what these show."""

MAIN_FIRST = (
    Action.OPEN, Action.ACCEPT, Action.REPLY, Action.VERIFY, Action.CLOSE, Action.RESUME,
)  # fmt: skip
"""What is usually done next; where it is possible its form stands open."""


ORDERS_OF = {"cases": "orders.show_order", "handling": "my_orders.show_order"}
"""Door → where an order about a case is opened."""


@dataclass(frozen=True)
class Missed:
    """A step that was refused: why, and what was typed for it."""

    action: str
    sentence: str
    typed: dict[str, str]


def the_actor() -> Actor:
    """Return whoever is logged in as the services of cases know him."""
    return Actor.of(the_account())


def refuse_hidden(case_id: int) -> None:
    """Raise NotFound for a case outside the ground of a dispatcher who sees a part of the city only."""
    if the_actor().is_desk:
        with own_transaction() as session:
            if not case_marks.shown_ids(session, [case_id]):
                raise NotFound


def show_case(door: str, case_id: int, missed: Missed | None = None) -> Response:
    """Return the page of a case as the visitor of this door (a blueprint's name) may see it."""
    refuse_hidden(case_id)
    by, settings, now = the_actor(), current_settings(), current_time()
    detail = read_case(case_id, by)
    view = detail.view
    with open_transaction() as session:
        light = case_lights.lights(session, settings, [case_id], now=now).get(case_id)
        photos = evidence.photos_of(session, "case", case_id)
        found = evidence.photos_of_origin(session, case_id)
        desk = _for_desk(session, detail) if by.is_desk else {}
        sent = _orders(session, door, case_id)
    page = render_template(
        "cases/case.html",
        door=door,
        detail=detail,
        case=view,
        light=light,
        before=[photo for photo in photos if photo.stage == "before"],
        after=[photo for photo in photos if photo.stage == "after"],
        others=[photo for photo in photos if photo.stage == "other"],
        found=found,
        main=main_step(detail),
        missed=missed,
        form_ids={step.action: str(uuid4()) for step in detail.possible},
        orders_of=ORDERS_OF,
        box=place_box(view.lon, view.lat),
        with_photos=WITH_PHOTOS,
        is_desk=by.is_desk,
        orders=sent,
        order_word=order_words,
        now=now,
        word=case_words,
        **desk,
    )
    return page_with_map(page)


def read_case(case_id: int, by: Actor) -> CaseDetail:
    """Return a case that the visitor acts on, or one that lies on his ground, where he may only look."""
    settings, now = current_settings(), current_time()
    try:
        with open_transaction() as session:
            return cases.read(session, settings, case_id, by=by, now=now)
    except NotFound:
        with own_transaction() as session:
            return cases.read(session, settings, case_id, by=by, now=now)


def take_step(door: str, case_id: int) -> AnyResponse | tuple[Response, int]:
    """Take the step that a form asks for; what is refused is said on the page, with everything that was typed."""
    refuse_hidden(case_id)
    action = request.form.get("step", "")
    by, settings, now = the_actor(), current_settings(), current_time()
    step: Possible | None = None
    try:
        sent = sent_photos()
        with open_transaction() as session:
            detail = cases.read(session, settings, case_id, by=by, now=now)
            step = next((each for each in detail.possible if each.action == action), None)
            given = _given(step)
            if step and step.action in WITH_PHOTOS:
                shown = WITH_PHOTOS[step.action]
                keep_photos(session, sent, Subject("case", case_id), shown, client_uuid=form_uuid())
            done = cases.act(
                session,
                settings,
                case_id,
                action,
                given,
                by=by,
                now=now,
                row_version=version_of(),
                client_uuid=form_uuid(),
            )
    except REFUSED as error:
        typed = {name: request.form.get(name, "") for name in request.form if name != "csrf_token"}
        missed = Missed(action, reason_of(error, step), typed)
        return show_case(door, case_id, missed), status_of(error)
    flash(case_words.word_of_done(action) + " · " + case_words.word_of_state(done.state), "good")
    return redirect(url_for(f"{door}.show_case", case_id=case_id))


def main_step(detail: CaseDetail) -> Action | None:
    """Return what is usually done next with a case, of what is possible."""
    offered = {step.action for step in detail.possible}
    waiting = [asked for asked in detail.requests if asked.decision is None]
    decided = [Action(f"grant_{asked.kind}") for asked in waiting]
    first = [Action.ASSIGN] if detail.view.state is State.OPENED else []
    return next((action for action in (*decided, *first, *MAIN_FIRST) if action in offered), None)


def near_duplicates(session: Session, new: NewCase, *, except_id: int | None = None) -> list[CaseView]:
    """Return what a case may be a repetition of; `session` must see everything."""
    found = cases.nearby(session, new, now=current_time())
    return [case for case in found if case.id != except_id]


def lights_of(session: Session, shown: tuple[CaseView, ...] | list[CaseView]) -> dict[int, Light]:
    """Return how the deadline of each of these cases stands."""
    return case_lights.lights(session, current_settings(), [case.id for case in shown], now=current_time())


def photos_of(session: Session, shown: tuple[CaseView, ...] | list[CaseView]) -> dict[int, list[Photo]]:
    """Return the photos of each of these cases."""
    return evidence.photos_of_many(session, "case", [case.id for case in shown])


def _given(step: Possible | None) -> dict[str, Any]:
    """Return what the form gives; another case is named by its number, and only one that its writer sees."""
    if step is None:
        return {}
    with own_transaction() as session:
        return given_of(session, step)


def _orders(session: Session, door: str, case_id: int) -> list[OrderView]:
    """Return the orders about a case that the visitor of this door may open: all at the desk, else those he got."""
    if door not in ORDERS_OF:
        return []
    found = orders.of_case(session, case_id)
    return [one for one in found if door == "cases" or orders.went_to(one, the_account())]


def _for_desk(session: Session, detail: CaseDetail) -> dict[str, Any]:
    """Return what only the desk is shown: who answers for the place, near-duplicates, and whom it could be assigned to."""
    view = detail.view
    offered = {step.action for step in detail.possible}
    near: list[CaseView] = []
    if view.state in {State.REPORTED, State.OPENED}:
        like = NewCase(view.kind, view.title, "", view.lon, view.lat, source=view.source, at=view.reported_at)
        near = near_duplicates(session, like, except_id=view.id)
    with own_transaction() as own:
        shown = case_marks.shown_ids(own, [*(case.id for case in near), *detail.joined])
    joined_into = None
    if view.joined_into_id is not None:
        joined_into = cases.read(
            session, current_settings(), view.joined_into_id, by=the_actor(), now=current_time()
        ).view
    return {
        "who": who_is_here(session, current_settings(), today(), (view.lon, view.lat)),
        "roles": layers.role_names(session, current_locale()),
        "near": [case for case in near if case.id in shown],
        "joined": sorted(shown & set(detail.joined)),
        "joined_into": joined_into,
        "departments": case_marks.departments(session) if Action.ASSIGN in offered else [],
        "leaders": case_marks.leaders(session) if Action.ASSIGN in offered else [],
    }

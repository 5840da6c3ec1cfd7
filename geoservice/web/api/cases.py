"""Cases: told of, found, and taken through their steps as the pages do."""

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import url_for

from geoservice.domain.cases import ACTIVE, Action
from geoservice.domain.roles import Permission, Role, may
from geoservice.errors import NotFound
from geoservice.services import cases as service
from geoservice.services.cases import MOST_URGENT, NEWEST, Actor, CaseFilters, NewCase
from geoservice.store import api_rows, case_marks
from geoservice.store.scope import EVERYTHING
from geoservice.web.api.answers import Answer, keyed_answer
from geoservice.web.api.case_models import (
    Case,
    CaseAct,
    CaseFull,
    CaseMove,
    CaseNew,
    CasesQuery,
    CaseStep,
)
from geoservice.web.api.models import Asked, Keyed, tell
from geoservice.web.api.operations import Ask, Operation, offer
from geoservice.web.case_forms import asked_kinds
from geoservice.web.case_new import refuse_elsewhere
from geoservice.web.case_pages import read_case
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.services.cases import CaseDetail, CaseView

TAG = "cases"
RUN, HANDLE, REPORT = Permission.RUN_CASES, Permission.HANDLE_CASES, Permission.REPORT_CASES
ANY_PART = (RUN, HANDLE, REPORT)
SOURCES = {Role.MEMBER: "patrol", Role.INSPECTOR: "inspection", Role.LEADER: "leader"}


@offer(Operation("GET", "/cases", TAG, Keyed[Case], ANY_PART, query=CasesQuery))
def list_cases(ask: Ask[CasesQuery, None]) -> Answer:
    """List cases: those of the desk's ground, those one handles, or those one reported."""
    asked, by = ask.query, _actor()
    states = (
        frozenset({asked.state}) if asked.state else frozenset() if asked.closed or asked.asked else ACTIVE
    )
    filters = replace(
        _narrowed(by),
        states=states,
        kinds=(asked.kind,) if asked.kind else (),
        zone_id=asked.zone_id,
        zone_on=today() if asked.zone_id else None,
        point_id=asked.point_id,
        overdue_at=current_time() if asked.overdue else None,
        asked=asked_kinds(asked.asked or ""),
        text=asked.q or "",
        order=MOST_URGENT if asked.urgent_first else NEWEST,
    )
    if asked.department_id is not None:
        filters = replace(filters, department_id=asked.department_id)
    page = service.find(ask.session, current_settings(), filters, after=asked.after, limit=asked.limit)
    return keyed_answer(Keyed[Case](items=[_case(view) for view in page.cases], after=page.after))


@offer(Operation("GET", "/cases/{case_id}", TAG, CaseFull, ANY_PART, errors=(404,)))
def get_case(ask: Ask[Asked, None], case_id: int) -> Answer:
    """Return one case with its steps and what one may do with it."""
    _refuse_hidden(ask.session, case_id)
    return Answer(_full(read_case(case_id, _actor())))


@offer(Operation("POST", "/cases", TAG, Case, (RUN, REPORT), body=CaseNew, status=201))
def report_case(ask: Ask[Asked, CaseNew]) -> Answer:
    """Tell of a problem; the same client_uuid again gives back the case that it made."""
    body, by = ask.body, _actor()
    if by.is_desk:
        refuse_elsewhere(body.lon, body.lat)
    new = NewCase(
        kind=body.kind,
        title=body.title,
        description=body.description,
        lon=body.lon,
        lat=body.lat,
        address=body.address,
        source=SOURCES.get(the_account().role, "desk"),
        at=body.at or current_time(),
        client_uuid=body.client_uuid,
    )
    api_rows.widen(ask.session, EVERYTHING)
    made = service.report(ask.session, current_settings(), new, by=by, now=current_time())
    return Answer(_case(made), location=url_for("api.get_case", case_id=made.id))


@offer(
    Operation(
        "POST", "/cases/{case_id}/steps", TAG, CaseFull, ANY_PART, body=CaseAct, status=201, errors=(404,)
    )
)
def act_on_case(ask: Ask[Asked, CaseAct], case_id: int) -> Answer:
    """Take one step of a case; the same client_uuid again does nothing more."""
    body = ask.body
    _refuse_hidden(ask.session, case_id)
    if body.into_id is not None:
        _refuse_hidden(ask.session, body.into_id)
    api_rows.widen(ask.session, EVERYTHING)
    fields = ("note", "department_id", "leader_id", "into_id", "limit", "until")
    service.act(
        ask.session,
        current_settings(),
        case_id,
        body.action,
        {name: getattr(body, name) for name in fields if getattr(body, name) is not None},
        by=_actor(),
        now=current_time(),
        row_version=body.row_version,
        at=body.at,
        client_uuid=body.client_uuid,
    )
    detail = service.read(ask.session, current_settings(), case_id, by=_actor(), now=current_time())
    return Answer(_full(detail), location=url_for("api.get_case", case_id=case_id))


def _actor() -> Actor:
    return Actor.of(the_account())


def _narrowed(by: Actor) -> CaseFilters:
    """Return what narrows a list to what the asker handles or told of; the desk's session sees its own ground by itself."""
    if by.is_desk:
        return CaseFilters()
    if by.role is not None and may(by.role, HANDLE):
        with open_transaction() as session:
            return service.own_filters(session, by, today())
    return CaseFilters(reported_by=by.account_id)


def _refuse_hidden(session: "Session", case_id: int) -> None:
    """Raise NotFound for a case outside the ground of a desk that runs a part of the city."""
    if _actor().is_desk and not case_marks.shown_ids(session, [case_id]):
        raise NotFound


def _case(view: "CaseView") -> Case:
    return tell(Case, view)


def _full(detail: "CaseDetail") -> CaseFull:
    by = _actor()
    return CaseFull(
        case=_case(detail.view),
        steps=[
            tell(CaseStep, step, name=step.name if by.is_desk or step.action is not Action.REPORT else "")
            for step in detail.steps
        ],
        possible=[
            CaseMove(
                action=step.action,
                needed=[field.name for field in step.fields if field.needed],
                optional=[field.name for field in step.fields if not field.needed],
                photo=step.photo,
            )
            for step in detail.possible
        ],
    )

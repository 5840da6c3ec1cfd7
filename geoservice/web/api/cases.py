"""Cases: told of, found, and taken through their steps as the pages do."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import request, url_for
from pydantic import Field

from geoservice.domain.cases import ACTIVE, Action, State
from geoservice.domain.roles import Permission, Role, may
from geoservice.errors import NotFound
from geoservice.services import cases as service
from geoservice.services.cases import MOST_URGENT, NEWEST, Actor, CaseFilters, NewCase
from geoservice.store import api_rows, case_marks
from geoservice.store.scope import EVERYTHING
from geoservice.web.api.answers import Answer
from geoservice.web.api.models import Asked, Code, Given, Id, Instant, LongId, Text, Told
from geoservice.web.api.operations import Ask, Operation, offer
from geoservice.web.case_new import refuse_elsewhere
from geoservice.web.case_pages import read_case
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geoservice.services.cases import CaseDetail, CaseView

TAG = "cases"
RUN, HANDLE, REPORT = Permission.RUN_CASES, Permission.HANDLE_CASES, Permission.REPORT_CASES
ANY_PART = (RUN, HANDLE, REPORT)
MOST_LISTED = 200
SOURCES = {Role.MEMBER: "patrol", Role.INSPECTOR: "inspection", Role.LEADER: "leader"}


class Case(Told):
    """A case as it stands; due_at is the deadline of the clock that runs now."""

    id: int = Field(examples=[1])
    number: str = Field(examples=["20260318-0001"])
    kind: str = Field(description="code of the kind")
    state: State
    source: str = Field(examples=["patrol"])
    title: str
    description: str
    lon: float = Field(examples=[114.0535])
    lat: float = Field(examples=[22.5327])
    address: str
    zone_id: int | None
    point_id: int | None
    street_id: int | None
    department_id: int | None
    department_name: str | None
    leader_id: int | None
    leader_name: str | None
    reported_at: datetime
    due_at: datetime | None
    handle_due_at: datetime | None
    opened_at: datetime | None
    assigned_at: datetime | None
    replied_at: datetime | None
    verified_at: datetime | None
    closed_at: datetime | None
    reworks: int
    reopened: int
    postponed: int
    recurrence: int = Field(description="how many of its kind were here before")
    joined_into_id: int | None
    row_version: int = Field(
        description="send it with a step, so that nothing is done over somebody else's step"
    )


class CaseStep(Told):
    """One thing that happened to a case."""

    number: int = Field(examples=[1])
    action: Action
    from_state: State | None
    to_state: State
    at: datetime
    received_at: datetime
    name: str = Field(
        description="who; empty for the system, and for who reported it unless one runs the cases"
    )
    note: str


class CaseMove(Told):
    """What may be done with the case now, and what it needs."""

    action: Action
    needed: list[str]
    optional: list[str]
    photo: bool = Field(description="a photo of how it is now must have been added first")


class CaseFull(Told):
    """A case with what happened to it and what may be done."""

    case: Case
    steps: list[CaseStep]
    possible: list[CaseMove]


class CaseList(Told):
    """Some cases; `after` asks for those that follow, null: these were the last."""

    items: list[Case]
    after: str | None


class CasesQuery(Asked):
    """Which cases: by default the open ones, the newest first."""

    state: State | None = Field(None, description="in this state only; without it, all that are open")
    closed: bool = Field(False, description="also those that are over")
    kind: Code | None = Field(None, description="code of the kind")
    department_id: Id | None = None
    zone_id: Id | None = Field(None, description="in this zone or one below it")
    point_id: Id | None = None
    overdue: bool | None = None
    q: Text | None = Field(None, description="the beginning of a number, or a word of title or address")
    urgent_first: bool = Field(False, description="by deadline; only cases with a clock that runs")
    after: Text | None = Field(None, description="as the answer before told")
    limit: int = Field(50, ge=1, le=MOST_LISTED, description="how many at once")


class CaseNew(Given):
    """A problem somebody saw."""

    kind: Code = Field(description="code of the kind", examples=["rubbish"])
    title: Text = Field(examples=["Rubbish beside the market"])
    description: Text = ""
    lon: float = Field(ge=-180, le=180, examples=[114.0535])
    lat: float = Field(ge=-90, le=90, examples=[22.5327])
    address: Text = ""
    at: Instant | None = Field(None, description="when it was seen; now where it is left out")
    client_uuid: UUID | None = Field(
        None, description="the program's own name for it: sent again it is one case"
    )


class CaseAct(Given):
    """One step of a case; `possible` of the case says which there are and what each needs."""

    action: Action = Field(examples=["open"])
    note: Text | None = None
    department_id: Id | None = None
    leader_id: Id | None = None
    into_id: LongId | None = Field(None, description="the case it is joined into")
    limit: float | None = Field(None, gt=0, le=1000, description="how much more time, in units of the clock")
    until: date | None = None
    row_version: Id | None = Field(None, description="as last seen: 409 if somebody else took a step since")
    at: Instant | None = Field(None, description="when it was done; now where it is left out")
    client_uuid: UUID | None = Field(None, description="the program's own name for this step")


@offer(Operation("GET", "/cases", TAG, CaseList, ANY_PART, query=CasesQuery))
def list_cases(ask: Ask[CasesQuery, None]) -> Answer:
    """List cases: those of the desk's ground, those one handles, or those one reported."""
    asked, by = ask.query, _actor()
    states = frozenset({asked.state}) if asked.state else frozenset() if asked.closed else ACTIVE
    filters = replace(
        _narrowed(by),
        states=states,
        kinds=(asked.kind,) if asked.kind else (),
        zone_id=asked.zone_id,
        zone_on=today() if asked.zone_id else None,
        point_id=asked.point_id,
        overdue_at=current_time() if asked.overdue else None,
        text=asked.q or "",
        order=MOST_URGENT if asked.urgent_first else NEWEST,
    )
    if asked.department_id is not None:
        filters = replace(filters, department_id=asked.department_id)
    page = service.find(ask.session, current_settings(), filters, after=asked.after, limit=asked.limit)
    headers = {}
    if page.after is not None:
        asked_again: dict[str, Any] = {**request.args.to_dict(), "after": page.after}
        more = url_for("api.list_cases", **asked_again)
        headers["Link"] = f'<{more}>; rel="next"'
    return Answer(CaseList(items=[_case(view) for view in page.cases], after=page.after), headers=headers)


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


@contextmanager
def _seeing_own(session: "Session", by: Actor) -> "Iterator[Session]":
    """Yield a session for lists: the desk's own, or for others one that sees everything, which their filters narrow."""
    if by.is_desk:
        yield session
        return
    with open_transaction() as everything:
        yield everything


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
    told: dict[str, Any] = {name: getattr(view, name) for name in Case.model_fields}
    return Case(**told)


def _full(detail: "CaseDetail") -> CaseFull:
    by = _actor()
    return CaseFull(
        case=_case(detail.view),
        steps=[
            CaseStep(
                number=step.number,
                action=step.action,
                from_state=step.from_state,
                to_state=step.to_state,
                at=step.at,
                received_at=step.received_at,
                name=step.name if by.is_desk or step.action is not Action.REPORT else "",
                note=step.note,
            )
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

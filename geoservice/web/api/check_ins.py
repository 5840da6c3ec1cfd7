"""Check-ins: somebody says he was at a point, and whether all was well there."""

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from flask import url_for
from pydantic import Field

from geoservice.domain.roles import Role
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import check_ins as service
from geoservice.services.check_ins import NewCheckIn
from geoservice.services.field_points import field_scope
from geoservice.store import api_nouns, api_rows, people
from geoservice.web.api.answers import Answer, page_answer
from geoservice.web.api.models import Asked, Code, Given, Instant, Page, Paged, Text, Told
from geoservice.web.api.operations import CHECK_IN, SEE, Ask, Operation, offer
from geoservice.web.deployment import current_settings, current_time, open_transaction
from geoservice.web.identity import the_account

TAG = "check-ins"

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geoservice.store.check_in_rows import StoredCheckIn


class CheckIn(Told):
    """A check-in; distance_m is from where the phone was to the point."""

    id: int = Field(examples=[1])
    point: str = Field(description="code of the point", examples=["P-001"])
    point_id: int = Field(examples=[1])
    member: str | None = Field(description="code of the member", examples=["M1"])
    at: datetime
    received_at: datetime
    has_findings: bool
    note: str
    lon: float | None
    lat: float | None
    distance_m: float | None
    client_uuid: UUID | None


class CheckInsQuery(Paged):
    """Which check-ins."""

    point: Code | None = Field(None, description="code of the point")
    member: Code | None = Field(None, description="code of the member")
    has_findings: bool | None = None
    from_: Instant | None = Field(None, alias="from", description="at or after this instant")
    to: Instant | None = Field(None, description="before this instant")


class CheckInNew(Given):
    """What somebody says. A member speaks for himself; for others the member is named by code."""

    point: Code = Field(description="code of the point", examples=["P-001"])
    at: Instant | None = Field(None, description="when; now where it is left out")
    has_findings: bool
    note: Text = ""
    member: Code | None = Field(None, description="code of the member; not for members themselves")
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    client_uuid: UUID | None = Field(
        None, description="the phone's own name for it, under which it may be sent again"
    )


@offer(Operation("GET", "/check-ins", TAG, Page[CheckIn], (*SEE, *CHECK_IN), query=CheckInsQuery))
def list_check_ins(ask: Ask[CheckInsQuery, None]) -> Answer:
    """List check-ins, the newest first; a patrol member is shown his own."""
    wanted = {**ask.query.model_dump(by_alias=True), "member_id": _only_member()}
    with _seeing_points(ask.session) as session:
        rows, total = api_rows.page(
            session, api_nouns.CHECK_INS, wanted, limit=ask.query.per_page, first=ask.query.first
        )
    return page_answer(Page[CheckIn], [CheckIn(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/check-ins/{check_in_id}", TAG, CheckIn, (*SEE, *CHECK_IN), errors=(404,)))
def get_check_in(ask: Ask[Asked, None], check_in_id: int) -> Answer:
    """Return one check-in."""
    with _seeing_points(ask.session) as session:
        return Answer(_find(session, check_in_id))


@offer(
    Operation("POST", "/check-ins", TAG, CheckIn, CHECK_IN, body=CheckInNew, status=201, errors=(404, 409))
)
def add_check_in(ask: Ask[Asked, CheckInNew]) -> Answer:
    """Check in at a point; the same client_uuid again gives back what was stored first."""
    body = ask.body
    with _seeing_points(ask.session) as session:
        new = NewCheckIn(
            at=body.at or current_time(),
            has_findings=body.has_findings,
            point_code=body.point,
            member_id=_member_of(session, body),
            note=body.note,
            lon=body.lon,
            lat=body.lat,
            client_uuid=body.client_uuid,
        )
        stored = service.record(session, current_settings(), new, now=current_time())
        if not _is_same(stored, new):
            raise Conflict("key_used_for_another", key=str(body.client_uuid))
        answer = _find(session, stored.id)
    return Answer(answer, location=url_for("api.get_check_in", check_in_id=answer.id))


@contextmanager
def _seeing_points(session: "Session") -> "Iterator[Session]":
    """Let a patrol member see the points he may check in at, which are no ground of his; others their own ground."""
    if the_account().role is not Role.MEMBER:
        yield session
        return
    with open_transaction() as everything:
        scope = field_scope(everything)
    api_rows.widen(session, scope)
    yield session


def _only_member() -> int | None:
    account = the_account()
    return (account.member_id or 0) if account.role is Role.MEMBER else None


def _member_of(session: "Session", body: CheckInNew) -> int | None:
    account = the_account()
    if account.role is Role.MEMBER:
        if account.member_id is None:
            raise BadRequest("account_without_member")
        if body.member is not None:
            raise BadRequest("member_speaks_for_himself")
        return account.member_id
    if body.member is None:
        return None
    member = people.member_by_code(session, body.member)
    if member is None:
        raise NotFound("member_code_unknown", code=body.member)
    return member.id


def _is_same(stored: "StoredCheckIn", new: NewCheckIn) -> bool:
    return (stored.member_id, stored.has_findings, stored.note) == (
        new.member_id,
        new.has_findings,
        new.note.strip(),
    )


def _find(session: "Session", check_in_id: int) -> CheckIn:
    row = api_rows.one(session, api_nouns.CHECK_INS, {"id": check_in_id, "member_id": _only_member()})
    if row is None:
        raise NotFound
    return CheckIn(**row)

"""Departments, teams, patrol members and their devices; for those who see the whole city."""

from typing import Any, TypeVar

from pydantic import Field

from geoservice.errors import NotFound
from geoservice.store import api_nouns, api_rows
from geoservice.web.api.answers import Answer, page_answer
from geoservice.web.api.models import Asked, Code, Page, Paged, Text, Told
from geoservice.web.api.operations import SEE_CITY, Ask, Operation, offer

TAG = "people"

PagedQuery = TypeVar("PagedQuery", bound=Paged)


class Department(Told):
    """An office that handles cases or sends patrols."""

    id: int = Field(examples=[1])
    code: str = Field(examples=["CG"])
    name: str = Field(examples=["城市管理局"])


class Team(Told):
    """The people who go out together."""

    id: int = Field(examples=[1])
    code: str = Field(examples=["T1"])
    name: str = Field(examples=["一队"])
    department: str | None = Field(description="code of the department")


class Member(Told):
    """A patrol member."""

    id: int = Field(examples=[1])
    code: str = Field(examples=["M1"])
    name: str
    phone: str
    team: str | None = Field(description="code of the team", examples=["T1"])


class Device(Told):
    """What sends fixes."""

    id: int = Field(examples=[1])
    code: str = Field(examples=["D1"])
    member: str | None = Field(description="code of the member", examples=["M1"])
    team: str | None = Field(description="code of the team", examples=["T1"])
    active: bool


class DepartmentsQuery(Paged):
    """Which departments."""

    code: Code | None = None
    q: Text | None = Field(None, description="part of the name or code")


class TeamsQuery(DepartmentsQuery):
    """Which teams."""


class MembersQuery(TeamsQuery):
    """Which members."""

    team: Code | None = Field(None, description="code of the team")


class DevicesQuery(Paged):
    """Which devices."""

    code: Code | None = None
    member: Code | None = Field(None, description="code of the member")
    team: Code | None = Field(None, description="code of the team")
    active: bool | None = None


@offer(
    Operation("GET", "/departments", TAG, Page[Department], SEE_CITY, query=DepartmentsQuery, whole_city=True)
)
def list_departments(ask: Ask[DepartmentsQuery, None]) -> Answer:
    """List departments by code."""
    rows, total = _rows(ask, api_nouns.DEPARTMENTS)
    return page_answer(Page[Department], [Department(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/teams", TAG, Page[Team], SEE_CITY, query=TeamsQuery, whole_city=True))
def list_teams(ask: Ask[TeamsQuery, None]) -> Answer:
    """List teams by code."""
    rows, total = _rows(ask, api_nouns.TEAMS)
    return page_answer(Page[Team], [Team(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/members", TAG, Page[Member], SEE_CITY, query=MembersQuery, whole_city=True))
def list_members(ask: Ask[MembersQuery, None]) -> Answer:
    """List patrol members by code."""
    rows, total = _rows(ask, api_nouns.MEMBERS)
    return page_answer(Page[Member], [Member(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/devices", TAG, Page[Device], SEE_CITY, query=DevicesQuery, whole_city=True))
def list_devices(ask: Ask[DevicesQuery, None]) -> Answer:
    """List devices by code."""
    rows, total = _rows(ask, api_nouns.DEVICES)
    return page_answer(Page[Device], [Device(**row) for row in rows], total, ask.query)


@offer(
    Operation(
        "GET", "/departments/{department_id}", TAG, Department, SEE_CITY, whole_city=True, errors=(404,)
    )
)
def get_department(ask: Ask[Asked, None], department_id: int) -> Answer:
    """Return one department."""
    return Answer(Department(**_one(ask, api_nouns.DEPARTMENTS, department_id)))


@offer(Operation("GET", "/teams/{team_id}", TAG, Team, SEE_CITY, whole_city=True, errors=(404,)))
def get_team(ask: Ask[Asked, None], team_id: int) -> Answer:
    """Return one team."""
    return Answer(Team(**_one(ask, api_nouns.TEAMS, team_id)))


@offer(Operation("GET", "/members/{member_id}", TAG, Member, SEE_CITY, whole_city=True, errors=(404,)))
def get_member(ask: Ask[Asked, None], member_id: int) -> Answer:
    """Return one patrol member."""
    return Answer(Member(**_one(ask, api_nouns.MEMBERS, member_id)))


@offer(Operation("GET", "/devices/{device_id}", TAG, Device, SEE_CITY, whole_city=True, errors=(404,)))
def get_device(ask: Ask[Asked, None], device_id: int) -> Answer:
    """Return one device."""
    return Answer(Device(**_one(ask, api_nouns.DEVICES, device_id)))


def _rows(ask: Ask[PagedQuery, None], listed: api_rows.Listed) -> tuple[list[dict[str, Any]], int]:
    return api_rows.page(
        ask.session, listed, ask.query.model_dump(), limit=ask.query.per_page, first=ask.query.first
    )


def _one(ask: Ask[Asked, None], listed: api_rows.Listed, row_id: int) -> dict[str, Any]:
    row = api_rows.one(ask.session, listed, {"id": row_id})
    if row is None:
        raise NotFound
    return row

"""What is told of cases, and what is asked and said of them."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from geoservice.domain.cases import Action, State
from geoservice.web.api.models import AskedByKey, Code, Given, Id, Instant, LongId, Text, Told


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


class CasesQuery(AskedByKey):
    """Which cases: by default the open ones, the newest first."""

    state: State | None = Field(None, description="in this state only; without it, all that are open")
    closed: bool = Field(False, description="also those that are over")
    kind: Code | None = Field(None, description="code of the kind")
    department_id: Id | None = None
    zone_id: Id | None = Field(None, description="in this zone or one below it")
    point_id: Id | None = None
    overdue: bool | None = None
    asked: Literal["any", "postpone", "suspend", "appeal"] | None = Field(
        None, description="about which such a request waits for a decision, also where the case is over"
    )
    q: Text | None = Field(None, description="the beginning of a number, or a word of title or address")
    urgent_first: bool = Field(False, description="by deadline; only cases with a clock that runs")


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

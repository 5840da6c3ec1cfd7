"""Leaders, and the contracts by which they answer for zones, streets and points."""

from datetime import date
from typing import TYPE_CHECKING, Literal

from flask import url_for
from pydantic import Field

from geoservice.errors import NotFound
from geoservice.services import contracting
from geoservice.store import api_nouns, api_rows
from geoservice.store.contract_rows import ContractRow
from geoservice.web.api.answers import Answer, cut_answer, page_answer
from geoservice.web.api.changing import Found, demand_match
from geoservice.web.api.exclusions import state_of
from geoservice.web.api.models import Asked, Code, Day, Given, Id, Page, Paged, Text, Told
from geoservice.web.api.operations import WRITE, Ask, Operation, offer, sees_whole_city
from geoservice.web.identity import the_account

TAG = "contracts"

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Kind = Literal["zone", "street", "point"]


class Role(Told):
    """A role somebody contracts ground in: the leader himself, or one of the five of a street."""

    code: str = Field(examples=["leader"])
    name_zh: str = Field(examples=["包抓领导"])
    name_en: str = Field(examples=["Leader"])


class Leader(Told):
    """Somebody who contracts ground and answers for it."""

    id: int = Field(examples=[1])
    code: str = Field(examples=["L1"])
    name: str = Field(examples=["王建国"])
    title: str
    phone: str
    department: str | None = Field(description="code of the department")


class Contract(Told):
    """One leader, one piece of ground, one role, from valid_from (null: since ever) until before valid_to."""

    id: int = Field(examples=[1])
    leader_id: int = Field(examples=[1])
    leader_code: str = Field(examples=["L1"])
    leader_name: str = Field(examples=["王建国"])
    role: str = Field(examples=["leader"])
    ground: Kind = Field(examples=["zone"])
    ground_id: int = Field(examples=[2])
    ground_code: str | None = Field(examples=["440399001"])
    valid_from: date | None
    valid_to: date | None


class LeadersQuery(Paged):
    """Which leaders."""

    code: Code | None = None
    q: Text | None = Field(None, description="part of the name or code")


class ContractsQuery(Paged):
    """Which contracts; without `on` those of all days."""

    on: Day | None = Field(None, description="those that hold on this day; all when left out")
    leader: Code | None = Field(None, description="code of the leader")
    role: Code | None = None
    zone: Code | None = None
    street: Code | None = None
    point: Code | None = None


class ContractNew(Given):
    """A contract to be made."""

    leader_id: Id = Field(examples=[1])
    role: Code = Field("leader", examples=["leader"])
    ground: Kind = Field(examples=["zone"])
    ground_id: Id = Field(examples=[2])
    valid_from: Day | None = Field(None, description="null: since ever")
    valid_to: Day | None = Field(None, description="the first day on which it no longer holds")


class ContractPatch(Given):
    """What is to be different; null in a day is a value: since ever, or open."""

    role: Code | None = None
    valid_from: Day | None = None
    valid_to: Day | None = Field(None, examples=["2026-12-31"])


@offer(Operation("GET", "/contract-roles", TAG, Page[Role], query=Paged))
def list_contract_roles(ask: Ask[Paged, None]) -> Answer:
    """List the roles of contracts."""
    rows, _ = api_rows.page(ask.session, api_nouns.ROLES, {})
    return cut_answer(Page[Role], rows, ask.query, lambda row: Role(**row))


@offer(Operation("GET", "/leaders", TAG, Page[Leader], query=LeadersQuery))
def list_leaders(ask: Ask[LeadersQuery, None]) -> Answer:
    """List leaders by code; of part of the city those who contracted some of it."""
    wanted = {**ask.query.model_dump(), "visible": sees_whole_city()}
    rows, total = api_rows.page(
        ask.session, api_nouns.LEADERS, wanted, limit=ask.query.per_page, first=ask.query.first
    )
    return page_answer(Page[Leader], [Leader(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/leaders/{leader_id}", TAG, Leader, errors=(404,)))
def get_leader(ask: Ask[Asked, None], leader_id: int) -> Answer:
    """Return one leader."""
    row = api_rows.one(ask.session, api_nouns.LEADERS, {"id": leader_id, "visible": sees_whole_city()})
    if row is None:
        raise NotFound
    return Answer(Leader(**row))


@offer(Operation("GET", "/contracts", TAG, Page[Contract], query=ContractsQuery))
def list_contracts(ask: Ask[ContractsQuery, None]) -> Answer:
    """List contracts."""
    rows, total = api_rows.page(
        ask.session,
        api_nouns.CONTRACTS,
        ask.query.model_dump(),
        limit=ask.query.per_page,
        first=ask.query.first,
    )
    return page_answer(Page[Contract], [Contract(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/contracts/{contract_id}", TAG, Contract, errors=(404,)))
def get_contract(ask: Ask[Asked, None], contract_id: int) -> Answer:
    """Return one contract."""
    return _find(ask.session, contract_id).answer()


@offer(
    Operation(
        "POST",
        "/contracts",
        TAG,
        Contract,
        WRITE,
        body=ContractNew,
        status=201,
        whole_city=True,
        errors=(404, 409),
    )
)
def add_contract(ask: Ask[Asked, ContractNew]) -> Answer:
    """Make a contract."""
    body = ask.body
    row = ContractRow(body.leader_id, body.role, body.ground, body.ground_id, body.valid_from, body.valid_to)
    return _stored(ask.session, contracting.add_contract(ask.session, row, by=the_account().id))


@offer(
    Operation(
        "PATCH",
        "/contracts/{contract_id}",
        TAG,
        Contract,
        WRITE,
        body=ContractPatch,
        matches=True,
        whole_city=True,
        errors=(404, 409),
    )
)
def change_contract(ask: Ask[Asked, ContractPatch], contract_id: int) -> Answer:
    """Change the role or the days of a contract."""
    contracting.hold_contracts(ask.session)
    old, given = demand_match(ask.session, _find(ask.session, contract_id)), ask.body.model_fields_set
    row = ContractRow(
        old.leader_id,
        ask.body.role or old.role,
        old.ground,
        old.ground_id,
        ask.body.valid_from if "valid_from" in given else old.valid_from,
        ask.body.valid_to if "valid_to" in given else old.valid_to,
    )
    contracting.change_contract(ask.session, contract_id, row, by=the_account().id)
    return _stored(ask.session, contract_id)


@offer(
    Operation(
        "DELETE",
        "/contracts/{contract_id}",
        TAG,
        None,
        WRITE,
        status=204,
        matches=True,
        whole_city=True,
        errors=(404,),
        notes="To let a contract end, set its valid_to instead.",
    )
)
def remove_contract(ask: Ask[Asked, None], contract_id: int) -> Answer:
    """Take a contract back as if it had never been."""
    contracting.hold_contracts(ask.session)
    demand_match(ask.session, _find(ask.session, contract_id))
    contracting.remove_contract(ask.session, contract_id, by=the_account().id)
    return Answer(None)


def _find(session: "Session", contract_id: int) -> Found[Contract]:
    row = api_rows.one(session, api_nouns.CONTRACTS, {"id": contract_id})
    if row is None:
        raise NotFound
    found = Contract(**row)
    return Found(found, state_of(found), "contract", contract_id)


def _stored(session: "Session", contract_id: int) -> Answer:
    return _find(session, contract_id).answer(url_for("api.get_contract", contract_id=contract_id))

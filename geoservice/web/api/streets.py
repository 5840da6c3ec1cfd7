"""Streets: the lines that patrols walk and that leaders contract."""

from typing import TYPE_CHECKING

from flask import url_for
from pydantic import Field

from geoservice.errors import NotFound
from geoservice.services.editing import streets as editing
from geoservice.services.editing.streets import NewStreet
from geoservice.store import api_nouns, api_rows
from geoservice.web.api.answers import Answer, page_answer
from geoservice.web.api.changing import Found, answer_stored, demand_match, hold_ground
from geoservice.web.api.models import (
    Asked,
    Attributes,
    Bbox,
    Code,
    Given,
    Instant,
    Page,
    Paged,
    Text,
    Told,
    corners_of,
)
from geoservice.web.api.operations import WRITE, Ask, Operation, offer
from geoservice.web.api.shapes import LineOut, LineShape, line_of
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

TAG = "streets"


class Street(Told):
    """A stretch of street; drawn the way traffic goes where it is one-way."""

    id: int = Field(examples=[1])
    code: str = Field(examples=["S-001"])
    name: str = Field(examples=["东门路"])
    street_class: str = Field(examples=["residential"])
    one_way: bool
    length_m: float | None = Field(description="null until it is measured")
    zone_id: int | None
    zone_code: str | None
    attributes: Attributes
    row_version: int = Field(examples=[1])
    geometry: LineOut


class StreetsQuery(Paged):
    """Which streets."""

    code: Code | None = None
    street_class: Code | None = None
    zone: Code | None = Field(None, description="code of a leaf zone")
    q: Text | None = Field(None, description="part of the name or code")
    bbox: Bbox | None = None
    changed_since: Instant | None = Field(None, description="came or changed at or after this instant")


class StreetNew(Given):
    """A street to be made."""

    code: Code = Field(examples=["S-900"])
    name: Text = Field("", examples=["新路"])
    street_class: Code = Field("unclassified", examples=["residential"])
    one_way: bool = False
    geometry: LineShape


class StreetPatch(Given):
    """What is to be different; null: stays as it is."""

    code: Code | None = None
    name: Text | None = Field(None, examples=["东门大路"])
    street_class: Code | None = None
    one_way: bool | None = None
    geometry: LineShape | None = None


@offer(Operation("GET", "/streets", TAG, Page[Street], query=StreetsQuery))
def list_streets(ask: Ask[StreetsQuery, None]) -> Answer:
    """List streets by code."""
    wanted = {**ask.query.model_dump(), **corners_of(ask.query.bbox)}
    rows, total = api_rows.page(
        ask.session, api_nouns.STREETS, wanted, limit=ask.query.per_page, first=ask.query.first
    )
    return page_answer(Page[Street], [Street(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/streets/{street_id}", TAG, Street, errors=(404,)))
def get_street(ask: Ask[Asked, None], street_id: int) -> Answer:
    """Return one street."""
    return _find(ask.session, street_id).answer()


@offer(Operation("POST", "/streets", TAG, Street, WRITE, body=StreetNew, status=201, errors=(409,)))
def add_street(ask: Ask[Asked, StreetNew]) -> Answer:
    """Make a street."""
    told = ask.body.model_dump(exclude={"geometry"})
    hold_ground(ask.session)
    street_id = editing.add_street(
        ask.session,
        current_settings(),
        NewStreet(geom=line_of(ask.body.geometry), **told),
        by=the_account().id,
        now=current_time(),
    )
    return _stored(ask.session, street_id)


@offer(
    Operation(
        "PATCH",
        "/streets/{street_id}",
        TAG,
        Street,
        WRITE,
        body=StreetPatch,
        matches=True,
        errors=(404, 409),
    )
)
def change_street(ask: Ask[Asked, StreetPatch], street_id: int) -> Answer:
    """Change a street."""
    hold_ground(ask.session)
    seen = demand_match(ask.session, _find(ask.session, street_id))
    changes: dict[str, object] = ask.body.model_dump(exclude={"geometry"}, exclude_none=True)
    if ask.body.geometry is not None:
        changes["geom"] = line_of(ask.body.geometry)
    editing.change_street(
        ask.session,
        current_settings(),
        street_id,
        changes,
        row_version=seen.row_version,
        by=the_account().id,
        now=current_time(),
    )
    return _stored(ask.session, street_id)


@offer(
    Operation(
        "DELETE",
        "/streets/{street_id}",
        TAG,
        None,
        WRITE,
        status=204,
        matches=True,
        errors=(404, 409),
    )
)
def remove_street(ask: Ask[Asked, None], street_id: int) -> Answer:
    """Delete a street that nothing refers to."""
    hold_ground(ask.session)
    seen = demand_match(ask.session, _find(ask.session, street_id))
    editing.remove_street(
        ask.session,
        current_settings(),
        street_id,
        row_version=seen.row_version,
        by=the_account().id,
        now=current_time(),
    )
    return Answer(None)


def _find(session: "Session", street_id: int) -> Found[Street]:
    row = api_rows.one(session, api_nouns.STREETS, {"id": street_id})
    if row is None:
        raise NotFound
    return Found(Street(**row), str(row["row_version"]), "street", street_id)


def _stored(session: "Session", street_id: int) -> Answer:
    return answer_stored(lambda: _find(session, street_id), url_for("api.get_street", street_id=street_id))

"""Exclusions: ground that nobody has to see."""

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from flask import url_for
from pydantic import Field

from geoservice.errors import NotFound
from geoservice.services import excluding
from geoservice.services.excluding import NewExclusion
from geoservice.store import api_nouns, api_rows
from geoservice.web.api.answers import Answer, page_answer
from geoservice.web.api.changing import Found, demand_match, hold_ground
from geoservice.web.api.models import Asked, Bbox, Code, Day, Given, Page, Paged, Text, Told, corners_of
from geoservice.web.api.operations import WRITE, Ask, Operation, offer, sees_whole_city
from geoservice.web.api.shapes import Ground, MultiPolygonOut, ground_of
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.identity import the_account

TAG = "exclusions"

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Exclusion(Told):
    """One version of an exclusion. It holds from valid_from (null: since ever) until before valid_to."""

    id: int = Field(examples=[1])
    code: str = Field(examples=["X-1"])
    kind: str = Field(description="water, compound, mountain, other, or a word of the city's own")
    name: str
    reason: str
    valid_from: date | None
    valid_to: date | None
    batch_id: int | None
    geometry: MultiPolygonOut


class ExclusionsQuery(Paged):
    """Which exclusions."""

    on: Day | None = Field(None, description="as they were on this day; today when left out")
    code: Code | None = None
    kind: Code | None = None
    q: Text | None = Field(None, description="part of the name, code or reason")
    bbox: Bbox | None = None


class ExclusionNew(Given):
    """Ground to be excluded."""

    code: Code = Field(examples=["X-9"])
    kind: Code = Field("other", examples=["water"])
    name: Text = Field("", examples=["东湖"])
    reason: Text = Field("", examples=["水域"])
    valid_from: Day | None = Field(None, description="null: since ever")
    valid_to: Day | None = Field(None, description="the first day on which it no longer holds")
    geometry: Ground
    accept_repairs: bool = Field(False, description="take the polygon as we repair it")


class ExclusionPatch(Given):
    """What is to be different; another kind or border holds from today on. Null: stays as it is."""

    kind: Code | None = None
    name: Text | None = None
    reason: Text | None = Field(None, examples=["水域，无法巡查"])
    geometry: Ground | None = None
    accept_repairs: bool = False


@offer(Operation("GET", "/exclusions", TAG, Page[Exclusion], query=ExclusionsQuery))
def list_exclusions(ask: Ask[ExclusionsQuery, None]) -> Answer:
    """List the ground that nobody has to see on a day, as far as it lies on the asker's."""
    wanted = {
        **ask.query.model_dump(),
        "on": ask.query.on or today(),
        "visible": sees_whole_city(),
        **corners_of(ask.query.bbox),
    }
    rows, total = api_rows.page(
        ask.session, api_nouns.EXCLUSIONS, wanted, limit=ask.query.per_page, first=ask.query.first
    )
    return page_answer(Page[Exclusion], [Exclusion(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/exclusions/{exclusion_id}", TAG, Exclusion, errors=(404,)))
def get_exclusion(ask: Ask[Asked, None], exclusion_id: int) -> Answer:
    """Return one version of an exclusion."""
    return _find(ask.session, exclusion_id).answer()


@offer(
    Operation(
        "POST",
        "/exclusions",
        TAG,
        Exclusion,
        WRITE,
        body=ExclusionNew,
        status=201,
        whole_city=True,
        errors=(409,),
    )
)
def add_exclusion(ask: Ask[Asked, ExclusionNew]) -> Answer:
    """Exclude ground."""
    body = ask.body
    new = NewExclusion(
        body.code,
        body.kind,
        body.name,
        body.reason,
        ground_of(body.geometry, accept_repairs=body.accept_repairs),
        body.valid_from,
        body.valid_to,
    )
    hold_ground(ask.session)
    added = excluding.add_exclusion(ask.session, current_settings(), new, by=the_account().id)
    return _stored(ask.session, added)


@offer(
    Operation(
        "PATCH",
        "/exclusions/{exclusion_id}",
        TAG,
        Exclusion,
        WRITE,
        body=ExclusionPatch,
        matches=True,
        whole_city=True,
        errors=(404, 409),
        notes="The answer may be another version, with an id of its own: see Location.",
    )
)
def change_exclusion(ask: Ask[Asked, ExclusionPatch], exclusion_id: int) -> Answer:
    """Change an exclusion."""
    body = ask.body
    hold_ground(ask.session)
    demand_match(ask.session, _find(ask.session, exclusion_id))
    words = body.model_dump(include={"kind", "name", "reason"}, exclude_none=True)
    shape = None if body.geometry is None else ground_of(body.geometry, accept_repairs=body.accept_repairs)
    changed = excluding.change_exclusion(
        ask.session,
        current_settings(),
        exclusion_id,
        words,
        shape,
        by=the_account().id,
        now=current_time(),
    )
    return _stored(ask.session, changed)


@offer(
    Operation(
        "DELETE",
        "/exclusions/{exclusion_id}",
        TAG,
        None,
        WRITE,
        status=204,
        matches=True,
        whole_city=True,
        errors=(404, 409),
    )
)
def end_exclusion(ask: Ask[Asked, None], exclusion_id: int) -> Answer:
    """Let ground be seen again from today on."""
    hold_ground(ask.session)
    demand_match(ask.session, _find(ask.session, exclusion_id))
    excluding.end_exclusion(
        ask.session, current_settings(), exclusion_id, by=the_account().id, now=current_time()
    )
    return Answer(None)


def _find(session: "Session", exclusion_id: int) -> Found[Exclusion]:
    row = api_rows.one(session, api_nouns.EXCLUSIONS, {"id": exclusion_id, "visible": sees_whole_city()})
    if row is None:
        raise NotFound
    found = Exclusion(**row)
    return Found(found, state_of(found), "exclusion", exclusion_id)


def _stored(session: "Session", exclusion_id: int) -> Answer:
    return _find(session, exclusion_id).answer(url_for("api.get_exclusion", exclusion_id=exclusion_id))


def state_of(content: Any) -> str:
    """Return what changes whenever a row without a version of its own changes."""
    return hashlib.sha256(cast("Told", content).model_dump_json().encode()).hexdigest()[:16]

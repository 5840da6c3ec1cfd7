"""Zones and their levels."""

from datetime import date
from typing import TYPE_CHECKING, Any

from flask import url_for
from pydantic import Field

from geoservice.errors import NotFound
from geoservice.services.editing import zones as editing
from geoservice.services.editing.zones import UNTOLD, NewZone, ZoneChanges
from geoservice.store import api_nouns, api_rows
from geoservice.web.api.answers import Answer, cut_answer, page_answer
from geoservice.web.api.changing import Found, demand_match, hold_ground
from geoservice.web.api.models import (
    Asked,
    Attributes,
    Bbox,
    Code,
    Day,
    Given,
    Id,
    Instant,
    Page,
    Paged,
    Text,
    Told,
    corners_of,
)
from geoservice.web.api.operations import WRITE, Ask, Operation, offer
from geoservice.web.api.shapes import Ground, MultiPolygonOut, ground_of
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

TAG = "zones"


class Level(Told):
    """A level of the hierarchy; rank 1 is the widest."""

    code: str = Field(examples=["grid"])
    rank: int = Field(examples=[5])
    name_zh: str = Field(examples=["网格"])
    name_en: str = Field(examples=["Grid"])


class Zone(Told):
    """A zone as it is on a day. It holds from valid_from (null: since ever) until before valid_to."""

    id: int = Field(examples=[17])
    level: str = Field(examples=["grid"])
    code: str = Field(examples=["440399001006"])
    name: str = Field(examples=["第六网格"])
    parent_id: int | None = Field(examples=[2])
    parent_code: str | None = Field(examples=["440399001"])
    valid_from: date | None
    valid_to: date | None
    attributes: Attributes
    row_version: int = Field(examples=[1])
    geometry: MultiPolygonOut


class ZonesQuery(Paged):
    """Which zones; `on`: as they were on a day."""

    on: Day | None = Field(None, description="as they were on this day; today when left out")
    level: Code | None = None
    code: Code | None = None
    parent_id: Id | None = None
    q: Text | None = Field(None, description="part of the name or code")
    bbox: Bbox | None = None
    changed_since: Instant | None = Field(None, description="came or changed at or after this instant")


class ZoneQuery(Asked):
    """As of which day."""

    on: Day | None = Field(None, description="as it was on this day; today when left out")


class ZoneNew(Given):
    """A zone to be made; it holds since ever where its level has no borders of an earlier day."""

    level: Code = Field(examples=["grid"])
    code: Code = Field(examples=["440399001099"])
    name: Text = Field(min_length=1, examples=["新网格"])
    parent_id: Id | None = Field(None, examples=[2])
    geometry: Ground
    accept_repairs: bool = Field(False, description="take the polygon as we repair it")


class ZonePatch(Given):
    """What is to be different from today on; `correct`: as if it had always been so."""

    name: Text | None = Field(None, min_length=1, examples=["改名网格"])
    code: Code | None = None
    parent_id: Id | None = None
    geometry: Ground | None = None
    correct: bool = False
    accept_repairs: bool = False


@offer(Operation("GET", "/levels", TAG, Page[Level], query=Paged))
def list_levels(ask: Ask[Paged, None]) -> Answer:
    """List the levels of zones."""
    rows, _ = api_rows.page(ask.session, api_nouns.LEVELS, {})
    return cut_answer(Page[Level], rows, ask.query, lambda row: Level(**row))


@offer(Operation("GET", "/zones", TAG, Page[Zone], query=ZonesQuery))
def list_zones(ask: Ask[ZonesQuery, None]) -> Answer:
    """List zones, the widest level first."""
    wanted = {**ask.query.model_dump(), "on": ask.query.on or today(), **corners_of(ask.query.bbox)}
    rows, total = api_rows.page(
        ask.session, api_nouns.ZONES, wanted, limit=ask.query.per_page, first=ask.query.first
    )
    return page_answer(Page[Zone], [_zone(row) for row in rows], total, ask.query)


@offer(Operation("GET", "/zones/{zone_id}", TAG, Zone, query=ZoneQuery, errors=(404,)))
def get_zone(ask: Ask[ZoneQuery, None], zone_id: int) -> Answer:
    """Return one zone."""
    return _find(ask.session, zone_id, ask.query.on).answer()


@offer(
    Operation(
        "POST", "/zones", TAG, Zone, WRITE, body=ZoneNew, status=201, whole_city=True, errors=(409, 422)
    )
)
def add_zone(ask: Ask[Asked, ZoneNew]) -> Answer:
    """Draw a zone."""
    body = ask.body
    border = ground_of(body.geometry, accept_repairs=body.accept_repairs)
    hold_ground(ask.session)
    zone_id = editing.add_zone(
        ask.session,
        current_settings(),
        NewZone(body.level, body.code, body.name, body.parent_id, border),
        by=the_account().id,
        now=current_time(),
        accept_repairs=body.accept_repairs,
    )
    return _stored(ask.session, zone_id)


@offer(
    Operation(
        "PATCH",
        "/zones/{zone_id}",
        TAG,
        Zone,
        WRITE,
        body=ZonePatch,
        matches=True,
        errors=(404, 409, 422),
    )
)
def change_zone(ask: Ask[Asked, ZonePatch], zone_id: int) -> Answer:
    """Change a zone from today on, or correct it."""
    body, given = ask.body, ask.body.model_fields_set
    hold_ground(ask.session)
    seen = demand_match(ask.session, _find(ask.session, zone_id))
    changes = ZoneChanges(
        name=UNTOLD if body.name is None else body.name,
        code=UNTOLD if body.code is None else body.code,
        parent_id=body.parent_id if "parent_id" in given else UNTOLD,
        geom=UNTOLD
        if body.geometry is None
        else ground_of(body.geometry, accept_repairs=body.accept_repairs),
    )
    editing.change_zone(
        ask.session,
        current_settings(),
        zone_id,
        changes,
        row_version=seen.row_version,
        by=the_account().id,
        now=current_time(),
        correct=body.correct,
        accept_repairs=body.accept_repairs,
    )
    return _stored(ask.session, zone_id)


@offer(
    Operation(
        "DELETE",
        "/zones/{zone_id}",
        TAG,
        None,
        WRITE,
        status=204,
        matches=True,
        errors=(404, 409),
    )
)
def end_zone(ask: Ask[Asked, None], zone_id: int) -> Answer:
    """Let a zone be no more from today on; its past stays."""
    hold_ground(ask.session)
    seen = demand_match(ask.session, _find(ask.session, zone_id))
    editing.end_zone(
        ask.session,
        current_settings(),
        zone_id,
        row_version=seen.row_version,
        by=the_account().id,
        now=current_time(),
    )
    return Answer(None)


def _find(session: "Session", zone_id: int, on: date | None = None) -> Found[Zone]:
    row = api_rows.one(session, api_nouns.ZONES, {"id": zone_id, "on": on or today()})
    if row is None:
        raise NotFound
    return Found(_zone(row), f"{row['version_id']}.{row['row_version']}", "zone_version", row["version_id"])


def _stored(session: "Session", zone_id: int) -> Answer:
    return _find(session, zone_id).answer(url_for("api.get_zone", zone_id=zone_id))


def _zone(row: dict[str, Any]) -> Zone:
    return Zone(**{name: value for name, value in row.items() if name != "version_id"})

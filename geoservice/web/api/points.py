"""Inspection points and their categories."""

from typing import TYPE_CHECKING

from flask import url_for
from pydantic import Field

from geoservice.errors import NotFound
from geoservice.services.editing import points as editing
from geoservice.services.editing.points import NewPoint
from geoservice.store import api_nouns, api_rows
from geoservice.web.api.answers import Answer, cut_answer, page_answer
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
from geoservice.web.api.shapes import PointOut, PointShape, point_of
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

TAG = "points"


class Category(Told):
    """What points of a kind require unless a point says otherwise."""

    code: str = Field(examples=["market"])
    name_zh: str = Field(examples=["农贸市场"])
    name_en: str = Field(examples=["Market"])
    required_interval_days: float = Field(examples=[1])
    service_minutes: float = Field(examples=[30])
    weight: float = Field(examples=[3])
    visit_radius_m: float | None = Field(description="null: the deployment's")
    visit_dwell_s: float | None = Field(description="null: the deployment's")


class Point(Told):
    """An inspection point; null in interval, minutes or weight: its category's."""

    id: int = Field(examples=[1])
    code: str = Field(examples=["P-001"])
    category: str = Field(examples=["market"])
    name: str = Field(examples=["东门市场"])
    address: str
    required_interval_days: float | None
    service_minutes: float | None
    weight: float | None
    zone_id: int | None = Field(description="the leaf zone it stands in today")
    zone_code: str | None
    active: bool
    attributes: Attributes
    row_version: int = Field(examples=[1])
    geometry: PointOut


class PointsQuery(Paged):
    """Which points."""

    code: Code | None = None
    category: Code | None = None
    active: bool | None = None
    zone: Code | None = Field(None, description="code of the leaf zone it stands in")
    q: Text | None = Field(None, description="part of the name, code or address")
    bbox: Bbox | None = None
    changed_since: Instant | None = Field(None, description="came or changed at or after this instant")


class PointNew(Given):
    """A point to be made."""

    code: Code = Field(examples=["P-900"])
    category: Code = Field(examples=["market"])
    name: Text = Field(min_length=1, examples=["新市场"])
    address: Text = ""
    required_interval_days: float | None = Field(None, gt=0, le=3650)
    service_minutes: float | None = Field(None, ge=0, le=1440)
    weight: float | None = Field(None, ge=0, le=1000)
    geometry: PointShape


class PointPatch(Given):
    """What is to be different; null in interval, minutes or weight: the category's."""

    code: Code | None = None
    category: Code | None = None
    name: Text | None = Field(None, min_length=1)
    address: Text | None = Field(None, examples=["东门路 1 号"])
    required_interval_days: float | None = Field(None, gt=0, le=3650)
    service_minutes: float | None = Field(None, ge=0, le=1440)
    weight: float | None = Field(None, ge=0, le=1000)
    active: bool | None = None
    geometry: PointShape | None = None


CATEGORYS_OWN = frozenset({"required_interval_days", "service_minutes", "weight"})
"""Where null is a value: what the category requires."""


@offer(Operation("GET", "/point-categories", TAG, Page[Category], query=Paged))
def list_point_categories(ask: Ask[Paged, None]) -> Answer:
    """List the categories of points."""
    rows, _ = api_rows.page(ask.session, api_nouns.CATEGORIES, {})
    return cut_answer(Page[Category], rows, ask.query, lambda row: Category(**row))


@offer(Operation("GET", "/points", TAG, Page[Point], query=PointsQuery))
def list_points(ask: Ask[PointsQuery, None]) -> Answer:
    """List points by code."""
    wanted = {**ask.query.model_dump(), **corners_of(ask.query.bbox)}
    rows, total = api_rows.page(
        ask.session, api_nouns.POINTS, wanted, limit=ask.query.per_page, first=ask.query.first
    )
    return page_answer(Page[Point], [Point(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/points/{point_id}", TAG, Point, errors=(404,)))
def get_point(ask: Ask[Asked, None], point_id: int) -> Answer:
    """Return one point."""
    return _find(ask.session, point_id).answer()


@offer(Operation("POST", "/points", TAG, Point, WRITE, body=PointNew, status=201, errors=(404, 409)))
def add_point(ask: Ask[Asked, PointNew]) -> Answer:
    """Make a point."""
    told = ask.body.model_dump(exclude={"geometry"})
    hold_ground(ask.session)
    point_id = editing.add_point(
        ask.session,
        current_settings(),
        NewPoint(geom=point_of(ask.body.geometry), **told),
        by=the_account().id,
        now=current_time(),
    )
    return _stored(ask.session, point_id)


@offer(
    Operation(
        "PATCH",
        "/points/{point_id}",
        TAG,
        Point,
        WRITE,
        body=PointPatch,
        matches=True,
        errors=(404, 409),
    )
)
def change_point(ask: Ask[Asked, PointPatch], point_id: int) -> Answer:
    """Change a point."""
    hold_ground(ask.session)
    seen = demand_match(ask.session, _find(ask.session, point_id))
    told = ask.body.model_dump(exclude={"geometry"}, exclude_unset=True)
    changes: dict[str, object] = {
        name: value for name, value in told.items() if value is not None or name in CATEGORYS_OWN
    }
    if ask.body.geometry is not None:
        changes["geom"] = point_of(ask.body.geometry)
    editing.change_point(
        ask.session,
        current_settings(),
        point_id,
        changes,
        row_version=seen.row_version,
        by=the_account().id,
        now=current_time(),
    )
    return _stored(ask.session, point_id)


@offer(
    Operation(
        "DELETE",
        "/points/{point_id}",
        TAG,
        None,
        WRITE,
        status=204,
        matches=True,
        errors=(404, 409),
    )
)
def remove_point(ask: Ask[Asked, None], point_id: int) -> Answer:
    """Take a point out of use; what was seen there stays."""
    hold_ground(ask.session)
    seen = demand_match(ask.session, _find(ask.session, point_id))
    editing.remove_point(
        ask.session,
        current_settings(),
        point_id,
        row_version=seen.row_version,
        by=the_account().id,
        now=current_time(),
    )
    return Answer(None)


def _find(session: "Session", point_id: int) -> Found[Point]:
    row = api_rows.one(session, api_nouns.POINTS, {"id": point_id})
    if row is None:
        raise NotFound
    return Found(Point(**row), str(row["row_version"]), "point", point_id)


def _stored(session: "Session", point_id: int) -> Answer:
    return answer_stored(lambda: _find(session, point_id), url_for("api.get_point", point_id=point_id))

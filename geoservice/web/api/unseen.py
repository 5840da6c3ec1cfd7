"""What nobody saw: blind spots, points by their state, and the list of everything unvisited."""

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal

import shapely
from pydantic import Field, WithJsonSchema

from geoservice.domain.intervals import Due
from geoservice.services import coverage, points, unvisited
from geoservice.services.point_counts import PointState
from geoservice.web.api.answers import Answer, cut_answer
from geoservice.web.api.coverage import Answerable
from geoservice.web.api.models import Code, Page, Told
from geoservice.web.api.operations import Ask, Operation, offer
from geoservice.web.api.spans import GroundQuery, PartOfDay, Span, WindowQuery, span_of
from geoservice.web.deployment import current_settings, current_time

TAG = "unseen"

AnyPolygon = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "required": ["type", "coordinates"],
            "properties": {"type": {"enum": ["Polygon", "MultiPolygon"]}, "coordinates": {"type": "array"}},
            "description": "GeoJSON, WGS 84, longitude first",
        }
    ),
]


class Gap(Told):
    """A blind spot. `days_unseen` null: never seen within the history looked at."""

    zone_id: int
    zone_code: str
    zone_name: str
    area_m2: float
    last_seen_on: date | None
    days_unseen: int | None
    point_count: int
    point_weight: float
    score: float = Field(description="hectares × (1 + weight of the points inside) × days unseen")
    leader: str | None
    others: list[Answerable]
    geometry: AnyPolygon


class GapPage(Page[Gap]):
    """Blind spots, the highest score first."""

    window: Span
    has_data: bool


class PointInWindow(Told):
    """How a point stands in a window."""

    point_id: int
    code: str
    name: str
    category: str
    lon: float
    lat: float
    zone_id: int | None
    state: PointState
    visit_count: int
    check_in_count: int
    finding_count: int
    last_visit_at: datetime | None
    required_interval_days: float
    longest_unvisited_days: float | None
    compliant: bool | None
    overdue_days: float | None
    due_on: date | None
    due: Due


class PointInWindowPage(Page[PointInWindow]):
    """Points by code."""

    window: Span


class PointsOfWindow(GroundQuery):
    """Which days, which points."""

    state: PointState | None = None
    due: Due | None = None


class Unvisited(Told):
    """Something nobody saw in the window."""

    kind: Literal["zone", "street", "point", "gap"]
    code: str = Field(description="of the zone, street or point; of a blind spot: of its zone")
    name: str
    level: str | None = Field(description="of a zone")
    period: PartOfDay | None = Field(
        description="of a zone: the part of the day; null: the whole of each day"
    )
    to_see_m2: float | None = Field(description="of a zone or a blind spot: the ground nobody saw")
    to_see_m: float | None = Field(description="of a street: the length nobody saw")
    never: bool = Field(
        description="nobody saw it in the whole history looked at either, as far as that is known"
    )


class UnvisitedPage(Page[Unvisited]):
    """Zones by part of the day, then streets, points and blind spots."""

    window: Span
    has_data: bool = Field(description="false: nothing at all was seen in the window, and nothing is known")


class UnvisitedQuery(WindowQuery):
    """Which days, which zones."""

    level: Code | None = None
    zone: Code | None = Field(None, description="code of a zone: it and all below it")


@offer(Operation("GET", "/gaps", TAG, GapPage, query=GroundQuery, errors=(404,)))
def list_gaps(ask: Ask[GroundQuery, None]) -> Answer:
    """List the blind spots of a window."""
    window = ask.query.window
    rows = coverage.zone_gaps(
        ask.session, current_settings(), window, zone_ids=ask.query.zone_ids(ask.session)
    )
    return cut_answer(
        GapPage,
        rows,
        ask.query,
        _gap,
        window=span_of(window),
        has_data=coverage.has_data(ask.session, window),
    )


@offer(Operation("GET", "/coverage/points", TAG, PointInWindowPage, query=PointsOfWindow, errors=(404,)))
def list_point_states(ask: Ask[PointsOfWindow, None]) -> Answer:
    """List active points with how each stands in a window."""
    window, query = ask.query.window, ask.query
    rows = points.point_rows(
        ask.session, current_settings(), window, now=current_time(), zone_ids=query.zone_ids(ask.session)
    )
    found = [row for row in rows if query.state in {None, row.state} and query.due in {None, row.due}]
    return cut_answer(
        PointInWindowPage, found, query, lambda row: PointInWindow(**vars(row)), window=span_of(window)
    )


@offer(Operation("GET", "/unvisited", TAG, UnvisitedPage, query=UnvisitedQuery, errors=(404,)))
def list_unvisited(ask: Ask[UnvisitedQuery, None]) -> Answer:
    """List everything that nobody saw in a window."""
    window = ask.query.window
    found = unvisited.unvisited(
        ask.session,
        current_settings(),
        window,
        now=current_time(),
        level=ask.query.level,
        code=ask.query.zone,
    )
    return cut_answer(
        UnvisitedPage,
        _unvisited(found),
        ask.query,
        lambda row: Unvisited(**{**_NOTHING, **row}),
        window=span_of(window),
        has_data=found.has_data,
    )


_NOTHING: dict[str, Any] = {
    "level": None,
    "period": None,
    "to_see_m2": None,
    "to_see_m": None,
    "never": False,
}


def _unvisited(found: unvisited.Unvisited) -> list[dict[str, Any]]:
    zones = [
        {
            "kind": "zone",
            "code": row.code,
            "name": row.name,
            "level": row.level,
            "period": row.period.name.lower() if row.period else None,
            "to_see_m2": row.ground_m2,
        }
        for row in found.zones_never
    ]
    streets = [
        {
            "kind": "street",
            "code": row.code,
            "name": row.name,
            "to_see_m": row.length_m - row.tunnel_m - row.excluded_m,
        }
        for row in found.streets
    ]
    places = [
        {"kind": "point", "code": row.code, "name": row.name, "never": row.last_visit_at is None}
        for row in found.points
    ]
    gaps = [
        {
            "kind": "gap",
            "code": row.zone_code,
            "name": row.zone_name,
            "to_see_m2": row.area_m2,
            "never": True,
        }
        for row in found.gaps
    ]
    return [*zones, *streets, *places, *gaps]


def _gap(row: coverage.GapRow) -> Gap:
    told = {name: value for name, value in vars(row).items() if name not in {"others", "geometry"}}
    return Gap(
        **told,
        others=[Answerable(role=role, name=name) for role, name in row.others],
        geometry=json.loads(shapely.to_geojson(row.geometry)),
    )

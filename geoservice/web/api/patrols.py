"""Routes with their stops, and the patrols that walk them; for those who see the whole city."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from geoservice.domain.tracks import Mode
from geoservice.errors import NotFound
from geoservice.store import api_nouns, api_rows
from geoservice.web.api.answers import Answer, page_answer
from geoservice.web.api.models import Asked, Code, Day, Page, Paged, Text, Told
from geoservice.web.api.operations import SEE_CITY, Ask, Operation, offer
from geoservice.web.api.shapes import LineOut

TAG = "patrols"

Status = Literal["draft", "published", "under_way", "done", "cancelled"]


class Stop(Told):
    """One stop of a route: a point, a street, or a bare place with a label."""

    position: int = Field(examples=[1])
    point: str | None = Field(description="code of the point", examples=["P-001"])
    street: str | None = Field(description="code of the street")
    label: str
    lon: float = Field(examples=[114.0535])
    lat: float = Field(examples=[22.5327])
    service_minutes: float | None
    arrive_s: float | None = Field(description="planned, seconds after the patrol's start")


class Route(Told):
    """A planned order of stops; geometry is the line it follows, null while that is not known."""

    id: int = Field(examples=[1])
    code: str = Field(examples=["R1"])
    name: str
    mode: Literal["foot", "ebike", "car"]
    stops: int = Field(description="how many stops it has")
    geometry: LineOut | None


class RouteFull(Route):
    """A route with its stops."""

    places: list[Stop]


class Patrol(Told):
    """A route on a day, given to a team. What it did is told by tracks and check-ins."""

    id: int = Field(examples=[1])
    on_day: date
    route_id: int
    route: str = Field(description="code of the route", examples=["R1"])
    team: str = Field(description="code of the team", examples=["T1"])
    members: list[str] = Field(description="codes of those who walk it", examples=[["M1"]])
    status: Status
    starts_at: datetime | None
    ends_at: datetime | None
    started_at: datetime | None = Field(description="as the phone said")
    finished_at: datetime | None = Field(description="as the phone said")


class RoutesQuery(Paged):
    """Which routes."""

    code: Code | None = None
    q: Text | None = Field(None, description="part of the name or code")


class PatrolsQuery(Paged):
    """Which patrols."""

    on: Day | None = Field(None, description="of this day")
    from_: Day | None = Field(None, alias="from", description="of this day or later")
    to: Day | None = Field(None, description="of this day or earlier")
    team: Code | None = Field(None, description="code of the team")
    route: Code | None = Field(None, description="code of the route")
    status: Status | None = None


@offer(Operation("GET", "/routes", TAG, Page[Route], SEE_CITY, query=RoutesQuery, whole_city=True))
def list_routes(ask: Ask[RoutesQuery, None]) -> Answer:
    """List routes by code."""
    rows, total = api_rows.page(
        ask.session,
        api_nouns.ROUTES,
        ask.query.model_dump(),
        limit=ask.query.per_page,
        first=ask.query.first,
    )
    return page_answer(Page[Route], [Route(**_moving(row)) for row in rows], total, ask.query)


@offer(Operation("GET", "/routes/{route_id}", TAG, RouteFull, SEE_CITY, whole_city=True, errors=(404,)))
def get_route(ask: Ask[Asked, None], route_id: int) -> Answer:
    """Return one route with its stops in order."""
    row = api_rows.one(ask.session, api_nouns.ROUTES, {"id": route_id})
    if row is None:
        raise NotFound
    stops, _ = api_rows.page(ask.session, api_nouns.STOPS, {"route_id": route_id})
    return Answer(RouteFull(**_moving(row), places=[Stop(**stop) for stop in stops]))


@offer(Operation("GET", "/patrols", TAG, Page[Patrol], SEE_CITY, query=PatrolsQuery, whole_city=True))
def list_patrols(ask: Ask[PatrolsQuery, None]) -> Answer:
    """List patrols, the newest day first."""
    rows, total = api_rows.page(
        ask.session,
        api_nouns.PATROLS,
        ask.query.model_dump(by_alias=True),
        limit=ask.query.per_page,
        first=ask.query.first,
    )
    return page_answer(Page[Patrol], [Patrol(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/patrols/{patrol_id}", TAG, Patrol, SEE_CITY, whole_city=True, errors=(404,)))
def get_patrol(ask: Ask[Asked, None], patrol_id: int) -> Answer:
    """Return one patrol."""
    row = api_rows.one(ask.session, api_nouns.PATROLS, {"id": patrol_id})
    if row is None:
        raise NotFound
    return Answer(Patrol(**row))


def _moving(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "mode": Mode(row["mode"]).name.lower()}

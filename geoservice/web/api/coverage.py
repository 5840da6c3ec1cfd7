"""Coverage: how much of each zone and street was seen in a window, always with numerator and denominator."""

import math
from typing import Any

from pydantic import Field

from geoservice.errors import NotFound
from geoservice.services import coverage as service
from geoservice.services import streets
from geoservice.services.ground import read_grid
from geoservice.store import device_days
from geoservice.store import jobs as jobs_store
from geoservice.web.api.answers import Answer, cut_answer
from geoservice.web.api.jobs import Job, find_job
from geoservice.web.api.models import Asked, Code, Page, Told
from geoservice.web.api.operations import COMPUTE, Ask, Operation, offer
from geoservice.web.api.spans import GroundQuery, Span, WindowBody, WindowQuery, span_of
from geoservice.web.deployment import current_settings
from geoservice.web.identity import the_account
from geoservice.web.windows import period_args

TAG = "coverage"


class Answerable(Told):
    """Somebody who answers for ground beside its leader."""

    role: str
    name: str


class ZoneCoverage(Told):
    """What was seen of a zone. rate = covered_m2 / to_see_m2; null: no data in the window, or nothing to see.

    `cells` counts the zone's cells of the raster; null for a zone of a few cells, which is measured exactly.
    """

    zone_id: int
    code: str = Field(examples=["440399001001"])
    name: str
    level: str = Field(examples=["grid"])
    is_leaf: bool
    area_m2: float
    excluded_m2: float
    covered_m2: float = Field(description="numerator")
    to_see_m2: float = Field(description="denominator: the area less what is excluded")
    rate: float | None = Field(ge=0, le=1)
    cells: int | None
    gap_count: int | None = Field(description="null while the window has no fresh report of blind spots")
    leader: str | None
    others: list[Answerable]


class ZoneCoveragePage(Page[ZoneCoverage]):
    """Zones and what was seen of them."""

    window: Span
    has_data: bool = Field(description="false: nothing at all was seen in the window, and no rate is known")
    is_waiting: bool = Field(description="tracks have come that are not computed yet")


class StreetLength(Told):
    """Metres of streets. rate = covered_m / to_see_m; null: no data in the window, or nothing to see."""

    length_m: float
    tunnel_m: float
    excluded_m: float
    covered_m: float = Field(description="numerator")
    to_see_m: float = Field(description="denominator: the length less tunnels and what is excluded")
    rate: float | None


class StreetCoverage(StreetLength):
    """What was seen of a street, or of what lies of it in the zone asked for."""

    street_id: int
    code: str
    name: str
    street_class: str


class ZoneStreetCoverage(StreetLength):
    """What was seen of the streets of a zone, every piece once."""

    zone_id: int
    code: str
    name: str
    level: str


class StreetCoveragePage(Page[StreetCoverage]):
    """Streets and what was seen of them."""

    window: Span


class ZoneStreetCoveragePage(Page[ZoneStreetCoverage]):
    """Zones and what was seen of their streets."""

    window: Span


class ZonesOfWindow(WindowQuery):
    """Which days, which zones."""

    level: Code | None = None
    code: Code | None = Field(None, description="code of a zone: it and all below it")


class Asking(Told):
    """The jobs that do what was asked; a window that is asked for again while it waits is the same job."""

    jobs: list[Job]


@offer(Operation("GET", "/coverage/zones", TAG, ZoneCoveragePage, query=ZonesOfWindow, errors=(404,)))
def list_zone_coverage(ask: Ask[ZonesOfWindow, None]) -> Answer:
    """List what was seen of each zone in a window."""
    window = ask.query.window
    rows = service.zone_coverage(
        ask.session, current_settings(), window, level=ask.query.level, code=ask.query.code
    )
    cell_m2 = read_grid(ask.session).cell_m ** 2 if rows else math.inf
    return cut_answer(
        ZoneCoveragePage,
        rows,
        ask.query,
        lambda row: _zone(row, cell_m2),
        window=span_of(window),
        has_data=service.has_data(ask.session, window),
        is_waiting=device_days.is_waiting(ask.session),
    )


@offer(Operation("GET", "/coverage/streets", TAG, StreetCoveragePage, query=GroundQuery, errors=(404,)))
def list_street_coverage(ask: Ask[GroundQuery, None]) -> Answer:
    """List what was seen of each street in a window."""
    window = ask.query.window
    rows = streets.street_rows(
        ask.session, current_settings(), window, zone_ids=ask.query.zone_ids(ask.session)
    )
    return cut_answer(
        StreetCoveragePage,
        rows,
        ask.query,
        lambda row: StreetCoverage(
            street_id=row.street_id,
            code=row.code,
            name=row.name,
            street_class=row.street_class,
            **_length(row),
        ),
        window=span_of(window),
    )


@offer(
    Operation("GET", "/coverage/zone-streets", TAG, ZoneStreetCoveragePage, query=GroundQuery, errors=(404,))
)
def list_zone_street_coverage(ask: Ask[GroundQuery, None]) -> Answer:
    """List what was seen of each zone's streets in a window."""
    window = ask.query.window
    rows = streets.zones_by_length(
        ask.session, current_settings(), window, zone_ids=ask.query.zone_ids(ask.session)
    )
    return cut_answer(
        ZoneStreetCoveragePage,
        rows,
        ask.query,
        lambda row: ZoneStreetCoverage(
            zone_id=row.zone_id, code=row.code, name=row.name, level=row.level, **_length(row)
        ),
        window=span_of(window),
    )


@offer(Operation("POST", "/coverage", TAG, Asking, COMPUTE, body=WindowBody, status=202))
def compute_window(ask: Ask[Asked, WindowBody]) -> Answer:
    """Ask for the coverage of a window and then its blind spots."""
    window = ask.body.window
    days: dict[str, Any] = {"from": window.from_on.isoformat(), "to": window.to_on.isoformat()}
    asked = {**days, **period_args(window)}
    ids = [
        jobs_store.ask(
            ask.session, kind, args, dedupe_key=" ".join((kind, *args.values())), by=the_account().id
        )
        for kind, args in (("cover", days), ("gap_report", asked))
    ]
    return Answer(Asking(jobs=[_job(ask, job_id) for job_id in ids]), wake=ids)


def _job(ask: Ask[Any, Any], job_id: int) -> Job:
    """Return a job that was just asked for; one that somebody else had asked for already shows no more than that it is there."""
    try:
        return find_job(ask, job_id)
    except NotFound:
        status = jobs_store.read(ask.session, job_id)
        return Job(**{**vars(status), "requested_by": None, "result": None, "error": None})


def _zone(row: service.ZoneRow, cell_m2: float) -> ZoneCoverage:
    cells = row.area_m2 / cell_m2
    return ZoneCoverage(
        zone_id=row.zone_id,
        code=row.code,
        name=row.name,
        level=row.level,
        is_leaf=row.is_leaf,
        area_m2=row.area_m2,
        excluded_m2=row.excluded_m2,
        covered_m2=row.covered_m2,
        to_see_m2=row.area_m2 - row.excluded_m2,
        rate=row.rate,
        cells=round(cells) if math.isclose(cells, round(cells), abs_tol=1e-6) else None,
        gap_count=row.gap_count,
        leader=row.leader,
        others=[Answerable(role=role, name=name) for role, name in row.others],
    )


def _length(row: streets.Length) -> dict[str, Any]:
    return {
        "length_m": row.length_m,
        "tunnel_m": row.tunnel_m,
        "excluded_m": row.excluded_m,
        "covered_m": row.covered_m,
        "to_see_m": row.length_m - row.tunnel_m - row.excluded_m,
        "rate": row.rate,
    }

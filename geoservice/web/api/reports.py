"""Published reports, which are the same for everybody who may read them."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from geoservice.domain.report_kinds import ReportKind
from geoservice.domain.roles import Permission
from geoservice.services import reports as service
from geoservice.web.api.answers import Answer, cut_answer
from geoservice.web.api.models import Asked, Page, Paged, Told, tell
from geoservice.web.api.operations import Ask, Operation, offer
from geoservice.web.deployment import open_transaction

TAG = "reports"
NEEDS = (Permission.SEE_REPORTS,)


class Report(Told):
    """A report that was published and stands; a share of nothing has the denominator 0."""

    id: int = Field(examples=[1])
    kind: ReportKind
    number: str = Field(examples=["周报 2026-012"])
    from_on: date
    to_on: date
    made_at: datetime
    published_at: datetime | None
    rates: dict[str, Any] = Field(
        description="of the whole city: code of the indicator → [numerator, denominator]"
    )


class ReportFull(Told):
    """A report with all that it says, and the hash of what it was made from."""

    report: Report
    remarks: str
    inputs_sha256: str
    is_sound: bool = Field(description="whether the content still has that hash")
    content: dict[str, Any] = Field(
        description="city, zones, leaders, departments, persons, gaps, cases, formula"
    )


class ReportsQuery(Paged):
    """Which reports."""

    kind: ReportKind | None = None


@offer(Operation("GET", "/reports", TAG, Page[Report], NEEDS, query=ReportsQuery))
def list_reports(ask: Ask[ReportsQuery, None]) -> Answer:
    """List published reports, the newest period first."""
    found = service.list_reports(ask.session, published=True, kind=ask.query.kind)
    return cut_answer(Page[Report], found, ask.query, _report)


@offer(Operation("GET", "/reports/{report_id}", TAG, ReportFull, NEEDS, errors=(404,)))
def get_report(_ask: Ask[Asked, None], report_id: int) -> Answer:
    """Return one published report, whole."""
    with open_transaction() as session:
        view = service.find(session, report_id)
    return Answer(tell(ReportFull, view, report=_report(view)))


def _report(line: service.ReportLine) -> Report:
    return tell(Report, line, from_on=line.window.from_on, to_on=line.window.to_on)

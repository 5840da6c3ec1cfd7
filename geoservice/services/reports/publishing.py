"""A report's life: draft → remarks → published and frozen with its hash → perhaps withdrawn, and issued again under a new number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from geoservice.domain.report_kinds import ReportKind, window_of
from geoservice.domain.windows import Window
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import coverage, gap_reports, ground
from geoservice.services.reports.making import hash_of, make_content
from geoservice.store import audit, report_rows
from geoservice.store.reports import Report

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

MOST_LETTERS = 5000
SERIES = {
    ReportKind.DAY: "日",
    ReportKind.WEEK: "周",
    ReportKind.MONTH: "月",
    ReportKind.QUARTER: "季",
}


@dataclass(frozen=True)
class ReportLine:
    """A report as lists show it; `rates`: the city's, as numerator and denominator."""

    id: int
    kind: ReportKind
    window: Window
    number: str
    rates: dict[str, list[float]]
    made_at: datetime
    published_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def state(self) -> str:
        """One of draft, published, withdrawn."""
        if self.published_at is None:
            return "draft"
        return "published" if self.withdrawn_at is None else "withdrawn"


@dataclass(frozen=True)
class ReportView(ReportLine):
    """A whole report."""

    content: dict[str, Any]
    inputs_sha256: str
    remarks: str

    @property
    def is_sound(self) -> bool:
        """Tell whether the content still has the hash that was written when it was made."""
        return hash_of(self.content).hex() == self.inputs_sha256


def make(  # noqa: PLR0913 - which report, when, for whom
    session: Session,
    settings: Settings,
    kind: ReportKind,
    on: date,
    *,
    by: int | None,
    now: datetime,
    progress: Callable[[int], None] = lambda _percent: None,
) -> ReportView:
    """Make the draft of the period a day lies in; an older draft of it is made anew and keeps its number and remarks.

    Must run in a session that sees everything. BadRequest for a period that has not begun.
    """
    window = window_of(kind, on)
    if window.instants(settings.zone_info)[0] > now:
        raise BadRequest("report_not_begun", day=window.from_on.isoformat())
    report_rows.lock_period(session, kind, window.from_on)
    content = make_content(session, settings, kind, window, now=now, progress=progress)
    draft = report_rows.draft_of(session, kind, window.from_on)
    if draft is None:
        draft = Report(kind=kind.value, from_on=window.from_on, to_on=window.to_on, number="", remarks="")
        draft.number = _number(session, kind, window)
    draft.content, draft.inputs_sha256 = content, hash_of(content)
    draft.formula_id = content["formula"]["id"]
    draft.made_by, draft.made_at = by, now
    report_rows.add(session, draft)
    return view_of(draft)


def prepare(
    session: Session,
    settings: Settings,
    kind: ReportKind,
    on: date,
    *,
    now: datetime,
    progress: Callable[[int], None] = lambda _percent: None,
) -> None:
    """Find the blind spots of the period a day lies in, unless that was done since anything changed."""
    window = window_of(kind, on)
    ground.refresh_masks(session, settings)
    if coverage.has_data(session, window) and not gap_reports.is_ready(session, window):
        gap_reports.build(session, settings, window, now=now, progress=progress)


def set_remarks(session: Session, report_id: int, remarks: str) -> ReportView:
    """Write what the desk has to say about a draft."""
    draft = _draft(session, report_id)
    text = remarks.strip()
    if len(text) > MOST_LETTERS:
        raise BadRequest("report_remarks_long", most=MOST_LETTERS)
    draft.remarks = text
    session.flush()
    return view_of(draft)


def publish(
    session: Session, settings: Settings, report_id: int, *, by: int | None, now: datetime
) -> ReportView:
    """Publish a draft: from now on it stands still.

    Conflict where the period already has a published report, where the period was not over when the draft was made, or where the
    content does not have its hash.
    """
    draft = _draft(session, report_id)
    report_rows.lock_period(session, draft.kind, draft.from_on)
    standing = report_rows.standing(session, draft.kind, draft.from_on)
    if standing is not None:
        raise Conflict("report_published_already", number=standing.number)
    window = Window(draft.from_on, draft.to_on)
    if draft.made_at < window.instants(settings.zone_info)[1].astimezone(UTC):
        raise Conflict("report_made_early", day=draft.to_on.isoformat())
    if hash_of(draft.content) != draft.inputs_sha256:
        raise Conflict("report_unsound", number=draft.number)
    draft.published_at, draft.published_by = now, by
    session.flush()
    detail = {"number": draft.number, "inputs_sha256": draft.inputs_sha256.hex()}
    audit.record(session, by, "report.publish", "report", str(draft.id), detail)
    return view_of(draft)


def withdraw(session: Session, report_id: int, *, by: int | None, now: datetime) -> ReportView:
    """Take a published report back; it stays as it was, marked, and the period may have another."""
    report = _report(session, report_id, lock=True)
    if report.published_at is None or report.withdrawn_at is not None:
        raise Conflict("report_not_published", number=report.number)
    report.withdrawn_at = now
    session.flush()
    audit.record(session, by, "report.withdraw", "report", str(report.id), {"number": report.number})
    return view_of(report)


def drop(session: Session, report_id: int) -> None:
    """Delete a draft."""
    report_rows.drop(session, _draft(session, report_id).id)


def find(session: Session, report_id: int, *, drafts: bool = False) -> ReportView:
    """Return one report; without `drafts` only what was published and stands. NotFound otherwise."""
    view = view_of(_report(session, report_id))
    if not drafts and view.state != "published":
        raise NotFound("report_unknown", id=report_id)
    return view


def find_published(session: Session, kind: str | None = None, limit: int = 12) -> list[ReportView]:
    """Return the newest reports of a kind that were published and stand, whole."""
    return [view_of(report) for report in report_rows.published(session, kind, limit)]


def list_reports(
    session: Session, *, published: bool, kind: str | None = None, limit: int = 1000
) -> list[ReportLine]:
    """Return what was published and stands, the newest period first; or drafts and all that ever was, the newest first."""
    return [_line(row) for row in report_rows.lines(session, published=published, kind=kind, limit=limit)]


def view_of(report: Report) -> ReportView:
    """Return a stored report as it is shown."""
    return ReportView(
        **_told(report),
        rates=report.content["city"]["rates"],
        content=report.content,
        inputs_sha256=report.inputs_sha256.hex(),
        remarks=report.remarks,
    )


def _line(row: Any) -> ReportLine:
    return ReportLine(**_told(row), rates=row.rates)


def _told(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": ReportKind(row.kind),
        "window": Window(row.from_on, row.to_on),
        "number": row.number,
        "made_at": row.made_at,
        "published_at": row.published_at,
        "withdrawn_at": row.withdrawn_at,
    }


def _number(session: Session, kind: ReportKind, window: Window) -> str:
    """Return the next number of a kind and year: 周报 2026-012."""
    taken = report_rows.next_number(session, f"report {kind} {window.to_on.year}")
    return f"{SERIES[kind]}报 {window.to_on.year}-{taken:03d}"


def _report(session: Session, report_id: int, *, lock: bool = False) -> Report:
    report = report_rows.report_by_id(session, report_id, lock=lock)
    if report is None:
        raise NotFound("report_unknown", id=report_id)
    return report


def _draft(session: Session, report_id: int) -> Report:
    report = _report(session, report_id, lock=True)
    if report.published_at is not None:
        raise Conflict("report_frozen", number=report.number)
    return report

"""Making a report's draft, and sending the digest of a published one; by the clock, the drafts of what is over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from geoservice.domain.report_kinds import ReportKind, window_before, window_of
from geoservice.errors import NotFound
from geoservice.services import coverage, reports
from geoservice.services.reports import digests, sending
from geoservice.store import indicator_rows, jobs, report_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.jobs.work import Work

GAPS_PERCENT = 40
MEASURED_PERCENT = 95


def make_report(work: Work) -> dict[str, Any]:
    """Make the draft of the `kind` and period of `on`, asked for by user `by`; the blind spots first where none are fresh."""
    kind, on = ReportKind.named(work.args["kind"]), date.fromisoformat(work.args["on"])
    with work.transaction() as session:
        reports.prepare(
            session,
            work.settings,
            kind,
            on,
            now=datetime.now(UTC),
            progress=lambda percent: work.progress(percent * GAPS_PERCENT // 100, "gaps"),
        )
    with work.last_transaction() as session:
        view = reports.make(
            session,
            work.settings,
            kind,
            on,
            by=work.args.get("by"),
            now=datetime.now(UTC),
            progress=lambda percent: work.progress(
                GAPS_PERCENT + percent * (MEASURED_PERCENT - GAPS_PERCENT) // 100, "measuring"
            ),
        )
        work.result = {"report": view.id, "number": view.number}
    return work.result


def send_digest(work: Work) -> dict[str, Any]:
    """Send the digest of report `report` to `target`; what went wrong stays with the target, in words."""
    settings, target_id = work.settings, int(work.args["target"])
    with work.transaction() as session:
        view = reports.find(session, int(work.args["report"]))
        address = digests.address_of(session, target_id)
    title, body = digests.digest(settings, view, settings.default_locale)
    error = sending.send(address, title, body)
    with work.last_transaction() as session:
        digests.note_sent(session, target_id, datetime.now(UTC), error)
        work.result = {"sent": not error, **({"error": error} if error else {})}
    return work.result


def ask_to_make(session: Session, kind: ReportKind, on: date, *, by: int | None = None) -> int:
    """Ask for a draft; one that is already waiting to be made serves."""
    first = window_of(kind, on).from_on
    args = {"kind": kind.value, "on": first.isoformat(), **({} if by is None else {"by": by})}
    return jobs.ask(session, "make_report", args, dedupe_key=_key(kind, first), by=by)


def ask_to_send(session: Session, report_id: int, *, by: int | None = None) -> list[int]:
    """Ask for the digest of a report to be sent to every target that wants its kind."""
    view = reports.find(session, report_id)
    return [
        _ask_to_send(session, report_id, target_id, by)
        for target_id in digests.targets_for(session, view.kind)
    ]


def send_again(session: Session, target_id: int, *, by: int | None = None) -> int:
    """Ask for the newest published report to be sent to one target; NotFound where it wants none that is there."""
    wanted = next((one.kinds for one in digests.targets(session) if one.id == target_id), ())
    standing = reports.list_reports(session, published=True)
    newest = next((line for line in standing if line.kind in wanted), None)
    if newest is None:
        raise NotFound("digest_nothing")
    return _ask_to_send(session, newest.id, target_id, by)


def drafts_due(session: Session, settings: Settings, now: datetime) -> Iterable[int]:
    """Ask for the drafts of yesterday, last week, last month and last quarter that nobody has made yet."""
    today = now.astimezone(settings.zone_info).date()
    for kind in ReportKind:
        window = window_before(kind, today)
        if report_rows.has_any(session, kind, window.from_on):
            continue
        is_known = coverage.has_data(session, window) or indicator_rows.has_cases(
            session, *window.instants(settings.zone_info)
        )
        if is_known and not jobs.is_open(session, _key(kind, window.from_on)):
            yield ask_to_make(session, kind, window.from_on)


def _key(kind: ReportKind, first: date) -> str:
    return f"report {kind} {first}"


def _ask_to_send(session: Session, report_id: int, target_id: int, by: int | None) -> int:
    args = {"report": report_id, "target": target_id}
    return jobs.ask(session, "send_digest", args, dedupe_key=f"digest {report_id} {target_id}", by=by)

"""Published reports of days, weeks, months and quarters, and the ranking."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, send_file

from geoservice.domain.report_kinds import ReportKind
from geoservice.domain.roles import Permission, may
from geoservice.domain.scoring import SUBJECTS, read_formula
from geoservice.errors import BadRequest
from geoservice.services import reports as service
from geoservice.services.reports import files
from geoservice.web.deployment import current_settings, open_transaction
from geoservice.web.identity import current_scope, guard, the_account
from geoservice.web.paging import page_of
from geoservice.web.report_words import groups_of, page_values, reader_here, words

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Response

    from geoservice.services.reports import ReportView

reports = Blueprint("reports", __name__, url_prefix="/reports")
guard(reports, Permission.SEE_REPORTS)

PERIODS_SHOWN = 12


@reports.get("/")
def show_reports() -> str:
    """List what was published, the newest period first."""
    kind = _kind(request.args.get("kind", ""))
    with open_transaction() as session:
        found = service.list_reports(session, published=True, kind=kind)
    shown = page_of(found)
    return render_template(
        "reports/list.html",
        rows=shown.rows,
        page=shown.number,
        pages=shown.pages,
        kind=kind or "",
        kinds=list(ReportKind),
        may_publish=may_publish(),
        **words(),
    )


@reports.get("/<int(max=2147483647):report_id>")
def show_report(report_id: int) -> str:
    """Show one published report, with what is the reader's own marked."""
    # A report is the same for everybody: it was made of the whole city, and is read by whoever may read reports.
    with open_transaction() as session:
        view = service.find(session, report_id)
        values = page_values(session, view)
    return render_template("reports/report.html", looked_over=False, **values)


@reports.get("/<int(max=2147483647):report_id>/file.<kind>")
def get_file(report_id: int, kind: str) -> Response:
    """Send a report as an Excel workbook or a Word document; drafts to those who publish them."""
    with open_transaction() as session, tempfile.TemporaryDirectory() as folder:
        view = service.find(session, report_id, drafts=may_publish())
        path = files.write(session, current_settings(), view, Path(folder), kind, reader_here(session))
        content = path.read_bytes()
    return send_file(
        BytesIO(content), mimetype=files.MEDIA_TYPES[kind], as_attachment=True, download_name=path.name
    )


@reports.get("/<int(max=2147483647):report_id>/photos/<uuid:name>.jpg")
def show_photo(report_id: int, name: UUID) -> Response:
    """Send a photo that a report shows."""
    with open_transaction() as session:
        view = service.find(session, report_id, drafts=may_publish())
        path = files.photo_path(session, current_settings(), view, str(name))
    answer = send_file(path.resolve(), mimetype="image/jpeg", conditional=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Cookie"
    return answer


@reports.get("/ranking")
def show_ranking() -> str:
    """Show how places and points went over the last published reports of a kind."""
    kind = _kind(request.args.get("kind", "")) or ReportKind.WEEK
    subject = request.args.get("of", SUBJECTS[0])
    if subject not in SUBJECTS:
        raise BadRequest("report_subject_unknown", value=subject[:20], subjects=", ".join(SUBJECTS))
    with open_transaction() as session:
        found = service.find_published(session, kind, PERIODS_SHOWN)
        groups = groups_of(found[0].content[f"{subject}s"], reader_here(session)) if found else []
    weights = read_formula(found[0].content["formula"]["weights"]).weights[subject] if found else {}
    return render_template(
        "reports/ranking.html",
        newest=found[0] if found else None,
        # Of one alone there is no first and no last.
        groups=[(group, rows) for group, rows in groups if len(rows) > 1] or groups,
        codes=list(weights),
        trends=_trends(found, subject),
        periods=[view.window for view in reversed(found)],
        kind=kind,
        kinds=list(ReportKind),
        subject=subject,
        may_publish=may_publish(),
        **words(),
    )


def may_publish() -> bool:
    """Tell whether the reader makes and publishes reports: they are of the whole city, so he must see all of it."""
    return may(the_account().role, Permission.PUBLISH_REPORTS) and current_scope().everything


def _kind(name: str) -> ReportKind | None:
    return ReportKind.named(name) if name else None


def _trends(found: list[ReportView], subject: str) -> dict[str, list[Any]]:
    """Return each row's points in the reports shown, the oldest first; None where it had none."""
    trends: dict[str, list[Any]] = {}
    for number, view in enumerate(reversed(found)):
        for row in view.content[f"{subject}s"]:
            key = f"{row['kind']} {row['id']}"
            trends.setdefault(key, [None] * len(found))[number] = row["points"]
    return trends

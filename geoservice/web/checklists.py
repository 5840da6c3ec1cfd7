"""Checklists by category of point, in versions, and what was never checked."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.checklists import EvidenceAsked, Item
from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, GeoServiceError, InvalidFile
from geoservice.formats.values import as_number
from geoservice.services.desk.receiving import safe_name
from geoservice.services.importing.flow import Run
from geoservice.services.inspections import checklists as service
from geoservice.services.inspections import matrix
from geoservice.services.inspections.matrix import MatrixFilters
from geoservice.services.inspections.sheets import SheetOptions, import_checklists
from geoservice.services.inspections.sheets_out import export_checklists, write_checklist_template
from geoservice.store import inspection_frame
from geoservice.web import inspection_words
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.inspection_files import asked_day, reason_of, send_workbook, status_of
from geoservice.web.paging import page_of
from geoservice.web.receiving import file_at_hand
from geoservice.web.texts import current_locale, gettext, ngettext

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.errors import Problem
    from geoservice.services.importing.flow import Report
    from geoservice.services.inspections.checklists import ChecklistView

checklists = Blueprint("checklists", __name__, url_prefix="/dispatch/checklists")
guard(checklists, Permission.PLAN_INSPECTIONS)

CHECKLIST = "/<int(max=2147483647):checklist_id>"
BLANK_ROWS = 2
AREAS_OFFERED = 100


@checklists.get("/")
def show_checklists() -> str:
    """List the categories of points with what is looked at in them."""
    return _list_page()


@checklists.post("/")
def start() -> AnyResponse:
    """Begin the next version of a category."""
    with own_transaction() as session:
        draft_id = service.start_draft(
            session, request.form.get("category", ""), by=the_account().id, now=current_time()
        )
    return redirect(url_for("checklists.show_checklist", checklist_id=draft_id))


@checklists.get(CHECKLIST)
def show_checklist(checklist_id: int) -> str:
    """Show one version; a draft with a form to change it."""
    return _page(checklist_id)


@checklists.post(CHECKLIST)
def save(checklist_id: int) -> AnyResponse | tuple[str, int]:
    """Let a draft say what the form says."""
    form, account = request.form, the_account()
    try:
        with own_transaction() as session:
            service.save_draft(
                session,
                checklist_id,
                form.get("name", ""),
                form.get("note", ""),
                _typed_items(),
                by=account.id,
                on=today(),
                seen=form.get("seen", ""),
            )
    except (BadRequest, Conflict) as error:
        return _page(checklist_id, error, _typed_rows()), status_of(error)
    flash(gettext("Saved."), "good")
    return redirect(url_for("checklists.show_checklist", checklist_id=checklist_id))


@checklists.post(f"{CHECKLIST}/publish")
def publish(checklist_id: int) -> AnyResponse | tuple[str, int]:
    """Let a draft hold from a day on."""
    day = asked_day("valid_from")
    try:
        if day is None:
            raise BadRequest("day_unreadable", field="from_on", value=request.form.get("valid_from", "")[:20])
        with own_transaction() as session:
            service.publish(session, checklist_id, day, by=the_account().id, on=today())
    except (BadRequest, Conflict) as error:
        return _page(checklist_id, error), status_of(error)
    flash(gettext("Published. It stands still from now on."), "good")
    return redirect(url_for("checklists.show_checklist", checklist_id=checklist_id))


@checklists.post(f"{CHECKLIST}/remove")
def remove(checklist_id: int) -> AnyResponse:
    """Throw a draft away."""
    with own_transaction() as session:
        service.remove_draft(session, checklist_id, by=the_account().id, on=today())
    flash(gettext("The draft is gone."), "good")
    return redirect(url_for("checklists.show_checklists"))


@checklists.get("/export.xlsx")
def get_workbook() -> Response:
    """Send the newest version of every category, or the one asked for, as a workbook that can be taken in again."""
    wanted = [number] if (number := request.args.get("id", type=int)) else []

    def write(path: Path) -> None:
        with own_transaction() as session:
            export_checklists(session, path, current_locale(), today(), wanted)

    return send_workbook(write, "checklists", "测评清单")


@checklists.get("/template.xlsx")
def get_template() -> Response:
    """Send the workbook to fill in."""

    def write(path: Path) -> None:
        with own_transaction() as session:
            write_checklist_template(session, path, current_locale())

    return send_workbook(write, "checklists_template", "测评清单模板")


@checklists.post("/import")
def receive() -> AnyResponse | tuple[str, int]:
    """Take a workbook in as drafts, or only check it; what is wrong with it is listed row by row."""
    try:
        report = _read()
    except (BadRequest, InvalidFile) as error:
        return _list_page(error), status_of(error)
    if report.rejected or "check" in request.form:
        return _list_page(report=report), 200
    drafts = ngettext("%(num)s draft", "%(num)s drafts", report.new + report.changed)
    flash(
        gettext("Imported: %(drafts)s to publish, %(same)s unchanged.", drafts=drafts, same=report.unchanged),
        "good",
    )
    return redirect(url_for("checklists.show_checklists"))


@checklists.get("/unchecked")
def show_unchecked() -> str:
    """Show which items were never looked at in which points."""
    filters, settings, now = _filters(), current_settings(), current_time()
    with own_transaction() as session:
        found = matrix.summarize(session, settings, filters, now=now)
        table = matrix.read_matrix(session, settings, filters, now=now) if filters.category else None
        areas = inspection_frame.areas(session, today())
        categories = service.list_categories(session, today())
    page = page_of(table.rows if table else ())
    return render_template(
        "checklists/unchecked.html",
        found=found,
        table=table,
        page=page,
        filters=filters,
        areas=areas[:AREAS_OFFERED],
        categories=[one.word for one in categories],
        keep={name: value for name, value in request.args.items() if name != "page"},
        words=inspection_words,
    )


@checklists.get("/unchecked.xlsx")
def get_unchecked() -> Response:
    """Send the same as a workbook, a row a point and item."""
    filters, settings, now = _filters(), current_settings(), current_time()

    def write(path: Path) -> None:
        with own_transaction() as session:
            matrix.export_matrix(session, settings, filters, path, current_locale(), now=now)

    return send_workbook(write, "items_by_point", "测评项覆盖")


def _filters() -> MatrixFilters:
    args = request.args
    return MatrixFilters(
        args.get("category") or None,
        args.get("zone", type=int),
        args.get("q", "").strip()[:64],
        "never" in args,
    )


def _list_page(problem: GeoServiceError | None = None, report: Report | None = None) -> str:
    with own_transaction() as session:
        found = service.list_categories(session, today())
    problems: list[Problem] = list(report.rejected) if report else []
    if isinstance(problem, InvalidFile):
        problems = list(problem.problems)
    return render_template(
        "checklists/list.html",
        categories=found,
        problem=reason_of(problem) if problem else "",
        problems=[asdict(one) for one in problems],
        warnings=[asdict(one) for one in report.warnings] if report else [],
        report=report,
        checked_only="check" in request.form,
        words=inspection_words,
    )


def _page(
    checklist_id: int, problem: GeoServiceError | None = None, typed: list[dict[str, str]] | None = None
) -> str:
    with own_transaction() as session:
        view = service.read_checklist(session, checklist_id, today())
        kinds = service.case_kinds(session)
    rows = typed if typed is not None else [_row_of(view, place) for place in range(len(view.items))]
    blank = dict.fromkeys(("code", "title", "standard", "weight", "case_kind"), "")
    rows += [{**blank, "evidence": EvidenceAsked.ON_FAIL.value}] * BLANK_ROWS
    return render_template(
        "checklists/checklist.html",
        view=view,
        rows=rows,
        name=request.form.get("name", view.stored.name),
        note=request.form.get("note", view.stored.note),
        seen=request.form.get("seen") or view.seen,
        kinds={kind.code: inspection_words.name_of(kind) for kind in kinds},
        evidence=[asked.value for asked in EvidenceAsked],
        today=today(),
        problem=reason_of(problem) if problem else "",
        words=inspection_words,
    )


def _row_of(view: ChecklistView, place: int) -> dict[str, str]:
    item = view.items[place].item
    return {
        "code": item.code,
        "title": item.title,
        "standard": item.standard,
        "weight": f"{item.weight:g}",
        "evidence": item.evidence.value,
        "case_kind": item.case_kind or "",
    }


def _typed_rows() -> list[dict[str, str]]:
    """Return the rows of the form that say anything, in its order."""
    fields = ("code", "title", "standard", "weight", "evidence", "case_kind")
    columns = [request.form.getlist(field) for field in fields]
    rows = [dict(zip(fields, cells, strict=True)) for cells in zip(*columns, strict=False)]
    return [row for row in rows if any(row[field].strip() for field in ("code", "title", "standard"))]


def _typed_items() -> list[Item]:
    return [_item(row, place) for place, row in enumerate(_typed_rows(), 1)]


def _item(row: dict[str, str], place: int) -> Item:
    try:
        weight = as_number(row["weight"]) or 0.0
    except ValueError:
        raise BadRequest(
            "checklist_weight_invalid", item=row["code"] or place, field="weight", most=1000
        ) from None
    asked = row["evidence"] if row["evidence"] in set(EvidenceAsked) else EvidenceAsked.ON_FAIL
    return Item(
        " ".join(row["code"].split()),
        " ".join(row["title"].split()),
        row["standard"].replace("\r\n", "\n").strip(),
        weight,
        EvidenceAsked(asked),
        row["case_kind"] or None,
    )


def _read() -> Report:
    """Read the file in a child process; nothing of it stays on the disk."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadRequest("checklist_file_needed")
    run = Run(now=current_time(), by=the_account().id, dry_run="check" in request.form)
    with (
        file_at_hand(current_settings(), file, "".join(safe_name(file.filename))) as path,
        own_transaction() as session,
    ):
        return import_checklists(session, [path], SheetOptions(), run)

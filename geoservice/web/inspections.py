"""Inspections: drawn, given out, and what they found."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.domain.sampling import LARGEST_SEED
from geoservice.errors import BadRequest, Conflict, GeoServiceError, NotAllowed
from geoservice.services import evidence
from geoservice.services.inspections import checklists, drawing, handing, results
from geoservice.services.inspections.wishes import KINDS, read_wish
from geoservice.store import inspection_frame
from geoservice.web import inspection_words
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.identity import current_scope, guard, own_transaction, the_account
from geoservice.web.inspection_files import reason_of, send_workbook, status_of
from geoservice.web.paging import page_of
from geoservice.web.texts import current_locale, gettext, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.inspections.drawing import Preview
    from geoservice.services.inspections.wishes import Wish

inspections = Blueprint("inspections", __name__, url_prefix="/dispatch/inspections")
guard(inspections, Permission.PLAN_INSPECTIONS)

INSPECTION = "/<int(max=2147483647):inspection_id>"
LISTS = ("categories", "zones", "inspectors")
FIELDS = (
    "name", "kind", "from_on", "to_on", "seed", "level", "points", "size", "minimum", "by_unseen", "rest_days", "every_days",
)  # fmt: skip
AREAS_OFFERED = 100
TASKS_SHOWN = 200


@inspections.get("/")
def show_inspections() -> str:
    """List the inspections, the newest first."""
    with own_transaction() as session:
        found = results.list_inspections(
            session, current_settings(), now=current_time(), account_id=the_account().id
        )
    page = page_of(found)
    return render_template("inspections/list.html", page=page, found=len(found), words=inspection_words)


@inspections.get("/new")
def show_new() -> tuple[str, int]:
    """Show the form of a new inspection and, once it was filled in, what would be made of it."""
    if "look" not in request.args:
        return _form_page({}), 200
    try:
        with own_transaction() as session:
            made = drawing.preview(session, current_settings(), _wish(request.args), now=current_time())
    except BadRequest as error:
        return _form_page(request.args, error), status_of(error)
    return _form_page(request.args, made=made), 200


@inspections.post("/new")
def make() -> AnyResponse | tuple[str, int]:
    """Make what was shown."""
    form = request.form
    try:
        with own_transaction() as session:
            made = drawing.make(
                session,
                current_settings(),
                _wish(form),
                by=the_account().id,
                now=current_time(),
                seen=form.get("seen", ""),
            )
    except (BadRequest, Conflict) as error:
        return _form_page(form, error), status_of(error)
    flash(gettext("The inspection is made. Inspectors see their points on the day."), "good")
    return redirect(url_for("inspections.show_inspection", inspection_id=made))


@inspections.get(INSPECTION)
def show_inspection(inspection_id: int) -> str:
    """Show how far an inspection is, and what was found by item, zone and point."""
    return _inspection_page(inspection_id)


@inspections.post(f"{INSPECTION}/hand-over")
def hand_over(inspection_id: int) -> AnyResponse | tuple[str, int]:
    """Give open points to another inspector: those that were ticked, or all that one still has."""
    form = request.form
    try:
        with own_transaction() as session:
            passed = handing.hand_over(
                session,
                current_settings(),
                inspection_id,
                _chosen(session, inspection_id),
                form.get("to", ""),
                by=the_account().id,
                now=current_time(),
                note=form.get("note", ""),
            )
    except (BadRequest, Conflict) as error:
        return _inspection_page(inspection_id, error), status_of(error)
    flash(ngettext("%(num)s point is handed over.", "%(num)s points are handed over.", passed), "good")
    return redirect(url_for("inspections.show_inspection", inspection_id=inspection_id))


def _chosen(session: Session, inspection_id: int) -> list[int]:
    """Return the tasks that a form hands over."""
    of = request.form.get("from", 0, type=int)
    if not of:
        return request.form.getlist("task", type=int)
    detail = results.read_inspection(
        session, current_settings(), inspection_id, now=current_time(), account_id=the_account().id
    )
    return [task.id for task in detail.tasks if task.inspector_id == of and task.done_at is None]


def _inspection_page(inspection_id: int, problem: GeoServiceError | None = None) -> str:
    with own_transaction() as session:
        detail = results.read_inspection(
            session, current_settings(), inspection_id, now=current_time(), account_id=the_account().id
        )
        categories = {one.word.code: one.word for one in checklists.list_categories(session, today())}
        people = inspection_frame.inspectors(session)
        passed = handing.handovers(session, inspection_id)
    still_to_do = {task.inspector_id: task.inspector for task in detail.tasks if task.done_at is None}
    return render_template(
        "inspections/inspection.html",
        people=people,
        passed=passed,
        holders={number: name for number, name in still_to_do.items() if number is not None},
        open_tasks=bool(still_to_do) and detail.view.state in {"planned", "running"},
        typed=request.form,
        problem=reason_of(problem) if problem else "",
        detail=detail,
        view=detail.view,
        row=detail.view.row,
        counts=detail.view.counts,
        page=page_of(detail.tasks),
        categories={code: inspection_words.name_of(word) for code, word in categories.items()},
        # Strata of others' inspections name ground beyond one's own.
        strata=detail.view.row.spec.get("strata", ()) if _may_cancel(detail.view.row.made_by) else (),
        may_cancel=_may_cancel(detail.view.row.made_by) and detail.view.state in {"planned", "running"},
        words=inspection_words,
    )


@inspections.get("/tasks/<int(max=9223372036854775807):task_id>")
def show_task(task_id: int) -> str:
    """Show what was found at one point."""
    with own_transaction() as session:
        detail = results.read_result(session, task_id)
        photos = evidence.photos_of(session, "task", task_id)
    return render_template(
        "inspections/result.html",
        detail=detail,
        row=detail.row,
        photos={item_id: [one for one in photos if one.subject.item_id == item_id] for item_id in
                {one.subject.item_id for one in photos}},
        category=detail.row.category_zh if current_locale().startswith("zh") else detail.row.category_en,
        back=url_for("inspections.show_inspection", inspection_id=detail.row.inspection_id),
        words=inspection_words,
    )  # fmt: skip


@inspections.post(f"{INSPECTION}/cancel")
def cancel(inspection_id: int) -> AnyResponse:
    """Take back what is still to be done."""
    account = the_account()
    with own_transaction() as session:
        detail = results.read_inspection(
            session, current_settings(), inspection_id, now=current_time(), account_id=account.id
        )
        if not _may_cancel(detail.view.row.made_by):
            raise NotAllowed
        drawing.cancel(session, current_settings(), inspection_id, by=account.id, now=current_time())
    flash(gettext("Cancelled. What was found already stays."), "good")
    return redirect(url_for("inspections.show_inspection", inspection_id=inspection_id))


@inspections.get(f"{INSPECTION}/results.xlsx")
def get_results(inspection_id: int) -> Response:
    """Send every result as a workbook."""

    def write(path: Path) -> None:
        with own_transaction() as session:
            results.export_inspection(
                session,
                current_settings(),
                inspection_id,
                path,
                current_locale(),
                now=current_time(),
                account_id=the_account().id,
            )

    return send_workbook(write, f"inspection_{inspection_id}", f"检查结果_{inspection_id}")


def _may_cancel(made_by: int | None) -> bool:
    """Whoever runs part of the city takes back his own only."""
    return current_scope().everything or made_by == the_account().id


def _wish(given: MultiDict[str, str]) -> Wish:
    return read_wish(given, {name: given.getlist(name) for name in LISTS}, today=today())


def _form_page(
    given: MultiDict[str, str] | Mapping[str, str],
    problem: GeoServiceError | None = None,
    made: Preview | None = None,
) -> str:
    with own_transaction() as session:
        areas = inspection_frame.areas(session, today())
        people = inspection_frame.inspectors(session)
        categories = checklists.list_categories(session, today())
    lists = {name: given.getlist(name) if hasattr(given, "getlist") else [] for name in LISTS}
    if not given:
        lists["inspectors"] = [one.login for one in people]
    form = {name: given.get(name, "") for name in FIELDS} | lists
    return render_template(
        "inspections/new.html",
        form={
            **form,
            "kind": form["kind"] or "random",
            "from_on": form["from_on"] or today().isoformat(),
            "to_on": form["to_on"] or today().isoformat(),
            "seed": form["seed"] or str(secrets.randbelow(LARGEST_SEED)),
            "level": drawing.level_of(areas, str(form["level"])),
        },
        kinds=KINDS,
        levels={area.level: inspection_words.name_of_level(area) for area in areas},
        areas=areas[:AREAS_OFFERED],
        people=people,
        categories=[one.word for one in categories if one.one("in_force") or one.one("coming")],
        category_words={one.word.code: inspection_words.name_of(one.word) for one in categories},
        today=today(),
        made=made,
        tasks_shown=TASKS_SHOWN,
        fields=FIELDS,
        lists=LISTS,
        problem=reason_of(problem) if problem else "",
        words=inspection_words,
    )

"""What inspections found on one's own ground, once it is done: for leaders."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, url_for

from geoservice.domain.roles import Permission
from geoservice.services import evidence
from geoservice.services.inspections import results
from geoservice.web import inspection_words
from geoservice.web.deployment import current_time
from geoservice.web.identity import guard, own_transaction
from geoservice.web.paging import page_of
from geoservice.web.texts import current_locale

inspected = Blueprint("inspected", __name__, url_prefix="/leader/inspections")
guard(inspected, Permission.SEE_OWN_GROUND)

DAYS = 90


@inspected.get("/")
def show_results() -> str:
    """List what was inspected on his ground in the last months, the newest first."""
    with own_transaction() as session:
        found = results.recent_results(session, current_time() - timedelta(days=DAYS))
    return render_template(
        "inspections/results.html",
        page=page_of(found),
        found=len(found),
        days=DAYS,
        zh=current_locale().startswith("zh"),
        words=inspection_words,
    )


@inspected.get("/<int(max=9223372036854775807):task_id>")
def show_result(task_id: int) -> str:
    """Show what was found at one point of his ground."""
    with own_transaction() as session:
        detail = results.read_result(session, task_id)
        photos = evidence.photos_of(session, "task", task_id)
    by_item: dict[int | None, list[evidence.Photo]] = {}
    for photo in photos:
        by_item.setdefault(photo.subject.item_id, []).append(photo)
    return render_template(
        "inspections/result.html",
        detail=detail,
        row=detail.row,
        photos=by_item,
        category=detail.row.category_zh if current_locale().startswith("zh") else detail.row.category_en,
        back=url_for("inspected.show_results"),
        words=inspection_words,
    )

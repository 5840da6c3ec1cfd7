"""What points ask of patrols: opening hours, skills, and which belong together or apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale

from geoservice.services import point_rules as service
from geoservice.services.evidence import photos_of_point
from geoservice.store import rule_rows
from geoservice.web.identity import own_transaction, the_account
from geoservice.web.paging import page_of
from geoservice.web.setup_door import REFUSED, refused, setup, typed
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.point_rules import PointRules

POINT = "/points/<int(max=2147483647):point_id>"
GROUP = "/groups/<int(max=2147483647):group_id>"
FOUND_SHOWN = 20


@setup.get("/points")
def show_points() -> str:
    """List the points that ask for something and the groups, with a search for others."""
    return _list()


@setup.get(POINT)
def show_point(point_id: int) -> str:
    """Show what one point asks for, with a form to change it."""
    with own_transaction() as session:
        point = service.read_rules(session, point_id)
    return _page(point)


@setup.post(POINT)
def save_point(point_id: int) -> AnyResponse | tuple[str, int]:
    """Let a point ask for what the form says."""
    words = typed(("opening", "skills"))
    try:
        with own_transaction() as session:
            service.change_rules(
                session, point_id, words, by=the_account().id, seen=request.form.get("seen", "")
            )
    except REFUSED as error:
        problem, status = refused(error)
        with own_transaction() as session:
            point = service.read_rules(session, point_id)
        return _page(point, words, problem), status
    flash(gettext("Saved."), "good")
    return redirect(url_for("setup.show_point", point_id=point_id))


@setup.post("/groups")
def add_group() -> AnyResponse | tuple[str, int]:
    """Make a group of points."""
    return _save_group(None)


@setup.post(GROUP)
def save_group(group_id: int) -> AnyResponse | tuple[str, int]:
    """Change a group of points."""
    return _save_group(group_id)


@setup.post(f"{GROUP}/remove")
def remove_group(group_id: int) -> AnyResponse:
    """Take a group away; its points stay."""
    with own_transaction() as session:
        service.remove_group(session, group_id, by=the_account().id)
    flash(gettext("The group is gone; its points stay."), "good")
    return redirect(url_for("setup.show_points"))


def _save_group(group_id: int | None) -> AnyResponse | tuple[str, int]:
    words = typed(("name", "kind", "members"))
    try:
        with own_transaction() as session:
            service.put_group(
                session, group_id, words, by=the_account().id, seen=request.form.get("seen", "")
            )
    except REFUSED as error:
        problem, status = refused(error)
        return _list(problem, {**words, "id": str(group_id or "")}), status
    flash(gettext("Saved."), "good")
    return redirect(url_for("setup.show_points"))


def _list(problem: str | None = None, words: dict[str, str] | None = None) -> str:
    wanted = request.args.get("q", "").strip()[:64]
    with own_transaction() as session:
        ruled = service.ruled_points(session)
        groups = service.list_groups(session)
        found = rule_rows.find_points(session, wanted, FOUND_SHOWN) if wanted else []
    shown = page_of(ruled)
    return render_template(
        "dispatch/setup_points.html",
        points=shown.rows,
        total=len(ruled),
        page=shown.number,
        pages=shown.pages,
        groups=groups,
        found=found,
        wanted=wanted,
        problem=problem,
        words=words or {},
        kinds=_kinds(),
        hours=_hours_words,
    )


def _page(point: PointRules, words: dict[str, str] | None = None, problem: str | None = None) -> str:
    shown = {"opening": point.opening, "skills": ", ".join(point.skills), **(words or {})}
    seen = request.form.get("seen", point.seen) if problem else point.seen
    with own_transaction() as session:
        photos = photos_of_point(session, point.id)
    return render_template(
        "dispatch/setup_point.html", point=point, words=shown, seen=seen, problem=problem, photos=photos
    )


def _hours_words(opening: str) -> list[str]:
    """Write opening hours with the names of the days, a line for the days that are alike."""
    names = get_locale().days["stand-alone"]["abbreviated"]
    lines = []
    for part in opening.split("; "):
        days, _, hours = part.partition(" ")
        words = re.sub(r"\d", lambda found: str(names[int(found[0]) - 1]), days).replace("-", "–")
        named = gettext("every day") if days == "1-7" else words.replace(",", ", ")
        lines.append(f"{named} {hours.replace('-', '–').replace(',', ', ')}")
    return lines


def _kinds() -> dict[str, str]:
    return {
        "together": gettext("Together: one patrol visits all"),
        "apart": gettext("Apart: never on one patrol"),
    }

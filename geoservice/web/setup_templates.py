"""Recurring patrols: listed, made, changed and taken away."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale

from geoservice.services import recurring as service
from geoservice.services import teams, templates
from geoservice.web.deployment import current_settings, today
from geoservice.web.identity import own_transaction, the_account
from geoservice.web.setup_door import REFUSED, refused, setup, typed
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.recurring import TemplateView

TEMPLATE = "/recurring/<int(max=2147483647):template_id>"
DAYS_SHOWN = 7


@setup.get("/recurring")
def show_templates() -> str:
    """List the recurring patrols, who works in the next days, and a form for another."""
    return _list()


@setup.post("/recurring")
def add_template() -> AnyResponse | tuple[str, int]:
    """Make a recurring patrol."""
    words = _typed()
    try:
        with own_transaction() as session:
            service.add_template(
                session, request.form.get("code", ""), words, by=the_account().id, today=today()
            )
    except REFUSED as error:
        problem, status = refused(error)
        return _list(problem, {**words, "code": request.form.get("code", "")}), status
    flash(gettext("Saved."), "good")
    return redirect(url_for("setup.show_templates"))


@setup.get(TEMPLATE)
def show_template(template_id: int) -> str:
    """Show one recurring patrol with a form to change it."""
    with own_transaction() as session:
        return _page(service.read_template(session, template_id))


@setup.post(TEMPLATE)
def save_template(template_id: int) -> AnyResponse | tuple[str, int]:
    """Change a recurring patrol as the form says."""
    words = _typed()
    try:
        with own_transaction() as session:
            service.change_template(
                session, template_id, words, by=the_account().id, seen=request.form.get("seen", "")
            )
    except REFUSED as error:
        problem, status = refused(error)
        with own_transaction() as session:
            stored = service.read_template(session, template_id)
        return _page(stored, words, problem), status
    flash(gettext("Saved."), "good")
    return redirect(url_for("setup.show_templates"))


@setup.post(f"{TEMPLATE}/remove")
def remove_template(template_id: int) -> AnyResponse:
    """Take a recurring patrol away; what was made of it stays."""
    with own_transaction() as session:
        service.remove_template(session, template_id, by=the_account().id)
    flash(gettext("The recurring patrol is gone; patrols that were made of it stay."), "good")
    return redirect(url_for("setup.show_templates"))


def _typed() -> dict[str, str]:
    """Return what the form says; no box ticked is no weekday, which is a fault of its own."""
    return {"weekdays": "", **typed(service.FIELDS)}


def _list(problem: str | None = None, words: dict[str, str] | None = None) -> str:
    with own_transaction() as session:
        found = service.list_templates(session)
        choices = _choices(session)
        days = [today() + timedelta(days=ahead) for ahead in range(DAYS_SHOWN)]
        ahead = [(day, templates.shifts_on(session, current_settings(), day)) for day in days]
    blank = {
        "weekdays": "1,2,3,4,5",
        "days": "working",
        "starts": "08:30",
        "ends": "17:30",
        "first_on": f"{today()}",
    }
    return render_template(
        "dispatch/setup_templates.html",
        templates=found,
        ahead=ahead,
        problem=problem,
        words={**blank, **(words or {})},
        **choices,
    )


def _page(stored: TemplateView, words: dict[str, str] | None = None, problem: str | None = None) -> str:
    with own_transaction() as session:
        choices = _choices(session)
    seen = request.form.get("seen", stored.seen) if problem else stored.seen
    return render_template(
        "dispatch/setup_template.html",
        template=stored,
        words={**_words_of(stored), **(words or {})},
        seen=seen,
        problem=problem,
        **choices,
    )


def _choices(session: Session) -> dict[str, Any]:
    names = get_locale().days["stand-alone"]["abbreviated"]
    return {
        "teams": [(team.code, team.setup.name) for team in teams.list_teams(session)],
        "routes": service.routes_to_choose(session),
        "weekday_names": {number: str(names[number - 1]) for number in range(1, 8)},
        "day_words": {
            "working": gettext("Working days"),
            "resting": gettext("Days of rest"),
            "all": gettext("All days"),
        },
    }


def _words_of(stored: TemplateView) -> dict[str, str]:
    one = stored.setup
    return {
        "name": one.name,
        "team": one.team,
        "route": one.route or "",
        "weekdays": ",".join(map(str, one.weekdays)),
        "days": one.days,
        "starts": f"{one.starts:%H:%M}",
        "ends": f"{one.ends:%H:%M}",
        "first_on": f"{one.first_on}",
        "last_on": f"{one.last_on or ''}",
    }

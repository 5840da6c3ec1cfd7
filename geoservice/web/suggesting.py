"""What to do about the blind spots: ask on a budget, watch the work, see what was found on a map and in a table."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, redirect, render_template, request, url_for
from shapely.geometry import shape

from geoservice.domain.roles import Permission, may
from geoservice.domain.tracks import Mode
from geoservice.errors import BadRequest, GeoServiceError, NotAllowed, NotFound
from geoservice.jobs.queue import wake
from geoservice.maps.dispatch import city_map
from geoservice.maps.values import SuggestionShape
from geoservice.services import city, coverage
from geoservice.services import suggest as service
from geoservice.services.city_area import city_area
from geoservice.services.suggestions import MOST_MINUTES, MOST_POSTS, Wanted, items_geojson
from geoservice.store import jobs as store
from geoservice.web import words
from geoservice.web.deployment import current_settings
from geoservice.web.errors import status_of
from geoservice.web.identity import current_scope, guard, own_transaction, the_account
from geoservice.web.map_text import base_map, map_answer, map_text, static_address
from geoservice.web.reader import the_reader
from geoservice.web.texts import current_locale, gettext
from geoservice.web.windows import PRESETS, ChosenWindow, chosen_window, period_args, window_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry import LineString, Point
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.domain.windows import Window
    from geoservice.maps.values import CityArea
    from geoservice.services.accounts import Account
    from geoservice.store.jobs import JobStatus

suggesting = Blueprint("suggesting", __name__, url_prefix="/dispatch/suggest")
guard(suggesting, Permission.SEE_CITY)

KIND = "suggest"
LISTED = 10
MOST_SECONDS = 30.0
"""What a page lets the solver take; the command line lets it take longer."""
BUDGETS = ("posts", "minutes")
FIRST_FORM = {"budget": "posts", "amount": "5", "mode": "foot", "seconds": "10", "zone": ""}


@suggesting.get("/")
def show_form() -> str:
    """Show what can be asked, and what this user asked before."""
    return _form_page({**FIRST_FORM, "zone": request.args.get("zone", "").strip()[:64]})


@suggesting.post("/")
def ask() -> tuple[str, int] | AnyResponse:
    """Ask for a suggestion, which a worker computes; what can't be asked is said beside the form."""
    account, form = the_account(), request.form
    if not may(account.role, Permission.COMPUTE_COVERAGE):
        raise NotAllowed
    try:
        window = window_of(form.get("from", ""), form.get("to", ""), form.get("period", ""))
        asked = _asked(account, window)
        with own_transaction() as session:
            _check_zone(session, window, asked.get("zone"))
            key = " ".join((KIND, str(account.id), json.dumps(asked, sort_keys=True)))
            job_id = store.ask(session, KIND, asked, dedupe_key=key, by=account.id)
    except (BadRequest, NotFound) as error:
        typed = {name: form.get(name, first)[:64] for name, first in FIRST_FORM.items()}
        return _form_page(typed, error), status_of(error)
    wake(current_settings(), [job_id])
    return redirect(url_for("jobs.show_job", job_id=job_id))


@suggesting.get("/<int(max=9223372036854775807):job_id>")
def show_suggestion(job_id: int) -> str | AnyResponse:
    """Show what a job suggests, best first; a job that is not done yet is shown as one."""
    with own_transaction() as session:
        job = _own_job(session, job_id)
    if job.state != "done" or job.result is None:
        return redirect(url_for("jobs.show_job", job_id=job_id))
    return render_template(
        "dispatch/suggestion.html",
        job=job,
        found=job.result,
        chosen=ChosenWindow(_window_of(job), None),
        zones=_zones_closed,
    )


@suggesting.get("/<int(max=9223372036854775807):job_id>/map")
def show_map(job_id: int) -> Response:
    """Show the map of what is suggested and of the blind spots, a page of its own for the frame."""
    with own_transaction() as session:
        job, items = _done(session, job_id)
        area = _area(session, job)
    text = map_text(gettext("Map of suggestions"), fit=gettext("Show all of it"))
    return map_answer(city_map(replace(area, suggestions=_shapes(items)), text, base_map(), static_address()))


@suggesting.get("/<int(max=9223372036854775807):job_id>/items.geojson")
def get_items(job_id: int) -> Response:
    """Send what is suggested as a file for QGIS, each thing with its sentence."""
    with own_transaction() as session:
        _, items = _done(session, job_id)
    if not items:
        raise NotFound("nothing_to_export")
    told = [
        {**item, "why": words.say(item["why"]["code"], item["why"]["values"]), "closes": _zones_closed(item)}
        for item in items
    ]
    return Response(
        json.dumps(items_geojson(told), ensure_ascii=False),
        content_type="application/geo+json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="suggestion-{job_id}.geojson"'},
    )


def _form_page(form: dict[str, str], error: GeoServiceError | None = None) -> str:
    chosen, account = _typed_window() if error else chosen_window(), the_account()
    with own_transaction() as session:
        has_data = coverage.has_data(session, chosen.window)
        recent = [
            job
            for job in store.recent(session, 50, kind=KIND)
            if job.requested_by == account.id and _is_for(job, account)
        ]
    return render_template(
        "dispatch/suggest.html",
        form=form,
        problem=words.say(error.code, error.values) if error else "",
        has_data=has_data,
        recent=recent[:LISTED],
        budgets=BUDGETS,
        modes=[mode.name.lower() for mode in Mode],
        most_seconds=round(MOST_SECONDS),
        chosen=chosen,
        presets=PRESETS,
    )


def _typed_window() -> ChosenWindow:
    """Return the window of a refused form, or the usual one where that is what was refused."""
    form = request.form
    try:
        return ChosenWindow(window_of(form.get("from", ""), form.get("to", ""), form.get("period", "")), None)
    except BadRequest:
        return chosen_window()


def _check_zone(session: Session, window: Window, code: str | None) -> None:
    """Refuse the code of a zone that is not there, or not in this user's scope."""
    wanted, scope = service.ground_of(session, window.to_on, zone=code), current_scope()
    if wanted is not None and not scope.everything and wanted.isdisjoint(scope.zone_ids):
        raise NotFound("zone_unknown", code=code)


def _asked(account: Account, window: Window) -> dict[str, Any]:
    """Return the arguments of the job that a form asks for; raises BadRequest."""
    form = request.form
    budget, mode, zone = form.get("budget", ""), form.get("mode", ""), form.get("zone", "").strip()
    if budget not in BUDGETS:
        raise BadRequest("suggest_budget_needed")
    if mode.upper() not in Mode.__members__:
        raise BadRequest
    amount = _amount(form.get("amount", ""), budget)
    seconds = _number(form.get("seconds", ""), "suggest_seconds_bad", most=MOST_SECONDS)
    if not 0 < seconds <= MOST_SECONDS:
        raise BadRequest("suggest_seconds_bad", value=f"{seconds:g}", most=round(MOST_SECONDS))
    if budget == "posts":
        Wanted(posts=int(amount))
    else:
        Wanted(minutes=amount)
    return {
        "from": window.from_on.isoformat(),
        "to": window.to_on.isoformat(),
        **period_args(window),
        budget: amount,
        "mode": mode,
        "seconds": seconds,
        **({"zone": zone} if zone else {}),
        **({"within": account.scope_zone_id} if account.scope_zone_id is not None else {}),
    }


def _amount(text: str, budget: str) -> float:
    if budget == "minutes":
        return _number(text, "suggest_minutes_bad", most=MOST_MINUTES)
    if not (text.strip().isdecimal() and len(text) < 10):
        raise BadRequest("suggest_posts_bad", value=text[:20], most=MOST_POSTS)
    return int(text)


def _number(text: str, code: str, *, most: float) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadRequest(code, value=text[:20], most=round(most)) from None


def _own_job(session: Session, job_id: int) -> JobStatus:
    """Return a job that suggests; NotFound for what another user asked, unless this one sees everything."""
    job = store.read(session, job_id)
    if job.kind != KIND or not _is_for(job, the_account()):
        raise NotFound("job_not_found", id=job_id)
    return job


def _is_for(job: JobStatus, account: Account) -> bool:
    """Tell whether an account may see what a job found: all of it lies in the scope that the account has now."""
    if account.scope_zone_id is None:
        return True
    return job.requested_by == account.id and job.args.get("within") == account.scope_zone_id


def _done(session: Session, job_id: int) -> tuple[JobStatus, list[dict[str, Any]]]:
    job = _own_job(session, job_id)
    if job.state != "done" or job.result is None:
        raise NotFound("job_not_found", id=job_id)
    return job, job.result["items"]


def _window_of(job: JobStatus) -> Window:
    return window_of(job.args["from"], job.args["to"], job.args.get("period", ""))


def _area(session: Session, job: JobStatus) -> CityArea:
    """Return the ground the question was about: the whole scope, or one zone's leaves and their blind spots."""
    window, code = _window_of(job), job.args.get("zone")
    levels = city.level_names(session, window.to_on, locale=current_locale())
    level = city.choose_level(levels, None)
    area = city_area(session, current_settings(), window, level.code if level else "", the_reader())
    if code is None:
        return area
    inside = coverage.zone_coverage(session, current_settings(), window, code=code)
    ids, codes = {row.zone_id for row in inside}, {row.code for row in inside}
    zones = tuple(zone for zone in area.zones if zone.id in ids)
    return replace(
        area, zones=zones or area.zones, gaps=tuple(gap for gap in area.gaps if gap.zone_code in codes)
    )


def _shapes(items: Iterable[dict[str, Any]]) -> tuple[SuggestionShape, ...]:
    return tuple(
        SuggestionShape(
            id=item["rank"],
            rank=item["rank"],
            kind=item["kind"],
            geometry=cast("Point | LineString", shape(item["geometry"])),
            title=item["street"] or gettext("Open ground"),
            lines=(
                (gettext("Closes"), words.write_area(item["area_m2"])),
                (gettext("Share"), words.write_percent(item["share"])),
                (gettext("Takes"), words.write_minutes(item["minutes"])),
                (gettext("In zone"), _zones_closed(item)),
            ),
        )
        for item in items
    )


def _zones_closed(item: dict[str, Any]) -> str:
    return ", ".join(dict.fromkeys(closed["zone"] for closed in item["closes"]))

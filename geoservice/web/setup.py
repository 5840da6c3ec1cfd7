"""What plans are made of: teams first; the calendar, recurring patrols and points have modules of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import shapely
from flask import flash, redirect, render_template, request, url_for

from geoservice.domain.tracks import Mode
from geoservice.maps.depots import depot_map
from geoservice.maps.plans import GroundShape
from geoservice.maps.values import StreetShape
from geoservice.services import teams as service
from geoservice.store import areas, check_rows, team_rows
from geoservice.web import setup_calendar, setup_points, setup_templates
from geoservice.web.deployment import today
from geoservice.web.identity import own_transaction, the_account
from geoservice.web.map_text import base_map, map_answer, map_text, static_address
from geoservice.web.setup_door import REFUSED, refused, setup, typed
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.teams import TeamView

__all__ = ["setup", "setup_calendar", "setup_points", "setup_templates"]

TEAM = "/teams/<int(max=2147483647):team_id>"
MOST_GROUND, MOST_STREETS = 400, 1_500


@setup.get("/")
def go_to_teams() -> AnyResponse:
    """Begin with the teams."""
    return redirect(url_for("setup.show_teams"))


@setup.get("/teams")
def show_teams() -> str:
    """List the teams, with a form for a new one."""
    return _list()


@setup.post("/teams")
def add_team() -> AnyResponse | tuple[str, int]:
    """Add a team and open its page."""
    try:
        with own_transaction() as session:
            made = service.add_team(
                session, request.form.get("code", ""), request.form.get("name", ""), by=the_account().id
            )
    except REFUSED as error:
        problem, status = refused(error)
        return _list(problem), status
    return redirect(url_for("setup.show_team", team_id=made.id))


@setup.get(TEAM)
def show_team(team_id: int) -> str:
    """Show a team with its members and a form to set it."""
    with own_transaction() as session:
        return _page(service.read_team(session, team_id))


@setup.post(TEAM)
def save_team(team_id: int) -> AnyResponse | tuple[str, int]:
    """Set a team as the form says."""
    words = {"active": "no", **typed(service.FIELDS)}
    try:
        with own_transaction() as session:
            service.change_team(
                session, team_id, words, by=the_account().id, seen=request.form.get("seen", "")
            )
    except REFUSED as error:
        problem, status = refused(error)
        with own_transaction() as session:
            team = service.read_team(session, team_id)
        return _page(team, words, problem), status
    flash(gettext("Saved."), "good")
    return redirect(url_for("setup.show_team", team_id=team_id))


@setup.get(f"{TEAM}/map")
def show_team_map(team_id: int) -> Response:
    """Show the map on which a team's start and end are set, a page of its own for the frame."""
    with own_transaction() as session:
        team = service.read_team(session, team_id)
        ground = _ground(session)
        depots = [place for place in (team.setup.depot, team.setup.end_depot) if place]
        streets = _streets(session, depots or _middle(ground))
    title = gettext("Map of start and end")
    text = replace(map_text(title, fit=gettext("Show the start again")), map_label=title)
    words = (gettext("Starts here"), gettext("Ends here"))
    return map_answer(depot_map(ground, streets, depots, (text, words), base_map(), static_address()))


def _list(problem: str | None = None) -> str:
    with own_transaction() as session:
        found = service.list_teams(session)
    return render_template(
        "dispatch/setup_teams.html", teams=found, modes=_modes(), problem=problem, form=request.form
    )


def _page(team: TeamView, words: dict[str, str] | None = None, problem: str | None = None) -> str:
    shown = {**_words_of(team), **(words or {})}
    seen = request.form.get("seen", team.seen) if problem else team.seen
    return render_template(
        "dispatch/setup_team.html", team=team, words=shown, seen=seen, modes=_modes(), problem=problem
    )


def _modes() -> dict[int, str]:
    return {Mode.FOOT: gettext("On foot"), Mode.EBIKE: gettext("E-bike"), Mode.CAR: gettext("Car")}


def _words_of(team: TeamView) -> dict[str, str]:
    """Return a team as its form shows it."""
    one = team.setup
    places = {name: getattr(one, name) for name in ("depot", "end_depot")}
    clocks = {name: getattr(one, name) for name in ("shift_from", "shift_to", "break_from", "break_to")}
    return {
        "name": one.name,
        "mode": str(int(one.mode)),
        "break_minutes": f"{one.break_minutes:g}" if one.break_minutes else "",
        "skills": ", ".join(one.skills),
        "zones": ", ".join(one.zones),
        "active": "yes" if one.active else "no",
        **{name: f"{place[0]},{place[1]}" if place else "" for name, place in places.items()},
        **{name: f"{at:%H:%M}" if at else "" for name, at in clocks.items()},
    }


def _ground(session: Session) -> list[GroundShape]:
    """Return the zones of the finest level that is not too many."""
    fitting = [level for level in areas.levels(session, today()) if level.zone_count <= MOST_GROUND]
    if not fitting:
        return []
    borders = check_rows.zone_borders(session, today(), level=fitting[-1].code)
    return [GroundShape(zone.zone_id, zone.code, zone.name, zone.geom) for zone in borders]


def _middle(ground: list[GroundShape]) -> list[tuple[float, float]]:
    if not ground:
        return []
    west, south, east, north = shapely.total_bounds([zone.geometry for zone in ground]).tolist()
    return [((west + east) / 2, (south + north) / 2)]


def _streets(session: Session, places: list[tuple[float, float]]) -> list[StreetShape]:
    """Return the streets around the places: a start is on or beside one."""
    found = {
        code: StreetShape(code, name, shapely.from_wkb(line))
        for place in places
        for code, name, line in team_rows.streets_near(session, place, MOST_STREETS)
    }
    return list(found.values())

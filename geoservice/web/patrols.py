"""What patrols did beside what was planned: lists by day, one patrol with map and replay, a week by team."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.domain.windows import Window
from geoservice.errors import BadRequest
from geoservice.maps.patrols import STOP_SIGNS, StopShape, patrol_map
from geoservice.services import on_the_way
from geoservice.services import patrols as service
from geoservice.services.patrols.lines import paces, replay_json
from geoservice.services.patrols.tallies import add_up
from geoservice.store.patrol_rows import teams
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.identity import guard, own_transaction
from geoservice.web.map_text import base_map, map_answer, map_text, static_address
from geoservice.web.paging import page_of
from geoservice.web.patrol_words import (
    TOOLS,
    facts_of,
    facts_of_extra,
    look_of,
    patrol_text,
    title_of,
    word_of_look,
)
from geoservice.web.texts import gettext
from geoservice.web.way_papers import send_way, sheet_page
from geoservice.web.windows import window_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from flask import Response

    from geoservice.services.on_the_way import Way
    from geoservice.services.patrols import PatrolView

patrols = Blueprint("patrols", __name__, url_prefix="/dispatch/patrols")
guard(patrols, Permission.PLAN)

PATROL = "/<int(max=2147483647):patrol_id>"
SHOWN = ("all", "missed", "under_way", "unheard")
MOST_DAYS = 31


@patrols.get("/")
def show_patrols() -> str:
    """List the patrols of a day or some days, of all teams or one."""
    window, team, show = _window(), request.args.get("team", "").strip(), _shown()
    with own_transaction() as session:
        views = service.list_patrols(
            session, current_settings(), window, now=current_time(), team=team or None
        )
        known = teams(session)
    found = [view for view in views if _fits(view, show)]
    shown = page_of(found)
    return render_template(
        "dispatch/patrols.html",
        rows=shown.rows,
        found=len(found),
        page=shown.number,
        pages=shown.pages,
        totals=add_up(view.tally for view in views),
        patrol_count=len(views),
        heard_count=sum(view.heard for view in views),
        waiting=any(view.waiting for view in views),
        window=window,
        teams=known,
        team=team,
        show=show,
        shows=SHOWN,
        word_of_show=_word_of_show,
        today=today(),
        now=current_time(),
        **TOOLS,
    )


@patrols.get(PATROL)
def show_patrol(patrol_id: int) -> str:
    """Show one patrol: its stops planned and actual, its map, its replay."""
    settings = current_settings()
    with own_transaction() as session:
        view = service.find_patrol(session, settings, patrol_id, now=current_time())
        lines = service.patrol_lines(session, settings, patrol_id)
        photos = on_the_way.photos_of(session, settings, patrol_id)
    return render_template(
        "dispatch/patrol.html",
        patrol=view,
        photos=photos,
        paces=paces(lines),
        has_track=bool(lines.gone),
        signs=STOP_SIGNS,
        **TOOLS,
    )


@patrols.get(f"{PATROL}/map")
def show_map(patrol_id: int) -> Response:
    """Show the map of one patrol, a page of its own for the frame."""
    settings = current_settings()
    with own_transaction() as session:
        view = service.find_patrol(session, settings, patrol_id, now=current_time())
        lines = service.patrol_lines(session, settings, patrol_id)
    drawn = patrol_map(
        lines.planned,
        [(one.name, one.line) for one in lines.gone],
        _stop_shapes(view),
        map_text(gettext("Map of the patrol"), fit=gettext("Show the whole patrol")),
        patrol_text(),
        base_map(),
        static_address(),
    )
    return map_answer(drawn)


@patrols.get(f"{PATROL}/replay.json")
def get_replay(patrol_id: int) -> Response:
    """Send what the replay plays: moments, places and speeds of each device, and the stops on its clock."""
    settings = current_settings()
    with own_transaction() as session:
        view = service.find_patrol(session, settings, patrol_id, now=current_time())
        lines = service.patrol_lines(session, settings, patrol_id)
    local = lines.since.astimezone(settings.zone_info)
    return jsonify(
        {
            **replay_json(lines),
            "clock": 3600 * local.hour + 60 * local.minute + local.second,
            "stops": _stops_on_clock(view, lines.since),
        }
    )


@patrols.get(f"{PATROL}/sheet")
def show_sheet(patrol_id: int) -> str:
    """Show the patrol as planned, as a sheet to print."""
    with own_transaction() as session:
        way = on_the_way.read(session, current_settings(), patrol_id)
        streets = on_the_way.nearby_lines(session, way)
    return sheet_page(way, streets, url_for("patrols.show_patrol", patrol_id=patrol_id))


@patrols.get(f"{PATROL}/round.<string:ending>")
def get_round(patrol_id: int, ending: str) -> Response:
    """Send the patrol as planned as GPX, GeoJSON or KML."""
    with own_transaction() as session:
        way: Way = on_the_way.read(session, current_settings(), patrol_id)
    return send_way(way, ending)


@patrols.get("/week")
def show_week() -> str:
    """Show a week by team, and what was missed in it by name."""
    team = request.args.get("team", "").strip()
    with own_transaction() as session:
        week = service.week_of(
            session, current_settings(), _day_of("on"), now=current_time(), team=team or None
        )
        known = teams(session)
    return render_template(
        "dispatch/patrols_week.html", week=week, teams=known, team=team, today=today(), **TOOLS
    )


def _window() -> Window:
    """Return the days of the request: `?on=`, or `?from=` and `?to=`, else today."""
    args = request.args
    if not (args.get("from") or args.get("to")):
        day = _day_of("on")
        return Window(day, day)
    window = window_of(args.get("from", ""), args.get("to", ""))
    if (window.to_on - window.from_on).days >= MOST_DAYS:
        raise BadRequest("window_too_long", days=MOST_DAYS)
    return window


def _day_of(name: str) -> date:
    given = request.args.get(name, "").strip()
    try:
        day = date.fromisoformat(given) if given else today()
    except ValueError:
        raise BadRequest("bad_day", day=given[:40]) from None
    if not 1900 <= day.year <= 2999:
        raise BadRequest("bad_day", day=given[:40])
    return day


def _shown() -> str:
    wanted = request.args.get("show", "")
    return wanted if wanted in SHOWN else SHOWN[0]


def _fits(view: PatrolView, show: str) -> bool:
    return {
        "all": True,
        "missed": view.tally.missed > 0,
        "under_way": view.on_the_street,
        "unheard": view.over and not view.heard,
    }[show]


def _word_of_show(show: str) -> str:
    return {
        "all": gettext("all"),
        "missed": gettext("with missed stops"),
        "under_way": gettext("under way"),
        "unheard": gettext("nothing heard"),
    }[show]


def _stop_shapes(view: PatrolView) -> list[StopShape]:
    stops = [
        StopShape(
            str(stop.position), stop.position, look_of(stop), title_of(stop), word_of_look(look_of(stop)),
            stop.lon, stop.lat, facts_of(stop),
        )
        for stop in view.stops
    ]  # fmt: skip
    extras = [
        StopShape(
            f"x{number}", 0, "extra", extra.name, word_of_look("extra"), extra.lon, extra.lat, facts_of_extra(extra)
        )
        for number, extra in enumerate(view.extras, 1)
    ]  # fmt: skip
    return [*extras, *stops]


def _stops_on_clock(view: PatrolView, since: datetime) -> Sequence[dict[str, Any]]:
    """Return stops and unplanned visits in seconds after an instant, None where a moment is not known."""

    def after(moment: datetime | None) -> int | None:
        return None if moment is None else round((moment - since).total_seconds())

    extras = [
        {
            "number": 0,
            "look": "extra",
            "planned": None,
            "arrive": after(one.arrived_at),
            "leave": after(one.left_at),
        }
        for one in view.extras
    ]
    return extras + [
        {
            "number": stop.position,
            "look": look_of(stop),
            "planned": after(stop.planned_arrive_at),
            "arrive": after(stop.arrived_at),
            "leave": after(stop.left_at),
        }
        for stop in view.stops
    ]

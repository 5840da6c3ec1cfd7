"""Two windows of days side by side: for a leader on his ground, for dispatchers on a level of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for

from geoservice.domain.roles import Permission, may
from geoservice.errors import NotAllowed
from geoservice.maps.dispatch import city_map
from geoservice.services import comparing as service
from geoservice.services.areas import Show
from geoservice.web.asked_area import admit_to_maps, asked_level, city_ground
from geoservice.web.deployment import current_settings, today
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.leader_door import my_id
from geoservice.web.map_text import base_map, kept_map, map_text, static_address
from geoservice.web.reader import the_reader
from geoservice.web.texts import gettext
from geoservice.web.windows import PRESETS, chosen_window, period_args, window_of

if TYPE_CHECKING:
    import folium
    from flask import Response
    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window
    from geoservice.services.city import LevelName
    from geoservice.services.comparing import Comparison

comparing = Blueprint("comparing", __name__, url_prefix="/compare")
"""For whoever sees a map."""
guard(comparing, None)


comparing.before_request(admit_to_maps)


@comparing.get("/")
def show_comparison() -> str:
    """Show two maps whose views follow each other, and each zone's difference; the days before where the address names none."""
    chosen = chosen_window()
    after = chosen.window
    before = _earlier(after)
    levels: tuple[LevelName, ...] = ()
    level = None
    with own_transaction() as session:
        if not _is_leader():
            levels, level = asked_level(session, today())
        found = _compared(session, before, after, level)
    return render_template(
        "leader/compare.html",
        found=found,
        windows=(before, after),
        frames=[_frame(one, level) for one in (before, after)],
        levels=levels,
        level=level,
        chosen=chosen,
        presets=PRESETS,
        is_leader=_is_leader(),
    )


@comparing.get("/map")
def show_map() -> Response:
    """Show one window's map of a level, a page of its own for a frame: all of it at once, so that the two are alike."""
    if _is_leader():
        raise NotAllowed
    window = chosen_window().window
    with own_transaction() as session:
        level = asked_level(session, today())[1]
        parts = ("compared", window, level)
        return kept_map(session, parts, lambda: _draw(session, window, level), is_handed=True)


def _draw(session: Session, window: Window, level: LevelName | None) -> folium.Map:
    area = city_ground(session, window, level, Show.GAPS, the_reader())
    text = map_text(gettext("City map"), fit=gettext("Show the whole city"))
    return city_map(area, text, base_map(), static_address())


def _is_leader() -> bool:
    return may(the_account().role, Permission.SEE_OWN_GROUND)


def _earlier(after: Window) -> Window:
    """Return the days that the address compares with: `from2` to `to2`, else as many just before."""
    first, last = request.args.get("from2", ""), request.args.get("to2", "")
    return (
        window_of(first, last, request.args.get("period", ""))
        if first or last
        else service.window_before(after)
    )


def _compared(session: Session, before: Window, after: Window, level: LevelName | None) -> Comparison | None:
    settings = current_settings()
    if _is_leader():
        return service.compare_leader(session, settings, before, after, my_id(), today())
    return service.compare_level(session, settings, before, after, level.code) if level else None


def _frame(window: Window, level: LevelName | None) -> str:
    """Return the address of the map of a window."""
    days: dict[str, Any] = {
        "from": window.from_on.isoformat(),
        "to": window.to_on.isoformat(),
        **period_args(window),
    }
    if _is_leader():
        return url_for("leader.show_map", **days)
    return url_for("comparing.show_map", level=level.code if level else None, **days)

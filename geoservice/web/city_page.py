"""The page of the city's map and the frame in it: what they open with, and where the frame's answers come from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import render_template, request, url_for

from geoservice.domain.roles import Permission, may
from geoservice.maps.city import KINDS, CityGround, CityText, city_frame
from geoservice.maps.values import Window as ShownWindow
from geoservice.services import as_of
from geoservice.services import city_map as service
from geoservice.services.areas import Show
from geoservice.store import map_rows
from geoservice.web.asked_area import asked_level, asked_show
from geoservice.web.deployment import current_settings, today
from geoservice.web.identity import own_transaction, the_account
from geoservice.web.map_text import base_map, kept_map, map_text, static_address
from geoservice.web.reader import the_reader
from geoservice.web.texts import gettext
from geoservice.web.windows import PRESETS, chosen_window

if TYPE_CHECKING:
    import folium
    from flask import Response
    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window
    from geoservice.web.windows import ChosenWindow

GAPS_LISTED = 100
GROUND = ("zones", "exclusions")
SHOWN = {
    Show.GAPS: (*GROUND, "gaps"),
    Show.STREETS: (*GROUND, "streets", "stretches"),
    Show.POINTS: (*GROUND, "points"),
    Show.AGES: (*GROUND, "ages"),
}
"""What is switched on when the page opens."""


def show_map() -> str:
    """Show the city's map beside the list of what is most urgent."""
    chosen, show, reader = chosen_window(), asked_show(), the_reader()
    with own_transaction() as session:
        levels, level = asked_level(session, today())
        area = service.overview(session, current_settings(), chosen.window, show, reader)
    code, category, late = (
        level.code if level else "",
        request.args.get("category", "")[:60],
        "late" in request.args,
    )
    place, switched = request.args.get("at", "")[:60], request.args.get("on", "")[:120]
    return render_template(
        "dispatch/map.html",
        area=area,
        levels=levels,
        level=code,
        show=show.value,
        layers=tuple(layer.value for layer in Show),
        chosen=chosen,
        presets=PRESETS,
        category=category,
        late=late,
        place=place,
        switched=switched,
        kiosk="kiosk" in request.args,
        opening=_opening(place, switched),
        addresses=addresses_of(chosen, code, category=category, late=late),
        gaps_listed=GAPS_LISTED,
    )


def show_map_frame() -> Response:
    """Show the map itself, a page of its own for the frame: without shapes, which it asks for."""
    window, show = chosen_window().window, asked_show()
    with own_transaction() as session:
        level = asked_level(session, today())[1]
        parts = ("city", window, level, show, _follows_patrols())
        return kept_map(session, parts, lambda: _draw(session, window, level.code if level else "", show))


def _draw(session: Session, window: Window, level: str, show: Show) -> folium.Map:
    found = map_rows.level_ground(session, level, window.to_on)
    ground = CityGround(
        found.bounds if found else None,
        found.width if found else 0.0,
        ShownWindow(window.from_on, window.to_on),
        as_of.computed_at(session, window),
    )
    absent = set() if _follows_patrols() else {"devices"}
    if not map_rows.has_streets(session):
        absent |= {"streets", "stretches"}
    kinds = [kind for kind in KINDS if kind not in absent]
    text = replace(
        map_text(gettext("City map"), fit=gettext("Show the whole city")), map_label=gettext("City map")
    )
    own = CityText(
        devices=gettext("Where patrols are now"),
        signs=(
            gettext("Reports"),
            gettext("Should be on patrol and is silent"),
            gettext("Silent, no patrol now"),
        ),
        failed=gettext("Part of the map did not come. Move the map, or load the page again."),
        group=gettext("{count} points here, {late} overdue or never visited; closer to see each"),
    )
    return city_frame(ground, kinds, SHOWN[show], (text, own), base_map(), static_address())


def _follows_patrols() -> bool:
    return may(the_account().role, Permission.PLAN)


def _opening(place: str, switched: str) -> str:
    """Return what the frame's address ends with: where it opens and what is switched on."""
    told = {name: value for name, value in (("at", place), ("on", switched)) if value}
    return f"#{urlencode(told)}" if told else ""


def addresses_of(
    chosen: ChosenWindow, level: str, *, category: str = "", late: bool = False
) -> dict[str, str]:
    """Return where the page fetches what its frame asks for; 0/0/0 stands for a tile."""
    tile: dict[str, Any] = {"zoom": 0, "column": 0, "row": 0}
    window: dict[str, Any] = {**chosen.args, "level": level or None}
    filters: dict[str, Any] = {"category": category or None, "late": 1 if late else None}
    return {
        "zones": url_for(
            "city_map.show_zones", level=level or "-", day=chosen.window.to_on.isoformat(), **tile
        ),
        "streets": url_for("city_map.show_streets", **tile),
        "points": url_for("city_map.show_points", **tile, **chosen.args, **filters),
        "rates": url_for("city_map.show_rates", **window),
        "shapes": url_for("city_map.show_shapes", kind="gaps", **chosen.args),
        "card": url_for("city_map.show_zone_at", **window),
        "devices": url_for("city_map.show_devices") if _follows_patrols() else "",
    }

"""The leader's page: the ground he contracted, its coverage and its blind spots. No address carries a leader's id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from geoservice.domain.roles import Permission
from geoservice.errors import NotAllowed
from geoservice.maps.leader import leader_map
from geoservice.services import answering, areas
from geoservice.web.age_image import age_image
from geoservice.web.deployment import current_settings, today
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.map_text import base_map, kept_map, map_text, static_address
from geoservice.web.reader import the_reader
from geoservice.web.reasons import explain_gap, explain_stretch
from geoservice.web.texts import current_locale, gettext
from geoservice.web.windows import PRESETS, chosen_window

if TYPE_CHECKING:
    import folium
    from flask import Response
    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window
    from geoservice.maps.values import LeaderArea

leader = Blueprint("leader", __name__, url_prefix="/leader")
guard(leader, Permission.SEE_OWN_GROUND)


@leader.get("/")
def show_area() -> str:
    """Show his coverage, his blind spots, his points and who else is responsible, beside the map."""
    chosen = chosen_window()
    with own_transaction() as session:
        area = _my_area(session, chosen.window)
        people = answering.responsible(session, _my_id(), today(), locale=current_locale())
    return render_template(
        "leader/area.html",
        area=area,
        people=people,
        explain_gap=explain_gap,
        explain_stretch=explain_stretch,
        stretches_capped=len(area.stretches) == areas.LEADER_STRETCHES,
        chosen=chosen,
        presets=PRESETS,
    )


@leader.get("/map")
def show_map() -> Response:
    """Show the map itself, a page of its own for the frame."""
    chosen = chosen_window()
    with own_transaction() as session:
        return kept_map(session, ("leader", _my_id(), chosen.window), lambda: _draw(session, chosen.window))


def _draw(session: Session, window: Window) -> folium.Map:
    area = _my_area(session, window)
    mine = [zone.id for zone in area.zones]
    area = replace(area, ages=age_image(session, window, zone_ids=mine) if mine else None)
    text = map_text(gettext("My ground"), fit=gettext("Show all my ground"))
    return leader_map(area, text, base_map(), static_address())


def _my_area(session: Session, window: Window) -> LeaderArea:
    return areas.leader_area(session, current_settings(), _my_id(), window, the_reader())


def _my_id() -> int:
    leader_id = the_account().leader_id
    if leader_id is None:
        raise NotAllowed
    return leader_id

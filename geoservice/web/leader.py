"""The leader's page: the ground he contracted, its coverage and its blind spots. No address carries a leader's id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import render_template

from geoservice.maps.leader import leader_map
from geoservice.services import answering, areas, patrol_requests
from geoservice.web import leader_asking, leader_finding, leader_growth
from geoservice.web.age_image import age_image
from geoservice.web.deployment import current_time, today
from geoservice.web.identity import own_transaction
from geoservice.web.leader_door import leader, my_area, my_id
from geoservice.web.map_text import base_map, kept_map, map_text, static_address
from geoservice.web.reasons import explain_gap, explain_stretch
from geoservice.web.request_answers import mark_of, new_answers
from geoservice.web.request_words import word_of_request, word_of_step
from geoservice.web.texts import current_locale, gettext
from geoservice.web.windows import PRESETS, chosen_window

if TYPE_CHECKING:
    import folium
    from flask import Response
    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window

__all__ = ["leader", "leader_asking", "leader_finding", "leader_growth"]


@leader.get("/")
def show_area() -> str:
    """Show his coverage, his blind spots, his points and who else is responsible, beside the map."""
    chosen = chosen_window()
    with own_transaction() as session:
        area = my_area(session, chosen.window)
        people = answering.responsible(session, my_id(), today(), locale=current_locale())
        asked = patrol_requests.listed(session, now=current_time())
    answers = new_answers(asked)
    return render_template(
        "leader/area.html",
        area=area,
        people=people,
        asked=asked,
        answers=answers,
        answers_mark=mark_of(answers),
        word_of_request=word_of_request,
        step_word=word_of_step,
        explain_gap=explain_gap,
        explain_stretch=explain_stretch,
        stretches_capped=len(area.stretches) == areas.LEADER_STRETCHES,
        longest_note=patrol_requests.LONGEST_NOTE,
        longest_word=leader_finding.LONGEST,
        chosen=chosen,
        presets=PRESETS,
    )


@leader.get("/tables")
def show_tables() -> str:
    """Show what the map's other layers hold as tables: a piece of the page, asked for once somebody opens it."""
    with own_transaction() as session:
        area = my_area(session, chosen_window().window)
    return render_template("leader/layer_tables.html", area=area)


@leader.get("/map")
def show_map() -> Response:
    """Show the map itself, a page of its own for the frame."""
    chosen = chosen_window()
    with own_transaction() as session:
        parts = ("leader", my_id(), chosen.window)
        return kept_map(session, parts, lambda: _draw(session, chosen.window), is_handed=True)


def _draw(session: Session, window: Window) -> folium.Map:
    area = my_area(session, window)
    mine = [zone.id for zone in area.zones]
    area = replace(area, ages=age_image(session, window, zone_ids=mine) if mine else None)
    text = map_text(gettext("My ground"), fit=gettext("Show all my ground"))
    return leader_map(area, text, base_map(), static_address())

"""The map of a plan: an answer for the frame, and the shapes alone after each change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geoservice.maps.plans import PlanText, StopShape, WayShape, plan_map, plan_shapes
from geoservice.web import plan_words as words
from geoservice.web.map_ground import ground_shapes
from geoservice.web.map_text import base_map, map_answer, map_text, static_address
from geoservice.web.plans_board import patrol_facts, stop_facts, stop_name
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from sqlalchemy.orm import Session

    from geoservice.web.plans_board import Board

"""A level with more zones is no ground to read ways on: the next coarser one is drawn."""


def answer_map(session: Session, board: Board) -> Response:
    """Return the map's page."""
    title = gettext("Map of the plan")
    text = replace(map_text(title, fit=gettext("Show the whole plan")), map_label=title)
    own = PlanText(
        ways=gettext("Patrols"),
        stops=gettext("Stops"),
        left_out=gettext("Left out"),
        depot=gettext("Start, with the team's letter"),
    )
    return map_answer(
        plan_map(shapes_of(board), ground_shapes(session), (text, own), base_map(), static_address())
    )


def shapes_of(board: Board) -> dict[str, Any]:
    """Return what the map draws of the days that are shown."""
    shown = [one for one in board.patrols if one["on"] in board.days_shown and one["stops"]]
    return plan_shapes([_way(board, patrol) for patrol in shown], [_left_out(one) for one in board.unserved])


def _way(board: Board, patrol: Mapping[str, Any]) -> WayShape:
    start = patrol.get("start")
    return WayShape(
        key=patrol["key"],
        sign=board.signs[patrol["team"]],
        title=patrol["team_name"] or patrol["team"],
        line=tuple((place[0], place[1]) for place in patrol.get("line", ())),
        start=(start[0], start[1]) if start else None,
        facts=patrol_facts(patrol),
        stops=tuple(
            StopShape(
                key=stop["key"],
                number=number,
                title=stop_name(stop),
                lon=stop["lon"],
                lat=stop["lat"],
                facts=stop_facts(stop, patrol),
                pinned=bool(stop.get("pinned")),
            )
            for number, stop in enumerate(patrol["stops"], start=1)
        ),
    )


def _left_out(one: Mapping[str, Any]) -> StopShape:
    reason, values = one.get("reason", ""), one.get("values") or {}
    return StopShape(
        key=one["key"],
        number=0,
        title=stop_name(one),
        lon=one["lon"],
        lat=one["lat"],
        facts=(
            (gettext("Left out"), words.word_of_reason(reason)),
            (gettext("What would help"), words.help_of_reason(reason, values)),
        ),
    )

"""Why a blind spot or an unseen stretch comes first: its score, in one line, from what the map shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import format_decimal

from geoservice.domain.ranking import HECTARE_M2, HECTOMETRE_M, days_counted, gap_score, stretch_score
from geoservice.web import words
from geoservice.web.deployment import current_settings

if TYPE_CHECKING:
    from geoservice.maps.values import GapShape, StretchShape


def explain_gap(gap: GapShape) -> str:
    """Say how the score of a blind spot comes about: size × weight of the points inside × days unseen."""
    never = current_settings().history_days
    code = "gap_score_points" if gap.point_weight else "gap_score"
    return words.say(
        code + _never(gap.days_unseen),
        {
            "hectares": _number(gap.area_m2 / HECTARE_M2),
            "weight": _number(gap.point_weight),
            "points": words.write_count(gap.point_count),
            "days": words.write_count(days_counted(gap.days_unseen, never)),
            "score": _number(gap_score(gap.area_m2, gap.point_weight, gap.days_unseen, never)),
        },
    )


def explain_stretch(stretch: StretchShape) -> str:
    """Say how the score of an unseen stretch comes about: length × days unseen."""
    never = current_settings().history_days
    return words.say(
        "stretch_score" + _never(stretch.days_unseen),
        {
            "hectometres": _number(stretch.length_m / HECTOMETRE_M),
            "days": words.write_count(days_counted(stretch.days_unseen, never)),
            "score": _number(stretch_score(stretch.length_m, stretch.days_unseen, never)),
        },
    )


def _never(days_unseen: int | None) -> str:
    return "_never" if days_unseen is None else ""


def _number(number: float) -> str:
    """Write a number with as many decimals as somebody reads: none from a hundred on, else three digits that count."""
    return str(format_decimal(number, "#,##0" if number >= 100 else "@##"))

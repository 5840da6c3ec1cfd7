"""Why a blind spot or an unseen stretch comes first: its score, in one line, from what the map shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import format_decimal

from geoservice.services.ranking import gap_reason, stretch_reason
from geoservice.web import words
from geoservice.web.deployment import current_settings

if TYPE_CHECKING:
    from geoservice.maps.values import GapShape, StretchShape


def explain_gap(gap: GapShape) -> str:
    """Say how the score of a blind spot comes about: size × weight of the points inside × days unseen."""
    return words.say(*gap_reason(gap, current_settings().history_days, _number))


def explain_stretch(stretch: StretchShape) -> str:
    """Say how the score of an unseen stretch comes about: length × days unseen."""
    return words.say(*stretch_reason(stretch, current_settings().history_days, _number))


def _number(number: float) -> str:
    """Write a number with as many decimals as somebody reads: none from a hundred on, else three digits that count."""
    return str(format_decimal(number, "#,##0" if number >= 100 else "@##"))

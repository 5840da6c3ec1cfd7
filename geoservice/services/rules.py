"""The settings as the rules that the domain computes by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.streets import MatchRules
from geoservice.domain.tracks import Limits, Mode
from geoservice.domain.windows import PeriodStarts

if TYPE_CHECKING:
    from geoservice.config import Settings


def limits_of(settings: Settings) -> Limits:
    """Return what a plausible segment is in this deployment."""
    return Limits(settings.max_speed_mps, settings.max_gap_s, settings.max_gap_m, settings.max_accuracy_m)


def reach_of(settings: Settings) -> dict[int, float]:
    """Return how far each mode sees, metres."""
    return {
        Mode.FOOT: settings.reach_foot_m,
        Mode.EBIKE: settings.reach_ebike_m,
        Mode.CAR: settings.reach_car_m,
    }


def period_starts(settings: Settings) -> PeriodStarts:
    """Return when the periods of a day begin."""
    return PeriodStarts(settings.morning_from, settings.evening_from, settings.night_from)


def match_rules(settings: Settings) -> MatchRules:
    """Return what supports a piece of street."""
    return MatchRules(settings.street_reach_m, settings.street_heading_deg, settings.street_piece_m)

"""Gaps and unseen stretches of street, the most urgent first, each with one line that says why it stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.ranking import HECTARE_M2, HECTOMETRE_M, days_counted, gap_score, stretch_score
from geoservice.messages import sentence
from geoservice.services import coverage, stretches
from geoservice.services.responsibility import answers
from geoservice.store import areas
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.maps.values import GapShape, StretchShape
    from geoservice.services.coverage import GapRow
    from geoservice.services.responsibility import Answer
    from geoservice.services.stretches import StretchRow


@dataclass(frozen=True)
class RankedGap:
    """A gap with its rank (1: first), its score and what that is made of: hectares × (1 + weight) × days.

    `is_never`: not seen within the history looked at, whose length `days` then is. `answers`: who answers for its zone.
    """

    rank: int
    score: float
    hectares: float
    point_weight: float
    point_count: int
    days: int
    is_never: bool
    gap: GapRow
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class RankedStretch:
    """An unseen stretch of street with its rank, its score and what that is made of: hectometres × days."""

    rank: int
    score: float
    hectometres: float
    days: int
    is_never: bool
    stretch: StretchRow
    answers: tuple[Answer, ...]


def ranked_gaps(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    zone_ids: Collection[int] | None = None,
    leader_id: int | None = None,
    limit: int | None = None,
) -> list[RankedGap]:
    """Return the gaps of a window by rank: of the whole city, of zones and all below them, on one leader's ground.

    Ranks count within what is asked for. Contracts and borders are those of the window's last day.
    """
    wanted = _zones_wanted(session, window.to_on, zone_ids, leader_id)
    if wanted is not None and not wanted:
        return []
    gaps = coverage.zone_gaps(session, settings, window, zone_ids=wanted)
    people = _people_of_zones(session, window.to_on)
    return [
        RankedGap(
            rank=rank,
            score=gap.score,
            hectares=gap.area_m2 / HECTARE_M2,
            point_weight=gap.point_weight,
            point_count=gap.point_count,
            days=days_counted(gap.days_unseen, settings.history_days),
            is_never=gap.days_unseen is None,
            gap=gap,
            answers=people(gap.zone_id),
        )
        for rank, gap in enumerate(gaps[:limit], 1)
    ]


def ranked_stretches(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    zone_ids: Collection[int] | None = None,
    leader_id: int | None = None,
    limit: int | None = None,
) -> list[RankedStretch]:
    """Return the unseen stretches of streets by rank; a leader's are those in his zones and of his streets."""
    on = window.to_on
    wanted = _zones_wanted(session, on, zone_ids, None)
    found = stretches.street_gaps(session, settings, window, zone_ids=wanted)
    if leader_id is not None:
        mine = areas.contracted_ground(session, leader_id, on)
        below = areas.subtree_ids(session, mine.zone_ids, on)
        found = [each for each in found if each.zone_id in below or each.street_id in mine.street_ids]
    found.sort(key=lambda each: (-each.score, -each.length_m, each.code))
    held, path_of = answers(session, on), _paths(session, on)
    return [
        RankedStretch(
            rank=rank,
            score=each.score,
            hectometres=each.length_m / HECTOMETRE_M,
            days=days_counted(each.days_unseen, settings.history_days),
            is_never=each.days_unseen is None,
            stretch=each,
            answers=held.for_street(each.street_id, path_of.get(each.zone_id or 0, ())),
        )
        for rank, each in enumerate(found[:limit], 1)
    ]


def explain(ranked: RankedGap | RankedStretch, locale: str) -> str:
    """Say in one line why a gap or stretch has its score."""
    # Of what was never seen `days` is the whole history.
    if isinstance(ranked, RankedStretch):
        return sentence(*stretch_reason(ranked.stretch, ranked.days, _shown), locale)
    return sentence(*gap_reason(ranked.gap, ranked.days, _shown), locale)


def gap_reason(
    gap: GapRow | GapShape, never_days: int, write: Callable[[float], str]
) -> tuple[str, dict[str, str]]:
    """Return the sentence that says how a gap's score comes about, as its code and its values as written."""
    points = "_points" if gap.point_weight else ""
    score = gap_score(gap.area_m2, gap.point_weight, gap.days_unseen, never_days)
    return f"gap_score{points}{_never(gap.days_unseen)}", {
        "hectares": write(gap.area_m2 / HECTARE_M2),
        "weight": write(gap.point_weight),
        "points": write(gap.point_count),
        "days": write(days_counted(gap.days_unseen, never_days)),
        "score": write(score),
    }


def stretch_reason(
    stretch: StretchRow | StretchShape, never_days: int, write: Callable[[float], str]
) -> tuple[str, dict[str, str]]:
    """Return the same of an unseen stretch of street."""
    score = stretch_score(stretch.length_m, stretch.days_unseen, never_days)
    return f"stretch_score{_never(stretch.days_unseen)}", {
        "hectometres": write(stretch.length_m / HECTOMETRE_M),
        "days": write(days_counted(stretch.days_unseen, never_days)),
        "score": write(score),
    }


def _never(days_unseen: int | None) -> str:
    return "_never" if days_unseen is None else ""


def _shown(number: float) -> str:
    """A number with as many decimals as somebody reads: none from a hundred on, else three digits that count."""
    if number >= 100:
        return f"{number:.0f}"
    return f"{number:.3g}"


def _zones_wanted(
    session: Session, on: date, zone_ids: Collection[int] | None, leader_id: int | None
) -> frozenset[int] | None:
    """Return the zones asked for and all below them, of a leader only his; None: all."""
    wanted = None if zone_ids is None else areas.subtree_ids(session, frozenset(zone_ids), on)
    if leader_id is None:
        return wanted
    mine = areas.subtree_ids(session, areas.contracted_ground(session, leader_id, on).zone_ids, on)
    return mine if wanted is None else mine & wanted


def _paths(session: Session, on: date) -> dict[int, tuple[int, ...]]:
    return {zone.zone_id: zone.path for zone in zones_on(session, on)}


def _people_of_zones(session: Session, on: date) -> Callable[[int], tuple[Answer, ...]]:
    held, path_of = answers(session, on), _paths(session, on)
    return lambda zone_id: held.for_zone(path_of[zone_id])

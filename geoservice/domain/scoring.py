"""Ranking by a published formula: weights of indicators, what counts where one is unknown, ties, red and black lists."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from geoservice.domain.indicators import LESS_IS_BETTER, RATES
from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

K = TypeVar("K")

SUBJECTS = ("zone", "leader", "department", "person")
DECIMALS = 2
FULL = 100.0
MOST_LISTED = 50


@dataclass(frozen=True)
class Lists:
    """Who is on the red list (the best, from `red_from` points on) and the black (the last, below `black_below`)."""

    red: int
    black: int
    red_from: float
    black_below: float


@dataclass(frozen=True)
class Formula:
    """Weights by subject and indicator. `least_known`: the share of the weight that must be known for a score."""

    weights: Mapping[str, Mapping[str, float]]
    lists: Lists
    least_known: float


@dataclass(frozen=True)
class Score:
    """Points of 100, rounded as they are printed; None where too little is known. `parts`: points by indicator."""

    points: float | None
    known: float
    parts: Mapping[str, float]


def read_formula(stored: Mapping[str, Any]) -> Formula:
    """Return a formula as it is stored; BadRequest names what makes no sense."""
    weights = {subject: _weights(subject, stored.get(subject) or {}) for subject in SUBJECTS}
    lists = stored.get("lists") or {}
    return Formula(
        weights,
        Lists(
            int(_number(lists.get("red", 3), "red", MOST_LISTED)),
            int(_number(lists.get("black", 3), "black", MOST_LISTED)),
            _number(lists.get("red_from", 80), "red_from", FULL),
            _number(lists.get("black_below", 60), "black_below", FULL),
        ),
        _number(stored.get("least_known", 0.5), "least_known", 1.0),
    )


def score(weights: Mapping[str, float], values: Mapping[str, float | None], least_known: float) -> Score:
    """Return Σ weight × value over Σ weight of what is known, times 100; of rates where less is better 1 − value counts.

    An indicator without a denominator takes its weight out of both sums: nobody gains or loses by it. With less than
    `least_known` of the weight known there is no score at all.
    """
    whole = math.fsum(weights.values())
    known = {code: value for code in weights if (value := values.get(code)) is not None}
    weight = math.fsum(weights[code] for code in known)
    if whole <= 0 or weight <= 0 or weight < least_known * whole:
        return Score(None, weight, {})
    parts = {
        code: FULL * weights[code] * _merit(code, value) / weight for code, value in sorted(known.items())
    }
    return Score(round(math.fsum(parts.values()), DECIMALS), weight, parts)


def ranks(points: Mapping[K, float | None]) -> dict[K, int]:
    """Return each key's place, 1 the best; equal points share one and the next is left out. Without points there is none."""
    told = sorted((value for value in points.values() if value is not None), reverse=True)
    place: dict[float, int] = {}
    for number, value in enumerate(told, 1):
        place.setdefault(value, number)
    return {key: place[value] for key, value in points.items() if value is not None}


def red_and_black(points: Mapping[K, float | None], lists: Lists) -> dict[K, str]:
    """Return who is on the "red" and who on the "black" list.

    Those who share the last place of a list are all on it. Of one alone there is no best and no last.
    """
    known = {key: value for key, value in points.items() if value is not None}
    if len(known) < 2:
        return {}
    best, last = ranks(known), ranks({key: -value for key, value in known.items()})
    found: dict[K, str] = {}
    for key, value in known.items():
        if best[key] <= lists.red and value >= lists.red_from:
            found[key] = "red"
        elif last[key] <= lists.black and value < lists.black_below:
            found[key] = "black"
    return found


def _merit(code: str, value: float) -> float:
    kept = min(max(value, 0.0), 1.0)
    return 1.0 - kept if code in LESS_IS_BETTER else kept


def _weights(subject: str, given: Mapping[str, Any]) -> dict[str, float]:
    for code in given:
        if code not in RATES:
            raise BadRequest("formula_indicator_unknown", value=str(code)[:40])
    weights = {code: _number(value, code, 1000.0) for code, value in given.items()}
    kept = {code: weights[code] for code in RATES if weights.get(code)}
    if not kept:
        raise BadRequest("formula_empty", subject=subject)
    return kept


def _number(value: Any, name: str, most: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= most:
        raise BadRequest("formula_number_bad", name=name, value=str(value)[:20], most=f"{most:g}")
    return number

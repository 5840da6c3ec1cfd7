"""Which gap first: size × weight of the points inside × days unseen.

The product is kept plain, so that one line explains it and anybody can check it: twice the ground, twice the age or twice
the weight counts twice, and none of them can be bought off by another being small.
"""

from __future__ import annotations

HECTARE_M2 = 10_000.0
HECTOMETRE_M = 100.0


def days_counted(days_unseen: int | None, never_days: int) -> int:
    """Return the days a gap counts for; one that was never seen (None) counts `never_days`, one of today counts one."""
    return never_days if days_unseen is None else max(days_unseen, 1)


def gap_score(area_m2: float, point_weight: float, days_unseen: int | None, never_days: int) -> float:
    """Return hectares × (1 + weight of the points inside) × days unseen.

    One is added to the weight, so that ground without points still has its size and its age.
    """
    return area_m2 / HECTARE_M2 * (1 + point_weight) * days_counted(days_unseen, never_days)


def stretch_score(length_m: float, days_unseen: int | None, never_days: int) -> float:
    """Return hectometres × days unseen of a stretch of street."""
    return length_m / HECTOMETRE_M * days_counted(days_unseen, never_days)

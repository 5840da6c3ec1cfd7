"""Which gap first: size × weight of the points inside × days unseen."""

from __future__ import annotations

HECTARE_M2 = 10_000.0


def gap_score(area_m2: float, point_weight: float, days_unseen: int | None, never_days: int) -> float:
    """Return hectares × (1 + weight of the points inside) × days unseen; one that was never seen counts `never_days`.

    One is added to the weight, so that ground without points still has its size and its age.
    """
    days = never_days if days_unseen is None else max(days_unseen, 1)
    return area_m2 / HECTARE_M2 * (1 + point_weight) * days


def stretch_score(length_m: float, days_unseen: int | None, never_days: int) -> float:
    """Return hectometres × days unseen of a stretch of street."""
    return length_m / 100 * (never_days if days_unseen is None else max(days_unseen, 1))

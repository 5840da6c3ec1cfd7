"""Traffic lights: what a rate of coverage is worth at a glance."""

from __future__ import annotations

GOOD_FROM, FAIR_FROM = 0.8, 0.5
"""Lower edges of the green and the amber light."""


def light_of(rate: float | None) -> str:
    """Return the traffic light of a rate: good, fair, poor or none."""
    if rate is None:
        return "none"
    return "good" if rate >= GOOD_FROM else "fair" if rate >= FAIR_FROM else "poor"

"""What must be served by one patrol, or must not: narrowed down to shifts, since no solver knows either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.planning.feasible import Ground, Orders, together_groups
from geoservice.domain.planning.mend import insert

if TYPE_CHECKING:
    from collections.abc import Sequence


def settle_together(ground: Ground, orders: Orders) -> Ground:
    """Give every group the one shift that already has most of it and could do all of it."""
    allowed = dict(ground.allowed)
    for group in together_groups(ground.problem):
        if not group <= allowed.keys():
            continue
        common = frozenset.intersection(*(allowed[key] for key in group))
        for shift_key in sorted(common, key=lambda key: (-len(group.intersection(orders.get(key, ()))), key)):
            if insert(ground.narrowed({key: frozenset([shift_key]) for key in group}), {}, group):
                allowed.update(dict.fromkeys(group, frozenset([shift_key])))
                break
    return ground.narrowed(allowed)


def keep_apart(ground: Ground, orders: Orders) -> Ground:
    """Bar, of jobs that meet and must not, all but what is worth most from that shift; the same ground when none do."""
    allowed = dict(ground.allowed)
    for shift_key, jobs in orders.items():
        for barred in _too_many(ground, jobs):
            if len(allowed[barred]) > 1:
                allowed[barred] -= {shift_key}
    return ground if allowed == ground.allowed else ground.narrowed(allowed)


def _too_many(ground: Ground, jobs: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for group in ground.problem.apart:
        clash = sorted(group.intersection(jobs), key=lambda key: (-ground.value(key), key))
        found.update(clash[1:])
    return found

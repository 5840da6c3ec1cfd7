"""How often a point that asks for an interval is visited within a plan, and on which days each time: spaced, not bunched."""

from __future__ import annotations

import math


def occasions(days: int, interval_days: float, due_in: int | None) -> list[frozenset[int]]:
    """Return, for each time a point is to be visited, the plan's days (0 to `days` - 1) on which it may be; apart and in order.

    `due_in`: days from the plan's first until it is due, below 0 overdue, None never seen. Whichever days are chosen, two
    visits lie more than half an interval apart; one that is not overdue is visited the first time no later than it is due.
    """
    interval = max(1.0, interval_days)
    leeway = math.ceil(math.floor(interval) / 2) - 1
    overdue = due_in is None or due_in < 0
    begins = float(max(0, (due_in or 0) - leeway))
    found: list[frozenset[int]] = []
    while begins < days:
        start = math.ceil(begins)
        until = start + leeway
        if overdue and begins + interval >= days:
            # Late already, and never again within the plan: any day is better than none.
            until = days - 1
        elif due_in is not None and not overdue and not found:
            until = min(until, due_in)
        found.append(frozenset(range(start, min(until, days - 1) + 1)))
        begins += interval
    return [on for on in found if on]

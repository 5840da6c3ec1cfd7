"""Who answers for a place: its own contract first, then the nearest zone above that has one, role by role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LEADER = "leader"
KINDS = ("zone", "street", "point")

Ground = tuple[str, int]
"""A piece of ground: its kind (one of KINDS) and its id."""


@dataclass(frozen=True)
class Holding:
    """One contract as it holds on some day: the ground with its code and name, the role and who holds it."""

    ground: Ground
    code: str
    name: str
    role: str
    leader_id: int
    leader_name: str


@dataclass(frozen=True)
class Term:
    """How long somebody holds a role: from a day (None: since ever) until before `to_on` (None: without end)."""

    leader_name: str
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True)
class Break:
    """Days, both included, on which a chain of contracts has nobody (`is_hole`), or two people at once."""

    is_hole: bool
    from_on: date
    to_on: date
    before: str
    after: str


def nearest(grounds: Iterable[Ground], holdings: Mapping[Ground, Sequence[Holding]]) -> tuple[Holding, ...]:
    """Return who answers for the first of `grounds`, the others being what lies above it, nearest first.

    A role belongs to everybody who holds it on the nearest ground where anybody does; leaders come first.
    """
    held_at: dict[str, Ground] = {}
    found: list[Holding] = []
    for ground in grounds:
        for holding in holdings.get(ground, ()):
            if held_at.setdefault(holding.role, ground) == ground:
                found.append(holding)
    return tuple(
        sorted(found, key=lambda holding: (holding.role != LEADER, holding.role, holding.leader_name))
    )


def find_breaks(terms: Iterable[Term], from_on: date, to_on: date) -> Iterator[Break]:
    """Yield where the terms of one role on one ground leave days out or overlap, cut to the window of days.

    Before the first and after the last term nobody was ever named, which is no break.
    """
    in_order = sorted(terms, key=lambda term: (term.from_on or date.min, term.to_on or date.max))
    last: Term | None = None
    for term in in_order:
        if last is not None:
            end, start = last.to_on or date.max, term.from_on or date.min
            is_hole = end < start
            first, after = (end, start) if is_hole else (start, min(end, term.to_on or date.max))
            first, final = max(first, from_on), min(after, _day_after(to_on)) - timedelta(days=1)
            if after > first <= final:
                yield Break(is_hole, first, final, last.leader_name, term.leader_name)
        if last is None or (term.to_on or date.max) > (last.to_on or date.max):
            last = term


def _day_after(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)

"""Who answers for a place: its own contract first, then the nearest zone above that has one, role by role."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    """One contract as it holds on some day: the ground with its code and name, the role and who answers by it.

    `stands_in_for` names the one whose contract it is while somebody else answers beside him.
    """

    ground: Ground
    code: str
    name: str
    role: str
    leader_id: int
    leader_name: str
    stands_in_for: str = ""


@dataclass(frozen=True)
class Holder:
    """Somebody who contracted a zone: the role's code and the person's name."""

    role: str
    name: str


@dataclass(frozen=True)
class StandIn:
    """Who stands in for whom on some day."""

    leader_id: int
    deputy_id: int
    deputy_name: str


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


def with_deputies(holdings: Iterable[Holding], stand_ins: Iterable[StandIn]) -> list[Holding]:
    """Return the holdings and, after each, those who stand in for its holder, be it for one who does so himself.

    Whoever holds the same role on the same ground anyway is not listed as somebody's deputy there.
    """
    deputies: dict[int, list[StandIn]] = {}
    for stand_in in stand_ins:
        deputies.setdefault(stand_in.leader_id, []).append(stand_in)
    own = list(holdings)
    held = {(holding.ground, holding.role, holding.leader_id) for holding in own}
    found: list[Holding] = []
    for holding in own:
        found.append(holding)
        found += [
            replace(
                holding,
                leader_id=each.deputy_id,
                leader_name=each.deputy_name,
                stands_in_for=holding.leader_name,
            )
            for each in _deputies_of(holding.leader_id, deputies)
            if (holding.ground, holding.role, each.deputy_id) not in held
        ]
    return found


def _deputies_of(leader_id: int, deputies: Mapping[int, Sequence[StandIn]]) -> Iterator[StandIn]:
    seen, waiting = {leader_id}, [leader_id]
    while waiting:
        for stand_in in deputies.get(waiting.pop(0), ()):
            if stand_in.deputy_id not in seen:
                seen.add(stand_in.deputy_id)
                waiting.append(stand_in.deputy_id)
                yield stand_in


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
        sorted(
            found,
            key=lambda holding: (
                holding.role != LEADER,
                holding.role,
                bool(holding.stands_in_for),
                holding.leader_name,
            ),
        )
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


def answerable(
    path: Sequence[int], holders: Mapping[int, Sequence[Holder]]
) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """Return who answers for a zone: the leaders (names joined) and the other roles, each from the nearest zone upwards."""
    by_role: dict[str, list[str]] = {}
    for zone_id in reversed(path):
        found: dict[str, list[str]] = {}
        for holder in holders.get(zone_id, ()):
            found.setdefault(holder.role, []).append(holder.name)
        for role, names in found.items():
            by_role.setdefault(role, names)
    leaders = by_role.pop(LEADER, [])
    others = tuple((role, name) for role, names in sorted(by_role.items()) for name in names)
    return ("、".join(leaders) or None), others

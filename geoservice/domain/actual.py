"""What became of the stops of a patrol: done, missed, out of order, beside the plan; times in µs since 1970 UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

ON_TIME_S = 15 * 60
"""A stop is on time when its patrol came at most so much before or after the planned moment."""


class Outcome(StrEnum):
    """What became of one planned stop."""

    DONE = "done"
    MISSED = "missed"
    SKIPPED = "skipped"  # missed, and somebody said why
    OPEN = "open"  # the patrol is not over yet
    UNKNOWN = "unknown"  # nothing at all was heard of the patrol: that is not the same as missed


@dataclass(frozen=True)
class PlannedStop:
    """The nth stop of a patrol. Two stops with one `place` want two presences there."""

    position: int
    place: str
    arrive_us: int | None = None
    leave_us: int | None = None


@dataclass(frozen=True)
class Presence:
    """Somebody was at a place: a track stayed there (`seen`), a person says so (`said`), or both.

    `dwell_s` is the time within the radius, None where nobody but a person tells of it.
    """

    place: str
    from_us: int
    to_us: int
    dwell_s: float | None = None
    seen: bool = False
    said: bool = False


@dataclass(frozen=True)
class Followed:
    """A planned stop and what became of it. `late_s` is below 0 for early; None without a presence or a planned time."""

    stop: PlannedStop
    outcome: Outcome
    in_order: bool = True
    presence: Presence | None = None
    presence_count: int = 0
    late_s: float | None = None

    @property
    def is_on_time(self) -> bool:
        """Whether the patrol came near the planned moment."""
        return self.late_s is not None and abs(self.late_s) <= ON_TIME_S


class Span(NamedTuple):
    """When somebody came and when he left."""

    from_us: int
    to_us: int


def join_presences(presences: Iterable[Presence], join_s: float) -> list[Presence]:
    """Join what belongs together at each place: overlapping, or apart by at most `join_s`. Sorted by arrival.

    Several phones of one patrol see the same stay, and a check-in is made during one; their dwell is the longest, not the sum.
    """
    joined: list[Presence] = []
    for one in sorted(presences, key=lambda each: (each.place, each.from_us, each.to_us)):
        last = joined[-1] if joined else None
        if last and last.place == one.place and one.from_us - last.to_us <= join_s * 1e6:
            joined[-1] = _union(last, one)
        else:
            joined.append(one)
    return sorted(joined, key=lambda each: (each.from_us, each.place))


def follow(
    stops: Sequence[PlannedStop],
    presences: Iterable[Presence],
    skipped: Collection[int],
    *,
    over: bool,
    heard: bool,
) -> list[Followed]:
    """Return what became of each stop, in the planned order.

    In order are the stops of a longest sequence that agrees with the plan; only the others are out of order. `skipped`
    are positions that the patrol says it left out; somebody who was there all the same has done it.
    """
    offered = _share_out(stops, presences)
    chain = longest_in_order([[Span(each.from_us, each.to_us) for each in mine] for mine in offered])
    return [
        _met(stop, mine, chain.get(index))
        if mine
        else Followed(stop, _unmet(stop.position in skipped, over=over, heard=heard))
        for index, (stop, mine) in enumerate(zip(stops, offered, strict=True))
    ]


def beside_the_plan(stops: Iterable[PlannedStop], presences: Iterable[Presence]) -> list[Presence]:
    """Return the presences at places that are not planned."""
    planned = {stop.place for stop in stops}
    return [each for each in presences if each.place not in planned]


def longest_in_order(candidates: Sequence[Sequence[Span]]) -> dict[int, int]:
    """Return a longest choice of stops, each with one of its candidates, that agrees with the planned order.

    Agreeing: nobody left a later stop before he had come to an earlier one. Where all spans are moments this is the
    longest non-decreasing subsequence. Of equally long choices the one whose last arrival is earliest.
    """
    # best[n]: of all choices of n stops so far the one with the earliest last arrival, as a chain of links.
    best: list[_Link | None] = [None]
    for index, spans in enumerate(candidates):
        longer: dict[int, _Link] = {}
        for length, link in enumerate(best):
            found = _extend(link, index, spans)
            if found and (length + 1 == len(best) or found.reach_us < _reach(best[length + 1])):
                longer[length + 1] = found
        for length, link in longer.items():
            if length == len(best):
                best.append(link)
            else:
                best[length] = link
    return _unwind(best[-1])


class _Link(NamedTuple):
    reach_us: int  # the latest arrival in the chain
    stop: int
    candidate: int
    before: _Link | None


def _extend(link: _Link | None, index: int, spans: Sequence[Span]) -> _Link | None:
    """Return the chain with one of the spans behind it, the one that leaves most room; None where none agrees."""
    reach = _reach(link)
    links = [
        _Link(max(int(reach), span.from_us) if link else span.from_us, index, number, link)
        for number, span in enumerate(spans)
        if span.to_us >= reach
    ]
    return min(links, key=lambda each: each.reach_us, default=None)


def _reach(link: _Link | None) -> float:
    return link.reach_us if link else float("-inf")


def _unwind(link: _Link | None) -> dict[int, int]:
    chosen: dict[int, int] = {}
    while link:
        chosen[link.stop] = link.candidate
        link = link.before
    return chosen


def _share_out(stops: Sequence[PlannedStop], presences: Iterable[Presence]) -> list[list[Presence]]:
    """Return the presences each stop may take. A place planned several times shares its presences in their order."""
    by_place: dict[str, list[Presence]] = {}
    for one in sorted(presences, key=lambda each: each.from_us):
        by_place.setdefault(one.place, []).append(one)
    asked = [stop.place for stop in stops]
    offered = []
    for index, place in enumerate(asked):
        number = asked[:index].count(place)
        is_last = place not in asked[index + 1 :]
        offered.append(by_place.get(place, [])[number : None if is_last else number + 1])
    return offered


def _met(stop: PlannedStop, mine: Sequence[Presence], candidate: int | None) -> Followed:
    presence = mine[candidate or 0]
    late_s = None if stop.arrive_us is None else (presence.from_us - stop.arrive_us) / 1e6
    return Followed(stop, Outcome.DONE, candidate is not None, presence, len(mine), late_s)


def _unmet(skipped: bool, *, over: bool, heard: bool) -> Outcome:
    if skipped:
        return Outcome.SKIPPED
    if not over:
        return Outcome.OPEN
    return Outcome.MISSED if heard else Outcome.UNKNOWN


def _union(one: Presence, other: Presence) -> Presence:
    dwells = [each for each in (one.dwell_s, other.dwell_s) if each is not None]
    return replace(
        one,
        to_us=max(one.to_us, other.to_us),
        dwell_s=max(dwells, default=None),
        seen=one.seen or other.seen,
        said=one.said or other.said,
    )

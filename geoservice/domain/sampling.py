"""Random samples of points that anybody can draw again: the seed and the frame decide, the order of rows does not.

Every point gets a number of its own from the seed and its code (SHA-256), and each stratum takes its smallest. Without
weights every set of a size is equally likely. With weights w the number is -ln(u)/w, which draws without replacement in
proportion to what is left (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Name = TypeVar("Name")

LARGEST_SEED = 2**31 - 1
NEVER_DAYS = 400.0
_BITS = 53


@dataclass(frozen=True, order=True)
class Candidate:
    """A point that may be drawn: its code, its stratum (category, zone), and its weight."""

    key: str
    stratum: tuple[str, str]
    weight: float = 1.0


@dataclass(frozen=True)
class Stratum:
    """How many points a stratum has, and which of them were drawn, by key."""

    name: tuple[str, str]
    size: int
    drawn: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """What was drawn, and what it takes to draw it again."""

    seed: int
    frame_sha256: str
    frame_size: int
    strata: tuple[Stratum, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys drawn, in order."""
        return tuple(sorted(key for stratum in self.strata for key in stratum.drawn))


def draw(candidates: Iterable[Candidate], size: int, seed: int, *, minimum: int = 0) -> Sample:
    """Draw `size` points (all when there are fewer), spread over the strata as `allocate` says."""
    frame = sorted(candidates)
    strata: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in frame:
        strata.setdefault(candidate.stratum, []).append(candidate)
    shares = allocate({name: len(members) for name, members in strata.items()}, size, minimum)
    drawn = tuple(
        Stratum(name, len(members), _smallest(members, shares[name], seed))
        for name, members in strata.items()
    )
    return Sample(seed, frame_hash(frame), len(frame), drawn)


def frame_hash(candidates: Iterable[Candidate]) -> str:
    """SHA-256 of a frame, whatever the order of its rows."""
    rows = [[one.key, *one.stratum, one.weight] for one in sorted(candidates)]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def allocate(sizes: Mapping[Name, int], total: int, minimum: int = 0) -> dict[Name, int]:
    """Share `total` out over strata in proportion to their sizes, by largest remainder.

    Every stratum gets at least `minimum` (all it has, when it has fewer) and never more than it has. The parts add up
    to `total` exactly, unless there are fewer points, or the minimum alone asks for more: then that is the sum.
    Equal remainders go to the larger stratum, then by name.
    """
    floors = {name: min(minimum, size) for name, size in sizes.items()}
    wanted = min(max(total, sum(floors.values())), sum(sizes.values()))
    fixed: dict[Name, int] = {}
    free = dict(sizes)
    # A stratum whose proportional part lies under its minimum gets just that; the others share what is left.
    while free:
        rest = wanted - sum(fixed.values())
        whole = sum(free.values())
        short = [name for name, size in free.items() if size * rest < floors[name] * whole]
        if not short:
            break
        for name in short:
            fixed[name] = floors[name]
            del free[name]
    return fixed | _largest_remainders(free, wanted - sum(fixed.values()))


def seen_weight(days: float | None) -> float:
    """The weight of a point by how long ago it was last inspected; None: never, which weighs most."""
    return NEVER_DAYS if days is None else min(max(days, 1.0), NEVER_DAYS)


def share_out(keys: Sequence[str], people: int, days: int, seed: int) -> list[tuple[int, int]]:
    """Give each key, in the order given, a person and a day, as (person, day) from 0.

    Neither people nor days nor any person's days differ by more than one key. Neighbours in the order stay together;
    who gets which piece of it is decided by the seed, so that nobody chooses whom he inspects.
    """
    counts = Counter(_slots(len(keys), people, days))
    order = sorted(range(people), key=lambda person: _number(seed, f"person {person}"))
    return [
        (person, day)
        for rank, person in enumerate(order)
        for day in range(days)
        for _ in range(counts[rank, day])
    ]


def _slots(count: int, people: int, days: int) -> Iterable[tuple[int, int]]:
    # A walk along diagonals meets every (person, day) once before it meets one again, and is even in both at any length.
    turn = math.lcm(people, days)
    return ((step % people, (step + step // turn) % days) for step in range(count))


def _largest_remainders(sizes: Mapping[Name, int], total: int) -> dict[Name, int]:
    whole = sum(sizes.values())
    if not whole:
        return dict.fromkeys(sizes, 0)
    parts = {name: divmod(size * total, whole) for name, size in sizes.items()}
    shares = {name: part[0] for name, part in parts.items()}
    order = sorted(sizes, key=lambda name: (-parts[name][1], -sizes[name], str(name)))
    for name in order[: total - sum(shares.values())]:
        shares[name] += 1
    return shares


def _smallest(members: Sequence[Candidate], count: int, seed: int) -> tuple[str, ...]:
    ranked = sorted(members, key=lambda one: (_rank(one, seed), one.key))
    return tuple(sorted(one.key for one in ranked[:count]))


def _rank(one: Candidate, seed: int) -> float:
    return -math.log(_number(seed, one.key)) / one.weight


def _number(seed: int, key: str) -> float:
    """A number above 0 and up to 1 that belongs to a seed and a key."""
    digest = hashlib.sha256(f"{seed}\x1f{key}".encode()).digest()
    return ((int.from_bytes(digest[:8], "big") >> (64 - _BITS)) + 1) / float(1 << _BITS)

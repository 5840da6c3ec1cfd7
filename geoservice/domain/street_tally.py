"""Lengths of sets of pieces: what of them is tunnel, excluded, covered, and the stretches nobody saw.

All streets stand in one row of words, and in one row of pieces; sets of pieces are bits of these words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.domain.streets import WORD_PIECES

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
# One piece alone is no stretch: noise takes the first or last piece from a street that was walked to its end.
LEAST_PIECES = 2


@dataclass(frozen=True)
class Network:
    """Streets in order of id: how long, in how many pieces, whether it is a tunnel; arrays (s,)."""

    street_id: NDArray[np.int64]
    length_m: NDArray[np.float64]
    piece_count: NDArray[np.int64]
    tunnel: NDArray[np.bool_]

    @cached_property
    def piece_m(self) -> NDArray[np.float64]:
        """The length of a piece of each street (s,)."""
        return self.length_m / self.piece_count

    @cached_property
    def first_word(self) -> NDArray[np.int64]:
        """Where each street's words begin among all words (s + 1,)."""
        return np.concatenate(([0], np.cumsum(-(-self.piece_count // WORD_PIECES))))

    @cached_property
    def first_piece(self) -> NDArray[np.int64]:
        """Where each street's pieces begin among all pieces (s + 1,)."""
        return np.concatenate(([0], np.cumsum(self.piece_count)))

    @cached_property
    def street_of_word(self) -> NDArray[np.int64]:
        """The place of each word's street (w,)."""
        return np.repeat(np.arange(len(self.street_id)), np.diff(self.first_word))

    @cached_property
    def whole(self) -> NDArray[np.uint64]:
        """Every piece there is (w,)."""
        left = self.piece_count[self.street_of_word] - WORD_PIECES * self._word
        every: NDArray[np.uint64] = ALL >> (WORD_PIECES - np.minimum(left, WORD_PIECES)).astype(np.uint64)
        return every

    @cached_property
    def _word(self) -> NDArray[np.int64]:
        """The number of each word within its street (w,)."""
        return np.arange(self.first_word[-1]) - self.first_word[self.street_of_word]

    def place(self, street_id: NDArray[Any], word: NDArray[Any]) -> NDArray[np.int64]:
        """Return where words of streets stand among all words (n,); -1 for what is not in the network."""
        if len(self.street_id) == 0:
            return np.full(len(street_id), -1, np.int64)
        at = np.minimum(np.searchsorted(self.street_id, street_id), len(self.street_id) - 1)
        place = self.first_word[at] + word
        return np.where((self.street_id[at] == street_id) & (place < self.first_word[at + 1]), place, -1)

    def gather(self, place: NDArray[np.int64], bits: NDArray[Any]) -> NDArray[np.uint64]:
        """OR bits (n,) into all words (w,); what is not in the network is passed over."""
        out = np.zeros(self.first_word[-1], np.uint64)
        known = place >= 0
        np.bitwise_or.at(out, place[known], bits[known].view(np.uint64))
        return out & self.whole

    def flags(self, bits: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Lay the bits of all words (w,) out as one flag a piece (p,)."""
        return _unpacked(bits)[_unpacked(self.whole)]

    def bits(self, flags: NDArray[np.bool_]) -> NDArray[np.uint64]:
        """Return one flag a piece (p,) as the bits of all words (w,)."""
        spread = np.zeros(len(self.whole) * WORD_PIECES, np.bool_)
        spread[_unpacked(self.whole)] = flags
        return np.packbits(spread, bitorder="little").view("<u8").astype(np.uint64)

    def word_of(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number within its street of the words that stand at `place` (n,)."""
        return self._word[place]

    def piece_places(
        self, place: NDArray[np.int64], bits: NDArray[np.uint64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (row, piece): each bit of rows of words (n,) with where its piece stands among all pieces."""
        row, bit = np.nonzero(_unpacked(bits & self.whole[place]).reshape(-1, WORD_PIECES))
        at = place[row]
        return row, self.first_piece[self.street_of_word[at]] + WORD_PIECES * self._word[at] + bit


@dataclass(frozen=True)
class Lengths:
    """Metres of each of k groups (k,): all, tunnel, excluded (and no tunnel), the rest, and covered of the rest.

    The rest is added up in the order of what is covered, so that a share of all of it is 1 exactly.
    """

    length_m: NDArray[np.float64]
    tunnel_m: NDArray[np.float64]
    excluded_m: NDArray[np.float64]
    asked_m: NDArray[np.float64]
    covered_m: NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """What is seen and what is excluded, as bits of all words (w,)."""

    network: Network
    seen: NDArray[np.uint64]
    excluded: NDArray[np.uint64]

    def lengths(
        self, group: NDArray[np.int64], place: NDArray[np.int64], bits: NDArray[np.uint64], count: int
    ) -> Lengths:
        """Add up `bits` (n,) of the words `place` (n,) for each of `count` groups; no (group, word) may stand twice."""
        street = self.network.street_of_word[place]
        mine = bits & self.network.whole[place]
        tunnel = np.where(self.network.tunnel[street], mine, np.uint64(0))
        excluded = mine & self.excluded[place] & ~tunnel
        asked = mine & ~excluded & ~tunnel
        metres = self.network.piece_m[street]
        columns = [
            np.bincount(group, np.bitwise_count(part) * metres, minlength=count).astype(np.float64)
            for part in (mine, tunnel, excluded, asked, asked & self.seen[place])
        ]
        return Lengths(*columns)

    @property
    def unseen(self) -> NDArray[np.uint64]:
        """What somebody should see and nobody did (w,)."""
        tunnel = np.where(self.network.tunnel[self.network.street_of_word], ALL, np.uint64(0))
        return self.network.whole & ~self.seen & ~self.excluded & ~tunnel


def join_groups(
    group: NDArray[np.int64], place: NDArray[np.int64], bits: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
    """OR the bits of rows (n,) with the same group and word, so that each piece counts once in its group."""
    if len(group) == 0:
        return group, place, bits
    order = np.lexsort((place, group))
    group, place = group[order], place[order]
    first = np.flatnonzero(np.concatenate(([True], (np.diff(group) != 0) | (np.diff(place) != 0))))
    return group[first], place[first], np.bitwise_or.reduceat(bits[order], first)


@dataclass(frozen=True)
class Stretches:
    """Runs of successive pieces (r,): the place of the street, and among all pieces the first and the one after the last."""

    street: NDArray[np.int64]
    first: NDArray[np.int64]
    end: NDArray[np.int64]

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Stretches:
        """Return the runs where `which` holds, or those it numbers."""
        return Stretches(self.street[which], self.first[which], self.end[which])

    def flags(self, piece_count: int) -> NDArray[np.bool_]:
        """Return which of all pieces (p,) belong to a run."""
        steps = np.zeros(piece_count + 1, np.int8)
        steps[self.first] += 1
        steps[self.end] -= 1
        return np.cumsum(steps[:-1]).astype(np.bool_)

    def greatest(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the greatest of the values (p,) of each run's pieces."""
        bounds = np.column_stack((self.first, self.end)).ravel()
        return np.maximum.reduceat(np.append(values, values[:1]), bounds)[::2] if len(bounds) else bounds


def find_stretches(network: Network, unseen: NDArray[np.uint64]) -> Stretches:
    """Return the runs of at least `LEAST_PIECES` unseen pieces, or a whole street of fewer."""
    flags = network.flags(unseen)
    street = np.repeat(np.arange(len(network.street_id)), network.piece_count)
    changes = np.ones(len(flags), dtype=bool)
    changes[1:] = (np.diff(flags) != 0) | (np.diff(street) != 0)
    start = np.flatnonzero(changes)
    end = np.append(start[1:], len(flags))
    start, end = start[flags[start]], end[flags[start]]
    owner = street[start]
    kept = (end - start >= LEAST_PIECES) | (end - start == network.piece_count[owner])
    return Stretches(owner[kept], start[kept], end[kept])


def _unpacked(bits: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return the bits of words (n,) from the lowest up (64 n,)."""
    return np.unpackbits(bits.astype("<u8").view(np.uint8), bitorder="little").view(np.bool_)

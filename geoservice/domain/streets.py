"""Which pieces of which streets a patrol's fixes support.

A street is cut into equal pieces of about `MatchRules.piece_m`; only a piece that fixes support is credited.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.domain.credit_kernels import REASONS, credit_device
from geoservice.domain.street_graph import StreetIndex, index_streets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.domain.tracks import Segments

WORD_PIECES = 64
# Streets are looked for a little beyond the reach, so that a stray fix does not break a walk in two.
SEARCH_MORE_M = 15.0


@dataclass(frozen=True)
class StreetLines:
    """Streets in metres: id, level, tunnel, piece_count (s,); their vertices xy (v, 2), those of street i from starts[i] to
    starts[i + 1] (s + 1,). Streets of different level don't meet where they cross, unless they share a vertex.
    """

    street_id: NDArray[np.int64]
    level: NDArray[np.int16]
    tunnel: NDArray[np.bool_]
    piece_count: NDArray[np.int32]
    xy: NDArray[np.float64]
    starts: NDArray[np.int64]

    def take(self, which: NDArray[np.intp]) -> StreetLines:
        """Return the streets that `which` (n,) numbers, in its order."""
        count = np.diff(self.starts)[which]
        starts = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
        vertex = np.repeat(self.starts[:-1][which] - starts[:-1], count) + np.arange(starts[-1])
        return StreetLines(
            self.street_id[which], self.level[which], self.tunnel[which], self.piece_count[which],
            self.xy[vertex], starts,
        )  # fmt: skip


@dataclass(frozen=True)
class MatchRules:
    """A piece counts only from fixes nearer than `reach_m` that move along it within `heading_deg`."""

    reach_m: float
    heading_deg: float
    piece_m: float


@dataclass(frozen=True)
class Credits:
    """Pieces seen, 64 to a word; arrays (n,), no (device, slot, street, word) twice, sorted by these."""

    device: NDArray[np.int64]
    slot: NDArray[np.int64]
    street_id: NDArray[np.int64]
    word: NDArray[np.int16]
    pieces: NDArray[np.int64]  # bit i: piece 64 * word + i


@dataclass(frozen=True)
class ReadyStreets:
    """Streets made ready for crediting under one set of rules, in order of id."""

    street_id: NDArray[np.int64]
    index: StreetIndex


def count_pieces(length_m: NDArray[np.float64], piece_m: float) -> NDArray[np.int32]:
    """Return into how many equal pieces of about `piece_m` streets of these lengths (n,) are cut; at least one each."""
    return np.maximum(1, np.rint(length_m / piece_m)).astype(np.int32)


def make_ready(lines: StreetLines, rules: MatchRules) -> ReadyStreets:
    """Return the streets as `credit_ready` reads them. Streets far from all segments change nothing that is credited."""
    # In order of their id, so that the order they came in decides no tie.
    streets = lines.take(np.argsort(lines.street_id, kind="stable"))
    return ReadyStreets(streets.street_id, index_streets(streets, rules.reach_m + SEARCH_MORE_M))


def credit_streets(
    segments: Segments, slot: NDArray[np.int64], lines: StreetLines, rules: MatchRules
) -> tuple[Credits, dict[str, dict[int, float]]]:
    """Return the pieces that segments support, kept apart by device and `slot` (n,), and the metres refused.

    The latter by reason and device. A pure function of each device's segments: what other devices did does not matter.
    """
    return credit_ready(segments, slot, make_ready(lines, rules), rules)


def credit_ready(
    segments: Segments, slot: NDArray[np.int64], streets: ReadyStreets, rules: MatchRules
) -> tuple[Credits, dict[str, dict[int, float]]]:
    """As `credit_streets`, with streets that were made ready under the same rules."""
    refused: dict[str, dict[int, float]] = {}
    if len(segments.device) == 0 or rules.reach_m <= 0:
        return no_credits(), refused
    segments, slot = _in_order(segments, slot)
    index = streets.index
    limits = (rules.reach_m, float(np.cos(np.radians(rules.heading_deg))), rules.piece_m)
    words = np.zeros(max(int(index.first_word[-1]), 1), np.int64)
    devices, first = np.unique(segments.device, return_index=True)
    found = []
    for device, start, end in zip(devices, first, np.append(first[1:], len(segments.device)), strict=True):
        fixes, first_of_run = _runs(segments, slot, slice(start, end))
        rows, metres = credit_device(index, limits, fixes, first_of_run, words)
        found.append((int(device), rows))
        for reason, amount in zip(REASONS[1:], metres[1:], strict=True):
            if amount > 0:
                refused.setdefault(reason, {})[int(device)] = float(amount)
    return _merge(found, streets), refused


def no_credits() -> Credits:
    """Return credits without a row."""
    none = np.empty(0, np.int64)
    return Credits(none, none, none, none.astype(np.int16), none)


def _in_order(segments: Segments, slot: NDArray[np.int64]) -> tuple[Segments, NDArray[np.int64]]:
    """Return segments and slots sorted by device and time; what is sorted is not copied."""
    order = np.lexsort((segments.start_us, segments.device))
    if (np.diff(order) == 1).all():
        return segments, slot
    columns = {field.name: getattr(segments, field.name)[order] for field in fields(segments)}
    return replace(segments, **columns), slot[order]


def _runs(
    segments: Segments, slot: NDArray[np.int64], part: slice
) -> tuple[tuple[NDArray[Any], ...], NDArray[np.int64]]:
    """Return the fixes of one device's unbroken tracks (time, x, y, slot), and the first of each track."""
    start_us, end_us = segments.start_us[part], segments.end_us[part]
    last = np.append(start_us[1:] != end_us[:-1], True)
    # A track has one fix more than segments: its last segment's end follows that segment's start.
    at = np.arange(len(start_us)) + np.concatenate(([0], np.cumsum(last)[:-1]))
    count = len(start_us) + int(last.sum())
    fixes = []
    for starts, ends in (
        (start_us, end_us), (segments.ax[part], segments.bx[part]), (segments.ay[part], segments.by[part]),
        (slot[part], slot[part]),
    ):  # fmt: skip
        column = np.empty(count, starts.dtype)
        column[at] = starts
        column[at[last] + 1] = ends[last]
        fixes.append(column)
    return tuple(fixes), np.concatenate(([0], at[last] + 2)).astype(np.int64)


def _merge(found: list[tuple[int, NDArray[np.int64]]], streets: ReadyStreets) -> Credits:
    """Join the rows of slot, word of the network and bits that each device left."""
    device = np.repeat(np.array([device for device, _ in found], np.int64), [len(rows) for _, rows in found])
    slot, word, bits = np.concatenate([rows for _, rows in found]).T
    if len(word) == 0:
        return no_credits()
    order = np.lexsort((word, slot, device))
    device, slot, word, bits = device[order], slot[order], word[order], bits[order]
    new = np.concatenate(([True], (np.diff(device) != 0) | (np.diff(slot) != 0) | (np.diff(word) != 0)))
    first_word = streets.index.first_word
    street = np.searchsorted(first_word, word[new], side="right") - 1
    return Credits(
        device[new], slot[new], streets.street_id[street],
        (word[new] - first_word[street]).astype(np.int16), np.bitwise_or.reduceat(bits, np.flatnonzero(new)),
    )  # fmt: skip

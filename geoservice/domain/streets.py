"""Which pieces of which streets a patrol's fixes support.

A street is cut into equal pieces of about `MatchRules.piece_m`; only a piece that fixes support is credited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.domain.tracks import Segments

WORD_PIECES = 64


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


def count_pieces(length_m: NDArray[np.float64], piece_m: float) -> NDArray[np.int32]:
    """Return into how many equal pieces of about `piece_m` streets of these lengths (n,) are cut; at least one each."""
    return np.maximum(1, np.rint(length_m / piece_m)).astype(np.int32)


def credit_streets(
    segments: Segments, slot: NDArray[np.int64], lines: StreetLines, rules: MatchRules
) -> tuple[Credits, dict[str, dict[int, float]]]:
    """Return the pieces that segments support, kept apart by device and `slot` (n,), and the metres refused.

    The latter by reason and device. A pure function of each device's segments: what other devices did does not matter.
    """
    raise NotImplementedError

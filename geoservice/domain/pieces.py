"""Pieces of streets, and which of them lie in a zone: the half-open rule of the raster, for the pieces' midpoints.

A street of `piece_count` pieces is cut into equal parts; piece i is bit i % 64 of word i // 64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.piece_kernels import midpoints, parity
from geoservice.domain.streets import WORD_PIECES

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.domain.streets import StreetLines


@dataclass(frozen=True)
class Pieces:
    """Midpoints x, y (n,) of pieces in metres with the street and number of each, from the south up."""

    street_id: NDArray[np.int64]
    number: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True)
class PieceWords:
    """Sets of pieces, 64 to a word: owner, street_id, word, pieces (n,); sorted, no (owner, street, word) twice."""

    owner: NDArray[np.int64]
    street_id: NDArray[np.int64]
    word: NDArray[np.int64]
    pieces: NDArray[np.int64]


def piece_midpoints(lines: StreetLines) -> Pieces:
    """Return every piece of every street; a street's midpoints are the same bits whatever streets stand beside it."""
    x, y, street = midpoints(lines.xy, lines.starts, lines.piece_count)
    first = np.concatenate(([0], np.cumsum(lines.piece_count)[:-1])) if len(lines.street_id) else street
    order = np.argsort(y, kind="stable")
    return Pieces(
        lines.street_id[street][order], (np.arange(len(street)) - first[street])[order], x[order], y[order]
    )


def pieces_inside(polygon: BaseGeometry, pieces: Pieces) -> NDArray[np.int64]:
    """Return the places in `pieces` whose midpoint lies in a metric polygon.

    By the even-odd rule with half-open edges: of zones that share an edge one only has a midpoint that lies on it.
    """
    rings = shapely.get_rings(shapely.get_parts(polygon))
    if len(rings) == 0 or len(pieces.y) == 0:
        return np.empty(0, np.int64)
    xy, index = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(index, np.arange(len(rings) + 1)).astype(np.int64)
    low, high = np.searchsorted(pieces.y, (xy[:, 1].min(), xy[:, 1].max()))
    inside = parity(xy, starts, pieces.x[low:high], pieces.y[low:high])
    where: NDArray[np.int64] = np.flatnonzero(inside) + low
    return where


def to_words(owner: NDArray[np.int64], street_id: NDArray[np.int64], number: NDArray[np.int64]) -> PieceWords:
    """Gather pieces (n,) of owners into words."""
    bit = np.left_shift(np.uint64(1), (number % WORD_PIECES).astype(np.uint64))
    return union(PieceWords(owner, street_id, number // WORD_PIECES, bit.view(np.int64)))


def union(words: PieceWords) -> PieceWords:
    """OR what stands more than once, and sort."""
    if len(words.owner) == 0:
        return words
    order = np.lexsort((words.word, words.street_id, words.owner))
    owner, street, word = words.owner[order], words.street_id[order], words.word[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(owner) != 0) | (np.diff(street) != 0) | (np.diff(word) != 0)
    first = np.flatnonzero(new)
    return PieceWords(
        owner[first], street[first], word[first], np.bitwise_or.reduceat(words.pieces[order], first)
    )


def cut_out(
    lines: StreetLines, place: NDArray[np.int64], first: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the vertices (v, 2) of runs of pieces, and of which run (v,) each is.

    A run goes from the start of piece `first` to the start of piece `end` of the street at `place`; arrays (r,).
    """
    runs = [
        _part(lines.xy[lines.starts[street] : lines.starts[street + 1]], begin / count, stop / count)
        for street, begin, stop, count in zip(place, first, end, lines.piece_count[place], strict=True)
    ]
    if not runs:
        return np.empty((0, 2)), np.empty(0, np.int64)
    return np.concatenate(runs), np.repeat(np.arange(len(runs)), [len(run) for run in runs])


def _part(xy: NDArray[np.float64], begin: float, stop: float) -> NDArray[np.float64]:
    """Return a line's part between two shares of its length."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
    low, high = begin * along[-1], stop * along[-1]
    ends = np.column_stack([np.interp((low, high), along, xy[:, axis]) for axis in (0, 1)])
    return np.concatenate((ends[:1], xy[(along > low) & (along < high)], ends[1:]))

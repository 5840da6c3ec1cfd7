"""The cells of gaps one by one, and which of them is seen from where: exactly what a patrol there would cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from geoservice.domain.coverage import Tiles, bits_at, cover_segments, pack_keys, unpack_keys
from geoservice.domain.kernels import SIDE
from geoservice.domain.tracks import Segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_CELLS_A_TILE = SIDE * SIDE
# Lines looked from at a time: bounds the bitmaps held at once (some 20 MB).
_LINES_AT_ONCE = 1000


@dataclass(frozen=True)
class Unseen:
    """Cells of gaps, arrays (n,), each cell once: its place in the world and the number of its gap."""

    column: NDArray[np.int64]
    row: NDArray[np.int64]
    gap: NDArray[np.int64]
    tiles: Tiles
    keys: NDArray[np.int64]  # sorted: tile of `tiles`, then bit

    def xy(self, cell_m: float) -> NDArray[np.float64]:
        """Return the centres (n, 2) in metres."""
        return np.column_stack((self.column + 0.5, self.row + 0.5)) * cell_m


def lay_out(gaps: Tiles) -> Unseen:
    """Return the cells of gaps, whose number is the tiles' slot; a cell of two gaps falls to the one numbered first."""
    of_tile = pack_keys(0, gaps.tx, gaps.ty)
    places = np.unique(of_tile)
    tile, bit = _set_bits(gaps.bits)
    order = np.argsort(gaps.slot[tile], kind="stable")
    tile, bit = tile[order], bit[order]
    keys, first = np.unique(np.searchsorted(places, of_tile)[tile] * _CELLS_A_TILE + bit, return_index=True)
    tile, bit = tile[first], bit[first]
    _, tx, ty = unpack_keys(places)
    union = np.zeros((len(places), gaps.bits.shape[1]), np.uint8)
    np.bitwise_or.at(union, np.searchsorted(places, of_tile), gaps.bits)
    return Unseen(
        column=gaps.tx[tile].astype(np.int64) * SIDE + bit % SIDE,
        row=gaps.ty[tile].astype(np.int64) * SIDE + bit // SIDE,
        gap=gaps.slot[tile],
        tiles=Tiles(np.zeros(len(places), np.int64), tx, ty, union),
        keys=keys,
    )


def seen_from(
    lines: Sequence[NDArray[np.float64]], unseen: Unseen, reach_m: float, cell_m: float
) -> sparse.csr_array:
    """Return (lines, cells) with 1 where a patrol with this reach on the line (m, 2) would see the unseen cell.

    A line of one position is somebody who stands there.
    """
    parts = [
        _seen_from(lines[start : start + _LINES_AT_ONCE], unseen, reach_m, cell_m)
        for start in range(0, len(lines), _LINES_AT_ONCE)
    ]
    return sparse.csr_array(sparse.vstack(parts)) if parts else sparse.csr_array((0, len(unseen.keys)))


def _seen_from(
    lines: Sequence[NDArray[np.float64]], unseen: Unseen, reach_m: float, cell_m: float
) -> sparse.csr_array:
    starts = np.concatenate([line[: max(len(line) - 1, 1)] for line in lines])
    ends = np.concatenate([line[min(len(line) - 1, 1) :] for line in lines])
    slot = np.repeat(np.arange(len(lines)), [max(len(line) - 1, 1) for line in lines])
    none = np.zeros(len(slot), np.int64)
    (ax, ay), (bx, by) = starts.T.copy(), ends.T.copy()
    segments = Segments(none, none, none, ax, ay, bx, by, np.zeros(len(slot), np.int16))
    seen = cover_segments(segments, slot, {0: reach_m}, cell_m)
    tile, bit = _set_bits(seen.bits & bits_at(unseen.tiles, 0 * seen.slot, seen.tx, seen.ty))
    places = pack_keys(0, unseen.tiles.tx, unseen.tiles.ty)
    at = np.searchsorted(places, pack_keys(0, seen.tx, seen.ty))
    cell = np.searchsorted(unseen.keys, at[tile] * _CELLS_A_TILE + bit)
    return sparse.csr_array(
        (np.ones(len(cell)), (seen.slot[tile], cell)), shape=(len(lines), len(unseen.keys))
    )


def _set_bits(bits: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return (tile, bit in it) of every cell that is set."""
    tile, byte = np.nonzero(bits)
    which, in_byte = np.nonzero(np.unpackbits(bits[tile, byte][:, None], axis=1))
    return tile[which], byte[which] * 8 + in_byte


def in_blocks(
    seen: sparse.csr_array, unseen: Unseen, weight: NDArray[np.float64], side: int
) -> tuple[sparse.csr_array, NDArray[np.float64]]:
    """Join the cells of each gap in blocks of `side` × `side`: (lines, blocks) with the share seen, and weights (blocks,)."""
    places = np.column_stack((unseen.gap, unseen.column // side, unseen.row // side))
    order = np.lexsort(places.T)
    is_new = np.concatenate(([True], (np.diff(places[order], axis=0) != 0).any(axis=1)))
    block = np.empty(len(order), np.int64)
    block[order] = np.cumsum(is_new) - 1
    size = np.bincount(block)
    joined = sparse.csr_array(
        seen
        @ sparse.csr_array(
            (np.ones(len(block)), (np.arange(len(block)), block)), shape=(len(block), len(size))
        )
    )
    joined.data /= size[joined.indices]
    return joined, np.bincount(block, weights=weight).astype(np.float64)

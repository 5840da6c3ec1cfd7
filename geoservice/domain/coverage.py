"""The coverage raster: segments and zones to packed tiles, and counts of cells.

Everything is in metres of the deployment's metric CRS. A `Tiles` value is a sparse raster: sorted keys, one packed bitmap each.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.domain.kernels import HALF_WORLD, SIDE, capsule_keys, fill_capsules, fill_rings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.domain.tracks import Segments

WORDS = SIDE // 64
TILE_BYTES = SIDE * SIDE // 8
# Below this, starting a second thread costs more than it saves.
_WORTH_A_THREAD = 20_000


@dataclass(frozen=True)
class Tiles:
    """Bitmaps of tiles: slot, tx, ty (n,) and bits (n, 8192) bytes in PostgreSQL's order. Sorted, no tile twice.

    `slot` is the caller's: a day and period, a zone, or nothing (0).
    """

    slot: NDArray[np.int64]
    tx: NDArray[np.int32]
    ty: NDArray[np.int32]
    bits: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.slot)

    def take(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Tiles:
        """Return the tiles where `keep` (n,) holds, or those it numbers."""
        return Tiles(self.slot[keep], self.tx[keep], self.ty[keep], self.bits[keep])

    def cells(self) -> NDArray[np.bool_]:
        """Unpack to (n, 256, 256), row 0 in the south."""
        return np.unpackbits(self.bits, axis=1).reshape(-1, SIDE, SIDE).astype(bool)

    def count(self) -> int:
        """Count the cells that are set."""
        return int(np.bitwise_count(self.bits).sum(dtype=np.int64))


def no_tiles() -> Tiles:
    """Return a raster without a tile."""
    return Tiles(
        np.empty(0, np.int64),
        np.empty(0, np.int32),
        np.empty(0, np.int32),
        np.empty((0, TILE_BYTES), np.uint8),
    )


def cover_segments(
    segments: Segments, slot: NDArray[np.int64], reach_m: Mapping[int, float], cell_m: float
) -> Tiles:
    """Set every cell whose centre lies within its mode's reach of a segment; `slot` (n,) keeps days and periods apart.

    Two threads share the work: each fills bitmaps of its own, and OR joins them, so the split can't show in the result.
    """
    columns: tuple[NDArray[Any], ...] = (
        segments.ax, segments.ay, segments.bx, segments.by, _reach_by_mode(segments.mode, reach_m), slot
    )  # fmt: skip
    keys = np.unique(capsule_keys(*columns, cell_m))
    half = len(slot) // 2 if len(slot) > _WORTH_A_THREAD else 0
    parts = [slice(0, half), slice(half, None)] if half else [slice(None)]
    pools = [np.zeros((len(keys), SIDE, WORDS), np.uint64) for _ in parts]
    with ThreadPoolExecutor(len(parts)) as threads:
        for done in [
            threads.submit(_fill, tuple(column[part] for column in columns), cell_m, keys, pool)
            for part, pool in zip(parts, pools, strict=True)
        ]:
            done.result()
    return _to_tiles(keys, np.bitwise_or.reduce(pools) if len(pools) > 1 else pools[0])


def _fill(
    columns: tuple[NDArray[Any], ...], cell_m: float, keys: NDArray[np.int64], pool: NDArray[np.uint64]
) -> None:
    fill_capsules(*columns, cell_m, keys, pool)


def _reach_by_mode(mode: NDArray[np.int16], reach_m: Mapping[int, float]) -> NDArray[np.float64]:
    table = np.zeros(max(reach_m) + 1)
    for number, metres in reach_m.items():
        table[number] = metres
    reach: NDArray[np.float64] = table[mode]
    return reach


def rasterize(polygon: BaseGeometry, slot: int, cell_m: float) -> Tiles:
    """Set the cells whose centre lies in a metric Polygon or MultiPolygon. Neighbours that share an edge share no cell."""
    rings = shapely.get_rings(shapely.get_parts(polygon))
    if len(rings) == 0:
        return no_tiles()
    coordinates, index = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(index, np.arange(len(rings) + 1)).astype(np.int64)
    x, y = np.ascontiguousarray(coordinates[:, 0]), np.ascontiguousarray(coordinates[:, 1])
    side = SIDE * cell_m
    tx = np.arange(np.floor(x.min() / side), np.floor(x.max() / side) + 1).astype(np.int64)
    ty = np.arange(np.floor(y.min() / side), np.floor(y.max() / side) + 1).astype(np.int64)
    keys = np.sort(pack_keys(np.int64(slot), np.repeat(tx, len(ty)), np.tile(ty, len(tx))))
    pool = np.zeros((len(keys), SIDE, WORDS), np.uint64)
    fill_rings(x, y, starts, slot, cell_m, keys, pool)
    return _to_tiles(keys, pool)


def pack_keys(slot: object, tx: object, ty: object) -> NDArray[np.int64]:
    """Return the kernels' tile keys for arrays of slot, tx, ty; they sort by slot, then tx, then ty."""
    keys: NDArray[np.int64] = (
        (np.asarray(slot, np.int64) << 40)
        | ((np.asarray(tx, np.int64) + HALF_WORLD) << 20)
        | (np.asarray(ty, np.int64) + HALF_WORLD)
    )
    return keys


def unpack_keys(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Return (slot, tx, ty) of an array of tile keys."""
    mask = 2 * HALF_WORLD - 1
    tx, ty = ((keys >> 20) & mask) - HALF_WORLD, (keys & mask) - HALF_WORLD
    return keys >> 40, tx.astype(np.int32), ty.astype(np.int32)


def _to_tiles(keys: NDArray[np.int64], pool: NDArray[np.uint64]) -> Tiles:
    """Drop the empty tiles and lay the bits out as PostgreSQL does."""
    used = pool.any(axis=(1, 2))
    slot, tx, ty = unpack_keys(keys[used])
    return Tiles(slot, tx, ty, pool[used].astype(">u8").view(np.uint8).reshape(-1, TILE_BYTES))


def bits_at(tiles: Tiles, slot: object, tx: object, ty: object) -> NDArray[np.uint8]:
    """Return the bitmaps (n, 8192) of the asked tiles; zeros where there is none."""
    keys, wanted = pack_keys(tiles.slot, tiles.tx, tiles.ty), pack_keys(slot, tx, ty)
    out = np.zeros((len(wanted), TILE_BYTES), np.uint8)
    if len(keys):
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found = keys[at] == wanted
        out[found] = tiles.bits[at[found]]
    return out

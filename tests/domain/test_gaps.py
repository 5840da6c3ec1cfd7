"""Gaps of random rasters: valid polygons whose area is exactly that of their cells, each cell in one of them."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from geoservice.domain import gaps
from geoservice.domain.coverage import Tiles

CELL_M = 5.0


def tiles_of(cells, *, slot=0, tx=-1, ty=2):
    """A raster of at most 512 × 512 cells as the tiles from (tx, ty) on."""
    padded = np.zeros((512, 512), dtype=bool)
    padded[: cells.shape[0], : cells.shape[1]] = cells
    quarters = padded.reshape(2, 256, 2, 256).transpose(2, 0, 1, 3).reshape(4, 256, 256)
    bits = np.packbits(quarters.reshape(4, -1), axis=1)
    return Tiles(
        np.full(4, slot),
        np.array([tx, tx, tx + 1, tx + 1], np.int32),
        np.array([ty, ty + 1, ty, ty + 1], np.int32),
        bits,
    )


@st.composite
def rasters(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    # Around the corner of four tiles, so that gaps go over their borders.
    cells = np.zeros((300, 300), dtype=bool)
    size = draw(st.integers(1, 45))
    cells[256 - size // 2 : 256 - size // 2 + size, 240 : 240 + size] = rng.random(
        (size, size)
    ) < rng.uniform(0.3, 0.95)
    return cells, rng


NO_POINTS = np.empty((0, 2))


def find_gaps(tiles, history, points, least_m2):
    regions = gaps.find_regions(tiles, CELL_M, least_m2)
    if regions is None:
        return []
    regions.look(history, regions.last_seen)
    return list(gaps.describe(regions, points, CELL_M))


@given(rasters())
@settings(max_examples=24, deadline=None)
def test_gaps_are_valid_disjoint_and_weigh_what_their_cells_weigh(raster):
    cells, _ = raster
    found = find_gaps(tiles_of(cells), tiles_of(np.zeros((1, 1), bool)), NO_POINTS, 0.0)
    assert sum(gap.cell_count for gap in found) == cells.sum()
    assert len(found) == ndimage.label(cells)[1]
    for gap in found:
        assert gap.polygon.is_valid
        assert abs(gap.polygon.area - gap.cell_count * CELL_M**2) < 1e-6
        assert gap.last_seen == gaps.NEVER
    if found:
        whole = shapely.union_all([gap.polygon for gap in found])
        assert abs(whole.area - cells.sum() * CELL_M**2) < 1e-6


@given(rasters())
@settings(max_examples=12, deadline=None)
def test_last_seen_is_the_latest_day_of_any_cell(raster):
    cells, rng = raster
    days = {day: rng.random(cells.shape) < 0.02 for day in (700_003, 700_001, 700_007)}
    pieces = [tiles_of(seen, slot=day) for day, seen in days.items()]
    history = Tiles(
        *(np.concatenate([getattr(p, name) for p in pieces]) for name in ("slot", "tx", "ty", "bits"))
    )
    labels, _ = ndimage.label(cells)
    expected = sorted(
        max((day for day, seen in days.items() if seen[labels == label].any()), default=gaps.NEVER)
        for label in range(1, labels.max() + 1)
    )
    found = find_gaps(tiles_of(cells), history, NO_POINTS, 0.0)
    assert sorted(gap.last_seen for gap in found) == expected


def test_points_belong_to_the_gap_they_stand_in():
    cells = np.zeros((20, 20), dtype=bool)
    cells[2:8, 2:8] = True
    cells[12:18, 12:18] = True
    corner = np.array([-256, 512]) * CELL_M
    points = np.array([[3.5, 3.5], [15.5, 13.5], [16.5, 16.5], [10.0, 10.0]]) * CELL_M + corner
    found = find_gaps(tiles_of(cells), tiles_of(np.zeros((1, 1), bool)), points, 0.0)
    assert [gap.point_index.tolist() for gap in found] == [[0], [1, 2]]


def test_a_wide_zone_is_cut_into_blocks_that_hold_every_tile_once():
    rng = np.random.default_rng(5)
    places = np.unique(rng.integers(-40, 60, (300, 2)), axis=0).astype(np.int32)
    tiles = Tiles(
        np.zeros(len(places), np.int64), places[:, 0], places[:, 1], np.zeros((len(places), 8192), np.uint8)
    )
    parts = list(gaps.blocks(tiles))
    assert len(parts) > 1
    assert sum(map(len, parts)) == len(tiles)
    assert all(np.ptp(part.tx) < gaps.BLOCK_TILES and np.ptp(part.ty) < gaps.BLOCK_TILES for part in parts)

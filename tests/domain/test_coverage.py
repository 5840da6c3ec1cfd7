"""The raster against exact geometry: every cell of every tile, not a sum."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.coverage import bits_at, cover_segments, pack_keys, rasterize
from geoservice.domain.tracks import Segments

ROWS, COLUMNS = np.mgrid[0:256, 0:256]


def centres(tiles, index, cell_m):
    return (tiles.tx[index] * 256 + COLUMNS + 0.5) * cell_m, (tiles.ty[index] * 256 + ROWS + 0.5) * cell_m


def segments_of(path, mode=1):
    count = len(path) - 1
    none = np.zeros(count, np.int64)
    (ax, ay), (bx, by) = path[:-1].T.copy(), path[1:].T.copy()
    return Segments(none, none, none, ax, ay, bx, by, np.full(count, mode, np.int16))


@st.composite
def paths(draw):
    """Walks of few pieces around a corner of tiles: short, long, axis-parallel, standing still, going back."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([3.0, 40.0, 1500.0]))
    path = rng.uniform(-spread, spread, (rng.integers(2, 6), 2))
    kind = draw(st.sampled_from(["free", "west-east", "south-north", "still"]))
    if kind == "west-east":
        path[:, 1] = path[0, 1]
    if kind == "south-north":
        path[:, 0] = path[0, 0]
    if kind == "still":
        path[:] = path[0]
    return path, draw(st.sampled_from([2.0, 5.0, 10.0])), draw(st.sampled_from([1.0, 30.0, 50.0]))


@given(paths())
@settings(max_examples=7, deadline=None)
def test_a_cell_is_set_exactly_when_its_centre_is_within_reach(case):
    path, cell_m, reach_m = case
    tiles = cover_segments(segments_of(path), np.zeros(len(path) - 1, np.int64), {1: reach_m}, cell_m)
    line = shapely.LineString(path)
    found = 0
    for index in range(len(tiles)):
        distance = shapely.distance(line, shapely.points(*centres(tiles, index, cell_m)))
        cells = tiles.cells()[index]
        assert cells[distance < reach_m - 1e-6].all()
        assert not cells[distance > reach_m + 1e-6].any()
        found += cells.sum()
    # No tile was missed: the area is that of the buffer, to the raster's bound.
    area = line.buffer(reach_m, quad_segs=64)
    assert abs(found * cell_m**2 - area.area) <= area.length * cell_m * 0.75


@given(paths(), paths())
@settings(max_examples=9, deadline=None)
def test_two_tracks_together_are_the_or_of_each(first, second):
    (one, cell_m, reach_m), (two, _, _) = first, second
    alone = [
        cover_segments(segments_of(path), np.zeros(len(path) - 1, np.int64), {1: reach_m}, cell_m)
        for path in (one, two)
    ]
    a, b = segments_of(one), segments_of(two)
    both = Segments(
        *(np.concatenate([getattr(s, name) for s in (a, b)]) for name in Segments.__dataclass_fields__)
    )
    together = cover_segments(both, np.zeros(len(both.ax), np.int64), {1: reach_m}, cell_m)
    places = np.union1d(*(pack_keys(tiles.slot, tiles.tx, tiles.ty) for tiles in alone))
    assert (pack_keys(together.slot, together.tx, together.ty) == places).all()
    one_bits, two_bits = (bits_at(tiles, together.slot, together.tx, together.ty) for tiles in alone)
    assert (together.bits == one_bits | two_bits).all()


@given(st.integers(0, 2**32 - 1), st.sampled_from([2.0, 5.0, 10.0]))
@settings(max_examples=15, deadline=None)
def test_a_polygon_with_holes_and_parts_holds_the_centres_inside_it(seed, cell_m):
    rng = np.random.default_rng(seed)
    blobs = [
        shapely.Point(rng.uniform(-900, 900, 2)).buffer(rng.uniform(20, 500), quad_segs=3) for _ in range(4)
    ]
    polygon = shapely.union_all(blobs[:3]).difference(blobs[3])
    tiles = rasterize(polygon, 7, cell_m)
    for index in range(len(tiles)):
        inside = shapely.contains_xy(polygon, *centres(tiles, index, cell_m))
        assert (tiles.cells()[index] == inside).all()
    assert abs(tiles.count() * cell_m**2 - polygon.area) <= polygon.length * cell_m * 0.75


def test_neighbours_share_no_cell_even_where_centres_lie_on_their_border():
    # Borders at 2.5, 7.5 … run exactly through centres of 5 m cells.
    halves = shapely.box(2.5, 2.5, 502.5, 402.5), shapely.box(502.5, 2.5, 902.5, 402.5)
    left, right, whole = (rasterize(shape, 0, 5.0) for shape in (*halves, shapely.union_all(halves)))
    assert left.count() + right.count() == whole.count() == 180 * 80

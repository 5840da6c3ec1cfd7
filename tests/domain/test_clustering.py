"""Places by tile: each in exactly one tile of a zoom, and each counted in exactly one group."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geoservice.domain.clustering import group, in_tile, on_square, roomy_from

places = arrays(
    np.float64, st.tuples(st.integers(0, 40), st.just(2)), elements=st.floats(0, 1, exclude_max=True)
)
zooms = st.integers(0, 12)


def test_the_square_is_that_of_web_maps():
    """Against the projection's own definition in pyproj."""
    pyproj = pytest.importorskip("pyproj")
    lon, lat = np.array([-179.0, 0.0, 114.05, 180.0]), np.array([-80.0, 0.0, 22.53, 85.0])
    east, north = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
    half = np.pi * 6378137.0
    x, y = on_square(lon, lat)
    assert np.allclose(x, np.minimum((east + half) / (2 * half), np.nextafter(1, 0)))
    assert np.allclose(y, (half - north) / (2 * half))


@given(places, zooms)
def test_each_place_lies_in_exactly_one_tile(xy, zoom):
    x, y = xy[:, 0], xy[:, 1]
    side = 2.0**-zoom
    seen = [int(n) for n in range(len(x)) for n in in_tile(x, y, zoom, int(x[n] // side), int(y[n] // side))]
    assert set(seen) == set(range(len(x)))
    if zoom <= 2:
        tiles = [in_tile(x, y, zoom, column, row) for column in range(2**zoom) for row in range(2**zoom)]
        assert sorted(np.concatenate(tiles).tolist()) == list(range(len(x)))


@given(places, zooms, st.integers(1, 8))
def test_groups_hold_each_place_once_and_only_neighbours(xy, zoom, side):
    x, y = xy[:, 0], xy[:, 1]
    groups = group(x, y, zoom, side)
    assert groups.counts.sum() == len(x)
    width = 2.0**-zoom / side
    for number in range(len(groups.counts)):
        members = groups.members == number
        assert members.sum() == groups.counts[number]
        assert np.ptp(x[members]) <= width
        assert np.ptp(y[members]) <= width


@given(places, st.integers(1, 10))
def test_from_where_it_is_roomy_no_tile_holds_too_many_and_before_one_does(xy, most):
    x, y = xy[:, 0], xy[:, 1]
    zoom = roomy_from(x, y, most)

    def fullest(at: int) -> int:
        tiles = {(int(one * 2**at), int(other * 2**at)) for one, other in zip(x, y, strict=True)}
        return max((len(in_tile(x, y, at, *tile)) for tile in tiles), default=0)

    assert zoom == 20 or fullest(zoom) <= most
    assert zoom == 0 or fullest(zoom - 1) > most

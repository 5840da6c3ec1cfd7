"""The drawing on a patrol's sheet: true to scale, north up, and readable."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyproj import Geod

from geoservice.maps.way_sheet import LABEL_MM, draw_sheet_map

WIDTH, HEIGHT = 182.0, 105.0
places = st.lists(
    st.tuples(st.floats(114.0, 114.06), st.floats(22.5, 22.53)), min_size=2, max_size=40, unique=True
)


@hypothesis_settings(max_examples=18)
@given(found=places)
def test_every_stop_lies_on_the_sheet_where_the_ground_has_it(found):
    line = shapely.LineString(found)
    drawn = draw_sheet_map([(n, *place, "open") for n, place in enumerate(found, 1)], line, [], WIDTH, HEIGHT)
    assert [stop.number for stop in drawn.stops] == list(range(1, len(found) + 1))
    for stop in drawn.stops:
        assert 0 <= stop.x <= WIDTH
        assert 0 <= stop.y <= HEIGHT
        assert LABEL_MM - 0.01 <= stop.label_x <= WIDTH - LABEL_MM + 0.01
        assert LABEL_MM - 0.01 <= stop.label_y <= HEIGHT - LABEL_MM + 0.01
    # Distances on the ellipsoid, by another library, against those on paper.
    one, other = found[0], found[-1]
    metres = Geod(ellps="WGS84").inv(*one, *other)[2]
    assume(metres > 500)
    first, last = drawn.stops[0], drawn.stops[-1]
    paper = np.hypot(first.x - last.x, first.y - last.y)
    assert paper / metres * drawn.bar_m == pytest.approx(drawn.bar_mm, rel=0.01)
    if other[1] - one[1] > 0.005:
        assert last.y < first.y, "north is up"


def test_numbers_of_a_crowded_market_do_not_cover_each_other():
    grid = [(114.05 + 0.00005 * (n % 6), 22.53 + 0.00005 * (n // 6)) for n in range(30)] + [(114.08, 22.55)]
    drawn = draw_sheet_map([(n, *place, "open") for n, place in enumerate(grid, 1)], None, [], WIDTH, HEIGHT)
    labels = np.array([(stop.label_x, stop.label_y) for stop in drawn.stops])
    apart = np.hypot(*(labels[:, None] - labels[None]).transpose(2, 0, 1)) + 1000 * np.eye(len(labels))
    assert (apart.min(axis=1) >= 2 * LABEL_MM - 0.3).mean() > 0.9
    assert drawn.line == ""


def test_a_single_stop_has_a_map_and_none_has_none():
    street = shapely.LineString([(114.0, 22.5), (114.1, 22.5)])
    drawn = draw_sheet_map([(1, 114.05, 22.5, "open")], None, [street], WIDTH, HEIGHT)
    assert drawn.streets.startswith("M")
    assert drawn.bar_m > 0
    assert draw_sheet_map([], None, [], WIDTH, HEIGHT) is None

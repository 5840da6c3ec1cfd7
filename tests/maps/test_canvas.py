"""Escaping, packing and thinning, without a browser."""

import json
import re

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from geoservice.maps.assets import map_document
from geoservice.maps.canvas import (
    bounds_of,
    data_block,
    pack_anchors,
    pack_lines,
    pack_polygons,
    safe_text,
    thin_together,
)
from geoservice.maps.leader import leader_map
from tests.maps.samples import leader_area, map_text, zone


@given(st.text())
def test_safe_text_leaves_no_character_that_markup_template_strings_or_jinja_obey(text: str) -> None:
    written = safe_text(text)
    assert not set("<>\"'`${\\") & set(written)
    written.encode()


@given(st.dictionaries(st.text(), st.text()))
def test_a_data_block_says_what_was_put_in_and_cannot_end_early(values: dict[str, str]) -> None:
    block = data_block("shapes", values).html
    inside = re.fullmatch(r'<script type="application/json" id="shapes">(.*)</script>', block, re.DOTALL)
    assert inside is not None
    assert not set("<>`$") & set(inside[1])
    expected = {key.encode("utf-8", "replace").decode(): value for key, value in values.items()}
    if len(expected) == len(values) and all(text.isascii() for text in (*values, *values.values())):
        assert json.loads(inside[1]) == values


def test_a_data_block_refuses_numbers_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        data_block("shapes", {"rate": float("nan")})


def test_a_name_is_never_evaluated_as_a_template() -> None:
    hostile = "{{7*1111}}{% raw %}{{ cycler.__init__ }}"
    words = map_text(
        title=hostile, layer_zones=hostile, full_screen=hostile, map_label=hostile, legend=hostile
    )
    html = map_document(
        leader_map(leader_area(zones=(zone(0, name=hostile),), gap_count=0, point_count=0), words)
    ).html
    assert "7777" not in html
    assert f'"titles":["{hostile}"]' in html
    assert html.count("{{") == html.count(hostile) * 2


def test_places_are_written_latitude_first_as_steps_of_a_millionth() -> None:
    square = Polygon([(114.05, 22.53), (114.06, 22.53), (114.06, 22.54), (114.05, 22.53)])
    assert pack_polygons([square]) == [[[[22_530_000, 114_050_000, 0, 10_000, 10_000, 0]]]]
    assert pack_lines([LineString([(1, 2), (1.000001, 2), (1.000001, 2.0000001)])]) == [
        [[2_000_000, 1_000_000, 0, 1]]
    ]


def test_every_geometry_keeps_its_parts_and_holes() -> None:
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    nested = GeometryCollection(
        [MultiPolygon([box(5, 5, 6, 6), box(7, 7, 8, 8)]), Point(0, 0), LineString([(0, 0), (1, 1)])]
    )
    packed = pack_polygons([Polygon(), ring, nested])
    assert [[len(rings) for rings in polygons] for polygons in packed] == [[], [2], [1, 1]]
    assert [len(lines) for lines in pack_lines([Polygon(), nested])] == [0, 1]
    assert pack_polygons([]) == []
    assert pack_lines([]) == []


@given(st.lists(st.tuples(st.floats(73, 135), st.floats(18, 54)), min_size=2, max_size=30, unique=True))
def test_packing_is_true_to_half_a_millionth_of_a_degree(places: list[tuple[float, float]]) -> None:
    line = LineString(places)
    flat = np.array(pack_lines([line])[0][0]).reshape(-1, 2).cumsum(axis=0) / 1e6
    assert (
        shapely.hausdorff_distance(LineString(flat[:, ::-1]) if len(flat) > 1 else Point(flat[0, ::-1]), line)
        < 1e-6
    )


def test_anchors_lie_inside_and_empty_shapes_have_none() -> None:
    horseshoe = box(0, 0, 3, 3).difference(box(1, 1, 2, 3))
    (anchor, none) = pack_anchors([horseshoe, Polygon()])
    assert horseshoe.contains(Point(anchor[1] / 1e6, anchor[0] / 1e6))
    assert none == []


def test_neighbours_still_share_their_border_after_thinning() -> None:
    wiggle = [(0.01 + 2e-5 * np.sin(step), step / 5000) for step in range(51)]
    left, right = Polygon([(0, 0), *wiggle, (0, 0.01)]), Polygon([(0.02, 0), *wiggle, (0.02, 0.01)])
    thin = thin_together([left, right], vertex_budget=40)
    assert shapely.get_num_coordinates(thin).sum() <= 40
    assert shapely.intersection(*thin).area == 0
    assert shapely.union_all(thin).area == pytest.approx(2e-4, abs=1e-6)


def test_squares_pass_thinning_untouched() -> None:
    cells = [box(step, 0, step + 1, 1) for step in range(3)]
    assert thin_together(cells, vertex_budget=1) == cells


def test_the_bounds_of_nothing_are_none() -> None:
    assert bounds_of([]) is None
    assert bounds_of([Polygon()]) is None
    assert bounds_of([Point(1, 2), Polygon()]) == (1, 2, 1, 2)

"""Pieces of streets lie in zones as the cells of the raster do: each in one of those that share a border."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.pieces import cut_out, piece_midpoints, pieces_inside, to_words, union
from geoservice.domain.street_tags import level_and_tunnel
from geoservice.domain.streets import StreetLines

WHOLE = st.integers(-40, 40)
PLACE = st.tuples(WHOLE, WHOLE).map(lambda xy: (10.0 * xy[0], 10.0 * xy[1]))
LINE = st.lists(PLACE, min_size=2, max_size=6, unique=True)


def street_lines(lines, counts) -> StreetLines:
    sizes = [len(line) for line in lines]
    return StreetLines(
        street_id=np.arange(1, len(lines) + 1) * 7,
        level=np.zeros(len(lines), np.int16),
        tunnel=np.zeros(len(lines), np.bool_),
        piece_count=np.array(counts, np.int32),
        xy=np.array([place for line in lines for place in line], np.float64).reshape(-1, 2),
        starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
    )


streets = st.lists(st.tuples(LINE, st.integers(1, 150)), min_size=1, max_size=5).map(
    lambda found: street_lines([line for line, _ in found], [count for _, count in found])
)


@settings(deadline=None)  # the first call compiles
@given(streets)
def test_midpoints_stand_where_shapely_puts_them(lines):
    pieces = piece_midpoints(lines)
    assert len(pieces.x) == lines.piece_count.sum()
    assert (np.diff(pieces.y) >= 0).all()
    for place, count in enumerate(lines.piece_count):
        line = shapely.LineString(lines.xy[lines.starts[place] : lines.starts[place + 1]])
        mine = pieces.street_id == lines.street_id[place]
        expected = shapely.line_interpolate_point(line, (pieces.number[mine] + 0.5) / count, normalized=True)
        assert sorted(pieces.number[mine]) == list(range(count))
        assert np.allclose(
            shapely.get_coordinates(expected), np.column_stack((pieces.x[mine], pieces.y[mine]))
        )


@settings(deadline=None)
@given(streets, st.data())
def test_a_streets_midpoints_do_not_depend_on_its_neighbours(lines, data):
    """To the last bit, or a piece on a border could fall to both zones or to none."""
    place = data.draw(st.integers(0, len(lines.street_id) - 1))
    alone = street_lines(
        [lines.xy[lines.starts[place] : lines.starts[place + 1]]], [lines.piece_count[place]]
    )
    together, single = piece_midpoints(lines), piece_midpoints(alone)
    mine = np.flatnonzero(together.street_id == lines.street_id[place])
    order, other = mine[np.argsort(together.number[mine])], np.argsort(single.number)
    assert np.array_equal(together.x[order], single.x[other])
    assert np.array_equal(together.y[order], single.y[other])


@settings(deadline=None)
@given(streets, st.lists(st.tuples(WHOLE, WHOLE), min_size=1, max_size=4), st.integers(1, 12))
def test_inside_is_what_shapely_calls_inside_away_from_borders(lines, centres, radius):
    pieces = piece_midpoints(lines)
    zone = shapely.union_all([shapely.Point(10 * x, 10 * y).buffer(10 * radius + 0.3) for x, y in centres])
    zone = zone.difference(shapely.Point(10 * centres[0][0], 10 * centres[0][1]).buffer(4.7))
    inside = np.zeros(len(pieces.x), dtype=bool)
    inside[pieces_inside(zone, pieces)] = True
    places = shapely.points(pieces.x, pieces.y)
    clear = shapely.distance(zone.boundary, places) > 1e-6
    assert np.array_equal(inside[clear], shapely.contains(zone, places)[clear])


@settings(max_examples=48, deadline=None)
@given(streets, st.lists(WHOLE, min_size=1, max_size=6), WHOLE)
def test_every_piece_lies_in_exactly_one_of_two_zones_that_share_a_border(lines, wave, level):
    """The border runs along streets too: half the vertices of both are on the same lattice."""
    border = [(-500.0, 10.0 * level)]
    border += [(10.0 * (index - 3) * 13, 10.0 * y) for index, y in enumerate(wave)]
    border += [(500.0, 10.0 * level)]
    south = shapely.Polygon([*border, (500, -500), (-500, -500)])
    north = shapely.Polygon([*border, (500, 500), (-500, 500)])
    pieces = piece_midpoints(lines)
    found = np.concatenate((pieces_inside(south, pieces), pieces_inside(north, pieces)))
    assert sorted(found) == list(range(len(pieces.x)))


@pytest.mark.parametrize(
    "line", [[(0, 0), (300, 0)], [(0, 0), (0, 300)], [(0, 0), (300, 300)], [(0, 0), (210, 70)]]
)
def test_a_street_along_a_border_belongs_to_one_side(line):
    (ax, ay), (bx, by) = line
    left = shapely.Polygon([(ax, ay), (bx, by), (bx - 500, by + 400), (ax - 500, ay + 400)])
    right = shapely.Polygon([(bx, by), (ax, ay), (ax + 500, ay - 400), (bx + 500, by - 400)])
    pieces = piece_midpoints(street_lines([line, line[::-1]], [20, 21]))
    found = np.concatenate((pieces_inside(left, pieces), pieces_inside(right, pieces)))
    assert sorted(found) == list(range(41))


@given(st.sets(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 200))))
def test_words_hold_the_pieces_that_went_in(found):
    owner, street, number = (np.array([row[i] for row in sorted(found)], np.int64) for i in range(3))
    words = to_words(owner, street, number)
    twice = union(
        type(words)(*(np.tile(getattr(words, name), 2) for name in ("owner", "street_id", "word", "pieces")))
    )
    for each in (words, twice):
        back = {
            (int(o), int(s), 64 * int(w) + bit)
            for o, s, w, bits in zip(each.owner, each.street_id, each.word, each.pieces, strict=True)
            for bit in range(64)
            if int(bits) % (1 << 64) >> bit & 1
        }
        assert back == found
        keys = list(zip(each.owner, each.street_id, each.word, strict=True))
        assert keys == sorted(set(keys))


@given(LINE, st.integers(1, 80), st.data())
def test_a_run_cut_out_is_as_long_as_its_pieces_and_lies_on_the_street(line, count, data):
    first = data.draw(st.integers(0, count - 1))
    end = data.draw(st.integers(first + 1, count))
    xy, index = cut_out(street_lines([line], [count]), np.array([0]), np.array([first]), np.array([end]))
    whole, part = shapely.LineString(line), shapely.LineString(xy)
    assert index.tolist() == [0] * len(xy)
    assert part.length == pytest.approx((end - first) / count * whole.length)
    assert whole.buffer(1e-6).covers(part)
    assert (
        shapely.Point(xy[0]).distance(shapely.line_interpolate_point(whole, first / count, normalized=True))
        < 1e-6
    )


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, (0, False)),
        ({"bridge": "yes"}, (1, False)),
        ({"bridge": "no", "tunnel": "no", "layer": "0"}, (0, False)),
        ({"tunnel": "yes"}, (-1, True)),
        ({"tunnel": "building_passage", "layer": "0"}, (0, True)),
        ({"bridge": "viaduct", "other_tags": '"layer"=>"2","lit"=>"yes"'}, (2, False)),
        ({"other_tags": '"tunnel"=>"yes","layer"=>"-2"'}, (-2, True)),
        ({"隧道": "是"}, (-1, True)),
        ({"隧道": "否", "桥": "是"}, (1, False)),
        ({"类型": "隧道"}, (-1, True)),
        ({"构造": "高架桥"}, (1, False)),
        ({"layer": 3.0, "bridge": True}, (3, False)),
        ({"layer": "ground floor"}, (0, False)),
        ({"layer": "1e999"}, (0, False)),
    ],
)
def test_what_attributes_say_of_bridges_and_tunnels(attributes, said):
    assert level_and_tunnel(attributes) == said

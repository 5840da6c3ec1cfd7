"""Stretches, states of points, ages, responsibility and suggestions, without a browser."""

import gzip
import struct
import zlib
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import LineString, Point

from geoservice.maps.ages import AGE_COLOURS, band_colours
from geoservice.maps.assets import map_document
from geoservice.maps.layers import NO_DATA
from geoservice.maps.responsibility import responsibility_map
from geoservice.maps.values import NO_BAND
from tests.maps.measure_samples import AGE_NAMES, age_image, full_area, stated_point, stretch, suggestion
from tests.maps.samples import city_area, leader_area, map_text, zone
from tests.maps.test_layers import block, html_of


def pixels(address: str) -> NDArray[np.uint8]:
    """The RGBA pixels of an unfiltered 8-bit PNG, after the file format's own description."""
    png = b64decode(address.removeprefix("data:image/png;base64,"))
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    data = b""
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += 12 + size
    rows = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(height, 1 + 4 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 4)


def test_a_map_without_the_new_fields_has_none_of_the_new_layers() -> None:
    html = html_of(leader_area())
    for kind in ("stretches", "suggestions", "ages"):
        assert f'id="shapes-{kind}"' not in html
        assert f'data-layer="{kind}"' not in html
    points = block(html, "shapes-points")
    assert set(points["state"]) == {-1}
    assert set(points["late"]) == {0}


def test_a_stretch_says_length_days_street_and_who_answers() -> None:
    shapes = (
        stretch(2, street_name="深南路", street_code="S9", days_unseen=12, leader=None),
        stretch(1, street_name="S9", street_code="S9", days_unseen=None, length_m=1234.5),
    )
    stretches = block(html_of(leader_area(stretches=shapes)), "shapes-stretches")
    assert stretches["fields"] == ["长度", "未巡查", "道路", "包抓领导"]
    assert dict(zip(stretches["titles"], stretches["rows"], strict=True)) == {
        "未巡查路段 1": ["1,234 m", "从未巡查", "S9", "王建国"],
        "未巡查路段 2": ["150 m", "12 天", "深南路 · S9", "无人包抓"],
    }
    assert stretches["titles"][-1] == "未巡查路段 1"
    for packed, anchor in zip(stretches["lines"], stretches["anchors"], strict=True):
        line = LineString(np.array(packed[0]).reshape(-1, 2).cumsum(axis=0))
        assert shapely.distance(line, Point(anchor)) < 2


def test_a_point_says_state_last_visit_and_what_is_due() -> None:
    known = stated_point(0, state="probable", due="overdue", last_visit="2025-03-20 09:00", longest="9 天")
    unknown = stated_point(1, state=None, due=None, last_visit="", longest="")
    points = block(html_of(leader_area(points=(known, unknown))), "shapes-points")
    rows = [[row[0], *(points["words"][word] for word in row[1:])] for row in points["rows"]]
    assert points["fields"] == ["编码", "类别", "巡查状态", "上次到点", "最长未到", "下次到点"]
    assert rows == [
        ["P00000", "农贸市场", "可能已巡查", "2025-03-20 09:00", "9 天", "已逾期"],
        ["P00001", "老旧小区", "", "", "", ""],
    ]
    assert [points["states"][points["state"][0]], points["state"][1]] == ["probable", -1]
    assert points["late"] == [1, 0]


@pytest.mark.parametrize(
    ("due", "late"),
    [("ok", 0), ("due_today", 0), ("due_tomorrow", 0), ("overdue", 1), ("never", 1), (None, 0)],
)
def test_only_what_is_overdue_or_was_never_visited_earns_an_exclamation_mark(due: str, late: int) -> None:
    html = html_of(leader_area(points=(stated_point(0, due=due),)))
    assert block(html, "shapes-points")["late"] == [late]
    assert ("逾期或从未到点" in html) == bool(late)


def test_the_legend_has_a_row_for_each_state_that_occurs_and_for_no_other() -> None:
    html = html_of(
        leader_area(points=(stated_point(0, state="not_visited"), stated_point(1, state="probable")))
    )
    legend = html[html.index('id="map-legend"') : html.index("</details>")]
    assert [words in legend for words in ("有问题", "无问题", "可能已巡查", "未到点位")] == [
        False,
        False,
        True,
        True,
    ]


def test_suggestions_come_best_first_as_places_or_lines() -> None:
    shapes = block(html_of(leader_area(suggestions=(suggestion(3), suggestion(1)))), "shapes-suggestions")
    assert shapes["ranks"] == [1, 3]
    assert shapes["tags"] == ["建议驻点", "建议绕行"]
    assert shapes["lines"][0] == []
    assert len(shapes["lines"][1]) == 1
    assert shapes["anchors"][0] == [22_534_100, 114_052_900]
    assert shapes["pairs"][0] == [["可消除盲点", "8 个"], ["停留", "15 分钟"]]


def test_every_pixel_of_the_age_image_has_the_colour_of_its_band() -> None:
    ages = age_image(40)
    html = html_of(leader_area(ages=ages))
    shapes = block(html, "shapes-ages")
    painted = pixels(shapes["image"])
    assert painted.shape == (40, 40, 4)
    assert not painted[ages.bands == NO_BAND].any()
    for band, colour in enumerate(band_colours(len(AGE_NAMES))):
        inside = painted[ages.bands == band]
        assert (inside == [*bytes.fromhex(colour[1:]), 255]).all()
    assert shapes["bounds"] == [[ages.south, ages.west], [ages.north, ages.east]]


def test_the_legend_names_the_bands_that_the_image_shows() -> None:
    ages = age_image(40)
    html = html_of(leader_area(ages=replace(ages, bands=np.where(ages.bands < 2, ages.bands, NO_BAND))))
    legend = html[html.index('id="map-legend"') : html.index("</details>")]
    assert [name in legend for name in AGE_NAMES] == [True, True, False, False, False, False, False]
    assert AGE_COLOURS[0] in legend


def test_a_band_without_a_name_is_never_left_out_silently() -> None:
    with pytest.raises(ValueError, match="bands without a name"):
        html_of(leader_area(ages=replace(age_image(4), names=AGE_NAMES[:2])))


@given(st.integers(1, 7))
def test_bands_never_share_a_colour_while_there_are_enough(count: int) -> None:
    colours = band_colours(count)
    assert len(set(colours)) == count
    assert [AGE_COLOURS.index(colour) for colour in colours] == sorted(
        AGE_COLOURS.index(colour) for colour in colours
    )


def test_the_map_of_responsibility_tells_one_none_and_two_apart() -> None:
    zones = (
        zone(0, holding="one", leader="王建国"),
        zone(1, holding="none", leader=None),
        zone(2, holding="two", leader="王建国"),
        zone(3),
    )
    html = map_document(responsibility_map(replace(city_area(4, 4, 0), zones=zones), map_text())).html
    shapes = block(html, "shapes-zones")
    assert [shapes["fills"][number] for number in shapes["classes"]] == [
        "holding-one",
        "holding-none",
        "holding-two",
        "coverage-none",
    ]
    assert shapes["classes"][-1] == NO_DATA
    assert shapes["rates"] == ["王建国", "无人负责", "两位及以上领导", "无数据"]
    assert [row[-1] for row in shapes["rows"]] == ["一位领导", "无人负责", "两位及以上领导", ""]
    legend = html[html.index('id="map-legend"') : html.index("</details>")]
    assert "包抓情况" in legend
    assert "覆盖率" not in legend
    assert "80% – 100%" not in legend


def test_everything_at_once_stays_small() -> None:
    visits = [f"2025-03-{n % 28 + 1:02d} 10:{n % 60:02d}" for n in range(400)]
    points = tuple(stated_point(n, last_visit=visit) for n, visit in enumerate(visits))
    zones = tuple(zone(n) for n in range(60))
    area = replace(full_area(0, 300), zones=zones, ages=age_image(500), points=points)
    assert len(gzip.compress(html_of(area).encode())) <= 300_000


def test_fifty_thousand_points_stay_portable() -> None:
    points = tuple(stated_point(n) for n in range(50_000))
    assert len(gzip.compress(html_of(leader_area(points=points)).encode(), 6)) <= 1_500_000

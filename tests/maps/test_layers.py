"""What the layers, the legend and the finished page hold, without a browser."""

import gzip
import json
import re
from dataclasses import replace
from typing import Any

import folium
import pytest
from folium.plugins import MeasureControl
from shapely import Polygon

from geoservice.maps.assets import UnmappedAssetError, host_assets, map_csp, map_document
from geoservice.maps.base_maps import image_sources
from geoservice.maps.canvas import finish_map, start_map
from geoservice.maps.dispatch import city_map
from geoservice.maps.layers import NO_DATA, rate_class
from geoservice.maps.leader import leader_map
from geoservice.maps.points import category_signs
from geoservice.maps.values import BaseMap, Tiles, TileSet
from tests.maps.samples import city_area, gap, leader_area, map_text, point, totals, zone

TILES = Tiles("https://{s}.tiles.example.gov.cn/{z}/{x}/{y}.png", max_zoom=17)
BASE_MAP = BaseMap((TileSet("own", "市图", (TILES,), "© 市规划局 <b>"),), first="own")


def html_of(area: Any, **words: object) -> str:
    return map_document(leader_map(area, map_text(**words))).html


def block(html: str, name: str) -> dict[str, Any]:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', html)
    assert found is not None
    values: dict[str, Any] = json.loads(found[1])
    return values


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(None, NO_DATA), (0.0, 0), (0.199, 0), (0.2, 1), (0.4, 2), (0.6, 3), (0.79, 3), (0.8, 4), (1.0, 4)],
)
def test_the_class_of_a_rate(rate: float | None, expected: int) -> None:
    assert rate_class(rate) == expected


def test_no_data_is_never_shown_as_nought_per_cent() -> None:
    zones = block(html_of(leader_area(zones=(zone(0, rate=None), zone(1, rate=0.0)))), "shapes-zones")
    assert zones["classes"] == [NO_DATA, 0]
    assert zones["rates"] == ["无数据", "0%"]


def test_gaps_come_largest_first_whatever_order_they_were_given_in() -> None:
    gaps = block(html_of(leader_area(gaps=(gap(3), gap(1), gap(2)))), "shapes-gaps")
    assert gaps["ranks"] == [1, 2, 3]
    assert [row[0] for row in gaps["rows"]] == ["9,000 m²", "4,500 m²", "3,000 m²"]


def test_a_gap_says_size_days_points_zone_and_who_answers() -> None:
    gaps = block(
        html_of(leader_area(gaps=(gap(4, leader=None, zone_name="甲", zone_code="01"),))), "shapes-gaps"
    )
    assert gaps["fields"] == ["面积", "未巡查", "涉及点位", "所在网格", "包抓领导"]
    assert gaps["rows"] == [["2,250 m²", "从未巡查", "1", "甲 · 01", "无人包抓"]]
    assert gaps["others"] == [[["城管", "赵敏"]]]


def test_every_category_has_its_own_letter_while_its_name_has_one_left() -> None:
    points = [
        point(0, category=f"c{n}", category_name=name) for n, name in enumerate(("公园", "公厕", "公", "公"))
    ]
    assert [sign["letter"] for sign in category_signs(points)] == ["公", "厕", "公", "公"]
    assert len({sign["glyph"] for sign in category_signs(points)}) == 4


def test_the_legend_names_every_class_the_days_and_the_hour_of_computing() -> None:
    html = html_of(leader_area())
    for words in (
        "0% – 20%",
        "80% – 100%",
        "无数据",
        "盲点",
        "不计入",
        "2025-03-01 – 2025-03-30",
        "2025-03-31 01:05",
    ):
        assert words in html
    assert "尚未计算" in html_of(leader_area(computed_at=None))


def test_language_title_and_region_are_said() -> None:
    html = html_of(leader_area(), lang="en", title="My ground", map_label="Coverage map")
    assert '<html lang="en">' in html
    assert "<title>My ground</title>" in html
    assert 'role="region" aria-label="Coverage map"' in html
    assert "user-scalable" not in html


def test_the_same_input_gives_the_same_page() -> None:
    assert html_of(leader_area()) == html_of(leader_area())


def test_a_leader_with_nothing_still_gets_a_map() -> None:
    empty = leader_area(zones=(), gaps=(), points=(), streets=(), exclusions=(), tracks=())
    html = html_of(replace(empty, totals=replace(totals(), rate=None)))
    assert block(html, "map-settings")["home"] is None
    assert block(html_of(leader_area(zones=(zone(0, geometry=Polygon()),))), "shapes-zones")["anchors"] == [
        []
    ]


def test_the_map_opens_on_the_leaders_ground_not_on_what_lies_around_it() -> None:
    far = point(1, lon=120.0, lat=30.0, mine=False)
    home = block(html_of(leader_area(points=(far,), streets=())), "map-settings")["home"]
    assert home == [[22.53, 114.05], [22.5426, 114.066]]


def test_sixty_zones_and_four_hundred_points_stay_small() -> None:
    html = html_of(leader_area(zone_count=60, gap_count=40, point_count=400))
    assert len(gzip.compress(html.encode())) <= 300_000


def test_a_city_of_nine_thousand_cells_stays_portable() -> None:
    drawn = city_map(city_area(9005, 95, 300), map_text())
    assert len(gzip.compress(map_document(drawn).html.encode(), 6)) <= 400_000


def test_no_address_of_anyone_else_is_in_the_page() -> None:
    html = html_of(leader_area())
    assert not re.findall(r"(?:https?:)?//[\w.]+", html)
    assert set(re.findall(r'(?:src|href)="([^"#]+)"', html)) >= {
        "/static/node_modules/leaflet/dist/leaflet.js"
    }
    assert all(address.startswith("/static/") for address in re.findall(r'(?:src|href)="([^"#]+)"', html))


def test_the_static_folder_may_live_elsewhere() -> None:
    html = map_document(leader_map(leader_area(), map_text(), static_url="/geo/static")).html
    assert "/geo/static/js/map-frame.js" in html
    assert '"/static' not in html


@pytest.mark.parametrize("stranger", [MeasureControl(), folium.Marker([22, 114], icon=folium.Icon())])
def test_a_library_we_do_not_hold_is_refused_by_name(stranger: Any) -> None:
    drawn = finish_map(start_map(map_text(), None, None, many=False))
    stranger.add_to(drawn)
    with pytest.raises(UnmappedAssetError):
        host_assets(drawn)


def test_without_a_base_map_the_policy_lists_nobody() -> None:
    document = map_document(leader_map(leader_area(), map_text()))
    assert "http" not in document.csp
    assert "unsafe" not in document.csp
    assert re.search(r"script-src 'self' 'sha256-[\w+/]{43}='", document.csp)
    assert document.csp.endswith("sandbox allow-scripts")


def test_a_base_map_is_told_to_the_page_as_data_and_listed_in_the_policy_host_by_host() -> None:
    document = map_document(leader_map(leader_area(), map_text(), base_map=BASE_MAP))
    hosts = " ".join(f"https://{name}.tiles.example.gov.cn" for name in "abc")
    assert f"img-src 'self' data: {hosts};" in document.csp
    assert "connect-src" not in document.csp
    assert "/static/js/base-maps.js" in document.html
    assert "© 市规划局 \\u003cb\\u003e" in document.html


@pytest.mark.parametrize(
    ("url", "sources"),
    [
        ("http://10.0.0.8:8080/{z}/{x}/{y}.png", ("http://10.0.0.8:8080",)),
        ("https://t{s}.map.cn/{z}/{x}/{y}", ("https://t0.map.cn", "https://t1.map.cn")),
        ("/tiles/{z}/{x}/{y}.png", ()),
    ],
)
def test_the_sources_of_tiles(url: str, sources: tuple[str, ...]) -> None:
    base_map = BaseMap((TileSet("own", "", (Tiles(url, "01"),)),), first="own")
    assert image_sources(base_map) == sources
    assert all(source in map_csp(base_map) for source in sources)


def test_only_vector_tiles_of_ours_let_a_map_fetch() -> None:
    sheet = Tiles("/base-maps/x/city/{z}/{x}/{y}", vector=True)
    policy = map_csp(BaseMap((TileSet("city", "", (sheet,)),), first="city"))
    assert "connect-src 'self'" in policy
    assert "http" not in policy

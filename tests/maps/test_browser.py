"""Maps in Chromium, as the product shows them: sandboxed frame, strict policies, no outside address reachable."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geoservice.maps.assets import MapDocument, map_document
from geoservice.maps.dispatch import city_map
from geoservice.maps.leader import leader_map
from tests.maps.conftest import Shown, show
from tests.maps.samples import city_area, gap, leader_area, map_text, street, totals

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from geoservice.maps.text import MapText
    from geoservice.maps.values import BaseMap, CityArea, LeaderArea


def drawn(area: LeaderArea, text: MapText | None = None, base_map: BaseMap | None = None) -> MapDocument:
    return map_document(leader_map(area, text or map_text(), base_map))


def clean(shown: Shown) -> bool:
    """Only our own address was asked, everything was found, and the console stayed silent."""
    assert {status for _, status in shown.requests} == {200}
    assert all(url.startswith((shown.url, "data:")) for url, _ in shown.requests)
    assert shown.failures == []
    assert shown.complaints == []
    return True


@pytest.mark.parametrize("width", [360, 1440])
def test_a_leaders_map_opens_without_asking_anyone_else(page: Page, shown: Shown, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    frame = show(page, shown, drawn(leader_area()))
    assert frame.evaluate("self.origin") == "null"
    assert frame.locator("path.zone").count() == 56
    assert frame.locator("path.gap").count() == 12
    assert frame.locator(".point").count() == 60
    assert frame.locator("path.exclusion").count() == 1
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert frame.locator("[role=region]").get_attribute("aria-label") == "责任区覆盖地图"
    assert clean(shown)


def test_zones_carry_pattern_and_colour_and_the_legend_shows_both(page: Page, shown: Shown) -> None:
    frame = show(page, shown, drawn(leader_area()))
    fills = set(
        frame.locator("path.zone").evaluate_all("zones => zones.map(zone => zone.getAttribute('fill'))")
    )
    classes = {f"url(#fill-coverage-{name})" for name in ("0", "1", "2", "3", "4", "none")}
    assert fills == classes
    assert frame.locator("#map-legend").is_visible()
    swatches = frame.locator("#map-legend .swatch").evaluate_all(
        "all => all.map(one => one.getAttribute('fill'))"
    )
    assert classes <= set(swatches)
    grounds = frame.evaluate(
        "[0, 1, 2, 3, 4].map(n => getComputedStyle(document.querySelector(`#fill-coverage-${n} rect`)).fill)"
    )
    assert len(set(grounds)) == 5


def test_gaps_are_numbered_largest_first(page: Page, shown: Shown) -> None:
    frame = show(page, shown, drawn(leader_area(gaps=tuple(gap(rank) for rank in (5, 2, 4, 1, 3)))))
    badges = frame.locator(".gap-badge").all_text_contents()
    assert badges == ["1", "2", "3", "4", "5"]
    areas = [
        frame.evaluate(
            "id => { GeoMap.flyTo('gap', id); return GeoMap.byKey.get('gap:' + id).data.rows }", "501"
        )
    ]
    assert [row[0] for row in areas[0]] == ["9,000 m²", "4,500 m²", "3,000 m²", "2,250 m²", "1,800 m²"]


def test_a_tap_on_a_row_flies_to_the_gap_and_opens_its_card(page: Page, shown: Shown) -> None:
    frame = show(page, shown, drawn(leader_area()), [501, 502, 503])
    zoom = frame.evaluate("GeoMap.map.getZoom()")
    page.locator("[data-fly-to='gap:503']").click()
    card = frame.locator(".leaflet-popup-content")
    card.wait_for()
    assert card.locator("h3").text_content() == "盲点 3"
    assert "9 天" in (card.text_content() or "")
    assert frame.evaluate("GeoMap.map.getZoom()") > zoom
    page.wait_for_selector("[data-fly-to='gap:503'][aria-current=true]")
    assert page.locator("[aria-current=true]").count() == 1
    assert clean(shown)


def test_a_row_tapped_before_the_map_is_ready_is_not_forgotten(page: Page, shown: Shown) -> None:
    shown.document = drawn(leader_area())
    shown.rows = '<li><button data-fly-to="gap:502">2</button></li>'
    page.goto(f"{shown.url}/page", wait_until="domcontentloaded")
    page.locator("[data-fly-to]").click()
    page.frame_locator("#map").locator(".leaflet-popup-content h3", has_text="盲点 2").wait_for()


@pytest.mark.parametrize("code", ["深南 1/2", "a:b", "440304-001'"])
def test_a_street_is_found_by_any_code_a_city_may_use(page: Page, shown: Shown, code: str) -> None:
    frame = show(page, shown, drawn(leader_area(streets=(street(1, code=code, name="深南路"),))), [501])
    page.evaluate("code => document.querySelector('[data-fly-to]').dataset.flyTo = `street:${code}`", code)
    page.locator("[data-fly-to]").click()
    frame.locator(".leaflet-popup-content h3", has_text="深南路").wait_for()
    page.wait_for_selector("[data-fly-to][aria-current=true]")


def test_a_tap_on_the_map_marks_the_row(page: Page, shown: Shown) -> None:
    frame = show(page, shown, drawn(leader_area()), [501, 502])
    frame.locator(".gap-badge", has_text="2").first.click()
    page.wait_for_selector("[data-fly-to='gap:502'][aria-current=true]")
    badge = frame.locator(".gap-badge").first
    badge.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-fly-to='gap:501'][aria-current=true]")


def test_messages_of_the_wrong_shape_or_from_the_wrong_window_are_ignored(page: Page, shown: Shown) -> None:
    frame = show(page, shown, drawn(leader_area()), [501])
    page.evaluate(
        """() => {
            const map = document.getElementById("map").contentWindow;
            const wrong = [null, 7, "fly-to", {}, {geoservice: 1}, {geoservice: 1, type: "constructor"},
                {type: "fly-to", kind: "gap", id: "501"}, {geoservice: 1, type: "fly-to", kind: "gap", id: {}},
                {geoservice: 1, type: "fly-to", kind: "__proto__", id: "x"},
                {geoservice: 1, type: "position", lon: "1", lat: 2, accuracy: 3},
                {geoservice: 1, type: "position", lon: 500, lat: 2, accuracy: 3}];
            wrong.forEach((message) => map.postMessage(message, "*"));
            window.postMessage({geoservice: 1, type: "selected", kind: "gap", id: "501"}, "*");
            const stranger = document.createElement("iframe");
            stranger.sandbox = "allow-scripts";
            stranger.src = "/map";
            document.body.append(stranger);
        }"""
    )
    page.wait_for_timeout(300)
    stranger = next(other for other in page.frames if other not in (frame, page.main_frame))
    stranger.evaluate("parent.postMessage({geoservice: 1, type: 'selected', kind: 'gap', id: '501'}, '*')")
    stranger.evaluate(
        "parent.frames[0].postMessage({geoservice: 1, type: 'fly-to', kind: 'gap', id: '501'}, '*')"
    )
    page.wait_for_timeout(200)
    assert page.locator("[aria-current=true]").count() == 0
    assert frame.locator(".leaflet-popup, .my-position").count() == 0
    assert shown.complaints == []


def test_locate_me_asks_the_page_around_the_map(page: Page, shown: Shown) -> None:
    frame = show(page, shown, drawn(leader_area()))
    frame.get_by_role("button", name="定位").click()
    frame.get_by_text("无法获取位置").wait_for()
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 114.055, "latitude": 22.535, "accuracy": 15})
    frame.get_by_role("button", name="定位").click()
    frame.locator("path.my-position").wait_for()


def test_layers_can_be_switched_and_tracks_wait_until_asked(page: Page, shown: Shown) -> None:
    frame = show(page, shown, drawn(leader_area()))
    assert frame.locator(".leaflet-overlay-pane path.track").count() == 0
    frame.locator(".leaflet-control-layers").hover(force=True)
    labels = [
        label.strip()
        for label in frame.locator(".leaflet-control-layers-overlays span span").all_text_contents()
    ]
    assert labels == ["网格", "不计入区域", "道路", "巡查轨迹", "盲点", "点位"]
    frame.get_by_label("巡查轨迹").check()
    frame.get_by_label("盲点").uncheck()
    assert frame.locator(".leaflet-overlay-pane path.track").count() == 1
    assert frame.locator("path.gap").count() == 0


def test_full_screen_and_back(page: Page, shown: Shown) -> None:
    frame = show(page, shown, drawn(leader_area()))
    frame.get_by_role("button", name="全屏").click()
    frame.get_by_role("button", name="退出全屏").wait_for()
    frame.get_by_role("button", name="退出全屏").click()
    frame.get_by_role("button", name="全屏", exact=True).wait_for()
    assert clean(shown)


def test_a_map_of_nothing_opens_too(page: Page, shown: Shown) -> None:
    empty: LeaderArea = leader_area(zones=(), gaps=(), points=(), streets=(), exclusions=(), tracks=())
    frame = show(page, shown, drawn(replace(empty, totals=totals())))
    assert frame.locator("path.leaflet-interactive").count() == 0
    assert clean(shown)


def test_the_city_opens_in_one_bitmap_and_its_cells_can_be_tapped(page: Page, shown: Shown) -> None:
    city: CityArea = city_area(9005, 95, 300, points=2000)
    frame = show(page, shown, map_document(city_map(city, map_text())), [501])
    assert frame.locator(".leaflet-overlay-pane canvas").count() == 1
    assert frame.locator(".leaflet-points-pane canvas").count() == 1
    assert frame.locator("path.zone").count() == 0
    assert len(frame.evaluate("[...GeoMap.byKey.keys()]")) == 9005 + 300 + 2000
    page.locator("[data-fly-to='gap:501']").click()
    frame.locator(".leaflet-popup-content h3", has_text="盲点 1").wait_for()
    frame.evaluate("GeoMap.flyTo('zone', '1000')")
    frame.locator(".leaflet-popup-content h3", has_text="福田网格0").wait_for()
    assert clean(shown)

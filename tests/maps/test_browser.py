"""Maps in Chromium, as the product shows them: sandboxed frame, strict policies, no outside address reachable."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from geoservice.maps.assets import MapDocument, map_document
from geoservice.maps.dispatch import city_map
from geoservice.maps.leader import leader_map
from geoservice.maps.values import BaseMap, MapText
from tests.maps.conftest import Shown, show
from tests.maps.samples import city_area, gap, leader_area, map_text, point, street, totals, zone

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from geoservice.maps.values import CityArea, LeaderArea

PAYLOADS = (
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    "<svg><script>window.ran=1</script></svg>",
    '"><img src=x onerror=window.ran=1>',
    "'><img src=x onerror=window.ran=1>",
    '" onmouseover="window.ran=1" x="',
    '");window.ran=1;("',
    "');window.ran=1;('",
    "${window.ran=1}",
    "`+(window.ran=1)+`",
    "`${window.ran=1}`",
    "\\`;window.ran=1;//",
    '\\";window.ran=1;//',
    "\u2028window.ran=1\u2029",
    "{{ ''.__class__ }}{% set x=1 %}{{7*1111}}",
    "<!--<script>window.ran=1",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "&lt;img src=x onerror=window.ran=1&gt;<details open ontoggle=window.ran=1>",
)


def drawn(area: LeaderArea, text: MapText | None = None, base_map: BaseMap | None = None) -> MapDocument:
    return map_document(leader_map(area, text or map_text(), base_map))


def hostile_area() -> LeaderArea:
    """Payload n in every text of the n-th zone, gap, point, street, exclusion and track."""
    area = leader_area()
    numbered = list(enumerate(PAYLOADS))
    people = [{"leader": words, "others": ((words, words),)} for words in PAYLOADS]
    return replace(
        area,
        leader_name=PAYLOADS[0],
        zones=tuple(zone(n, name=words, code=words, **people[n]) for n, words in numbered),
        gaps=tuple(gap(n + 1, zone_name=words, zone_code=words, **people[n]) for n, words in numbered),
        points=tuple(
            point(n, name=words, code=words, category=words, category_name=words) for n, words in numbered
        ),
        streets=tuple(street(n, name=words, code=words, mine=n % 2 == 0) for n, words in numbered),
        exclusions=tuple(replace(area.exclusions[0], id=n, reason=words) for n, words in numbered),
        tracks=tuple(replace(area.tracks[0], id=n, label=words) for n, words in numbered),
    )


def hostile_words(shift: int) -> MapText:
    """A payload in every translated label."""
    labels = [field.name for field in fields(MapText) if field.type in {str, "str"} and field.name != "lang"]
    return map_text(**{name: PAYLOADS[(n + shift) % len(PAYLOADS)] for n, name in enumerate(labels)})


OPEN_EVERY_CARD = """() => {
    const texts = [];
    for (const group of Object.values(GeoMap.layers)) group.addTo(GeoMap.map);
    for (const entry of GeoMap.byKey.values()) {
        GeoMap.open(entry, GeoMap.map.getCenter());
        texts.push(GeoMap.map._popup.getContent().textContent);
    }
    GeoMap.showPosition({lon: 114.05, lat: 22.53, accuracy: 20});
    GeoMap.say(GeoMap.words.locate_failed);
    GeoMap.map.toggleFullscreen();
    return texts;
}"""


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
    assert frame.locator("path.track").count() == 0
    frame.locator(".leaflet-control-layers").hover(force=True)
    labels = [
        label.strip()
        for label in frame.locator(".leaflet-control-layers-overlays span span").all_text_contents()
    ]
    assert labels == ["网格", "不计入区域", "道路", "巡查轨迹", "盲点", "点位"]
    frame.get_by_label("巡查轨迹").check()
    frame.get_by_label("盲点").uncheck()
    assert frame.locator("path.track").count() == 1
    assert frame.locator("path.gap").count() == 0


def test_full_screen_and_back(page: Page, shown: Shown) -> None:
    frame = show(page, shown, drawn(leader_area()))
    frame.get_by_role("button", name="全屏").click()
    frame.get_by_role("button", name="退出全屏").wait_for()
    frame.get_by_role("button", name="退出全屏").click()
    frame.get_by_role("button", name="全屏", exact=True).wait_for()
    assert clean(shown)


@pytest.mark.parametrize("guarded", [True, False])
def test_no_script_in_any_name_runs_even_without_a_policy(page: Page, shown: Shown, guarded: bool) -> None:
    """The policy alone would stop most of these; the escaping must hold without it."""
    document = drawn(hostile_area())
    assert "7777" not in document.html
    document = document if guarded else MapDocument(document.html, "sandbox allow-scripts")
    frame = show(page, shown, document)
    texts = frame.evaluate(OPEN_EVERY_CARD)
    page.wait_for_timeout(300)
    assert [other.evaluate("window.ran") for other in page.frames] == [None, None]
    assert len(texts) == 6 * len(PAYLOADS)
    assert [words for words in PAYLOADS if not any(words in text for text in texts)] == []
    assert clean(shown)


@pytest.mark.parametrize("shift", range(0, len(PAYLOADS), 5))
def test_no_script_in_any_translated_label_runs(page: Page, shown: Shown, shift: int) -> None:
    tiles = BaseMap("/static/css/app.css?{z}{x}{y}", attribution=PAYLOADS[2] + PAYLOADS[10])
    document = drawn(leader_area(), hostile_words(shift), tiles)
    assert "7777" not in document.html
    frame = show(page, shown, MapDocument(document.html, "sandbox allow-scripts"))
    frame.evaluate(OPEN_EVERY_CARD)
    frame.locator(".leaflet-control-layers").hover(force=True)
    page.wait_for_timeout(200)
    assert [other.evaluate("window.ran") for other in page.frames] == [None, None]
    assert PAYLOADS[2] in (frame.locator(".leaflet-control-attribution").text_content() or "")


def test_a_map_of_nothing_opens_too(page: Page, shown: Shown) -> None:
    empty: LeaderArea = leader_area(zones=(), gaps=(), points=(), streets=(), exclusions=(), tracks=())
    frame = show(page, shown, drawn(replace(empty, totals=totals())))
    assert frame.locator("path.leaflet-interactive").count() == 0
    assert clean(shown)


def test_the_city_opens_in_one_bitmap_and_its_cells_can_be_tapped(page: Page, shown: Shown) -> None:
    city: CityArea = city_area(9005, 95, 300, points=2000)
    frame = show(page, shown, map_document(city_map(city, map_text())), [501])
    assert frame.locator("canvas.leaflet-zoom-animated").count() == 1
    assert frame.locator("path.zone").count() == 0
    assert len(frame.evaluate("[...GeoMap.byKey.keys()]")) == 9005 + 300 + 2000
    page.locator("[data-fly-to='gap:501']").click()
    frame.locator(".leaflet-popup-content h3", has_text="盲点 1").wait_for()
    frame.evaluate("GeoMap.flyTo('zone', '1000')")
    frame.locator(".leaflet-popup-content h3", has_text="福田网格0").wait_for()
    assert clean(shown)

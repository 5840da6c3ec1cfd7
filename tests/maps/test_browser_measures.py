"""Stretches, states of points, ages, responsibility and suggestions in Chromium."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geoservice.maps.assets import map_document
from geoservice.maps.dispatch import city_map
from geoservice.maps.leader import leader_map
from geoservice.maps.responsibility import responsibility_map
from tests.maps.conftest import Shown, show
from tests.maps.measure_samples import age_image, full_area, stated_point
from tests.maps.samples import CELL_LAT, CELL_LON, city_area, map_text, zone
from tests.maps.test_browser import clean

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

    from geoservice.maps.assets import MapDocument

GROUND = ".leaflet-overlay-pane"

PAINTED = """() => { const { width, height } = GeoMap.dots._container;
    const { data } = GeoMap.dots._pen.getImageData(0, 0, width, height);
    let seen = 0; for (let at = 3; at < data.length; at += 4) seen += data[at] > 0; return seen; }"""
"""How many pixels of the points' canvas are not transparent."""


def full_map(**changed: object) -> MapDocument:
    return map_document(leader_map(full_area(**changed), map_text()))


def legend_rows(frame: Frame) -> list[str]:
    return frame.locator("#map-legend li:visible").all_inner_texts()


@pytest.mark.parametrize("width", [360, 1440])
def test_every_layer_is_drawn_and_nobody_else_is_asked(page: Page, shown: Shown, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    frame = show(page, shown, full_map())
    assert frame.locator(f"{GROUND} path.stretch").count() == 24
    assert frame.locator(f"{GROUND} path.stretch-casing").count() == 24
    assert frame.locator(f"{GROUND} path.suggestion").count() == 2
    assert frame.locator(".suggestion-pin").count() == 4
    assert frame.locator(".point .badge").count() == 60
    assert frame.locator(".point .late").count() == 24
    assert frame.locator("img.ages").count() == 0
    frame.locator(".leaflet-control-layers").hover(force=True)
    labels = [
        text.strip() for text in frame.locator(".leaflet-control-layers-overlays label").all_inner_texts()
    ]
    assert labels == [
        "网格",
        "距上次巡查",
        "不计入区域",
        "道路",
        "巡查轨迹",
        "盲点",
        "未巡查路段",
        "点位",
        "建议",
    ]
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert clean(shown)


@pytest.mark.parametrize(
    ("key", "title", "said"),
    [
        ("stretch:703", "未巡查路段 3", "100 m"),
        ("point:9003", "公厕3号", "未到点位"),
        ("suggestion:41", "福田网格1东北角", "8 个"),
        ("suggestion:43", "福田网格3东北角", "建议绕行"),
    ],
)
def test_a_row_of_any_kind_flies_to_its_shape(
    page: Page, shown: Shown, key: str, title: str, said: str
) -> None:
    frame = show(page, shown, full_map(), [501])
    page.evaluate("key => { document.querySelector('[data-fly-to]').dataset.flyTo = key }", key)
    page.locator("[data-fly-to]").click()
    frame.locator(".leaflet-popup-content h3", has_text=title).first.wait_for()
    assert said in (frame.locator(".leaflet-popup-content").text_content() or "")
    page.wait_for_selector("[data-fly-to][aria-current=true]")
    assert clean(shown)


def test_a_tap_on_a_stretch_or_a_pin_marks_its_row(page: Page, shown: Shown) -> None:
    frame = show(page, shown, full_map(points=0), [501])
    page.evaluate("() => { document.querySelector('[data-fly-to]').dataset.flyTo = 'suggestion:42' }")
    pin = frame.locator(".suggestion-pin", has_text="2")
    pin.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-fly-to][aria-current=true]")
    frame.locator(f"{GROUND} path.stretch").last.dispatch_event("click", {"bubbles": True})
    frame.locator(".leaflet-popup-content h3", has_text="未巡查路段 1").wait_for()


def test_states_differ_in_form_and_not_in_colour_alone(page: Page, shown: Shown) -> None:
    frame = show(page, shown, full_map())
    forms = frame.evaluate(
        """() => ["visited_findings", "visited_clean", "probable", "not_visited", "late"].map((name) =>
            [...document.querySelectorAll(`#badge-${name} path`)].map((part) =>
                part.getAttribute("d") + (getComputedStyle(part).fill === "none")).join())"""
    )
    assert len(set(forms)) == 5
    grounds = frame.evaluate(
        """() => ["visited_findings", "visited_clean", "probable", "not_visited"].map((name) => {
            const style = getComputedStyle(document.querySelector(`#badge-${name} path`));
            return style.fill + style.stroke; })"""
    )
    assert len(set(grounds)) == 4


@pytest.mark.parametrize("many", [False, True])
def test_the_age_image_stands_in_for_the_colours_of_the_zones(page: Page, shown: Shown, many: bool) -> None:
    city = replace(city_area(700, 28, 20), ages=age_image())
    document = map_document(city_map(city, map_text())) if many else full_map()
    frame = show(page, shown, document)
    assert "今天" not in legend_rows(frame)
    assert "0% – 20%" in legend_rows(frame)
    frame.locator(".leaflet-control-layers").hover(force=True)
    frame.get_by_label("距上次巡查").check()
    image = frame.locator("img.ages")
    assert image.evaluate(
        "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
    ) == [120, 120]
    assert image.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
    opacity = """many => { const zone = GeoMap.layers.zones.getLayers()[0];
        return String(many ? zone.options.fillOpacity : getComputedStyle(zone.getElement()).fillOpacity); }"""
    assert frame.evaluate(opacity, many) == "0"
    assert "今天" in legend_rows(frame)
    assert "0% – 20%" not in legend_rows(frame)
    frame.get_by_label("距上次巡查").uncheck()
    frame.wait_for_function(f"many => ({opacity})(many) === '1'", arg=many)
    assert "0% – 20%" in legend_rows(frame)
    assert clean(shown)


def test_the_age_image_lies_on_its_ground(page: Page, shown: Shown) -> None:
    """One band a quarter, so that corners tell north from south and east from west."""
    quarters = age_image(2)
    bands = quarters.bands.copy()
    bands[:] = [[0, 2], [4, 6]]
    frame = show(page, shown, full_map(ages=replace(quarters, bands=bands)))
    inside = frame.evaluate(
        """() => { GeoMap.layers.ages.addTo(GeoMap.map);
            const image = document.querySelector("img.ages").getBoundingClientRect();
            const home = GeoMap.home.map((place) => GeoMap.map.latLngToContainerPoint(place));
            return [image.left - home[0].x, image.bottom - home[0].y, image.right - home[1].x, image.top - home[1].y]; }"""
    )
    assert all(abs(shift) <= 2 for shift in inside)
    colours = frame.locator("img.ages").evaluate(
        """async (image) => { await image.decode(); const pen = new OffscreenCanvas(2, 2).getContext("2d");
            pen.drawImage(image, 0, 0); return [...pen.getImageData(0, 0, 2, 2).data]; }"""
    )
    lightness = [sum(colours[at : at + 3]) for at in (0, 4, 8, 12)]
    assert lightness == sorted(lightness, reverse=True)
    assert len(set(lightness)) == 4


def test_the_legend_speaks_of_what_is_switched_on(page: Page, shown: Shown) -> None:
    frame = show(page, shown, full_map())
    assert {"盲点", "未巡查路段", "建议驻点", "建议绕行", "已巡查，有问题"} <= set(legend_rows(frame))
    assert "巡查轨迹" not in legend_rows(frame)
    frame.locator(".leaflet-control-layers").hover(force=True)
    for layer in ("未巡查路段", "建议", "点位"):
        frame.get_by_label(layer, exact=True).uncheck()
    frame.get_by_label("巡查轨迹").check()
    assert not {"未巡查路段", "建议驻点", "建议绕行", "已巡查，有问题", "公园"} & set(legend_rows(frame))
    assert "巡查轨迹" in legend_rows(frame)


def test_responsibility_shows_in_pattern_and_colour(page: Page, shown: Shown) -> None:
    holdings = ("one", "none", "two")
    zones = tuple(zone(n, holding=holdings[n % 3]) for n in range(24))
    city = replace(city_area(24, 8, 0), zones=zones)
    frame = show(page, shown, map_document(responsibility_map(city, map_text())))
    fills = {f"url(#fill-holding-{name})" for name in holdings}
    drawn = frame.locator("path.zone").evaluate_all("all => all.map(one => one.getAttribute('fill'))")
    swatches = frame.locator("#map-legend .swatch").evaluate_all(
        "all => all.map(one => one.getAttribute('fill'))"
    )
    assert set(drawn) == fills
    assert fills == set(swatches)
    lines = frame.evaluate(
        "names => names.map(name => document.querySelector(`#fill-holding-${name} path`).getAttribute('d'))",
        list(holdings),
    )
    assert len(set(lines)) == 3
    assert clean(shown)


def test_twenty_thousand_points_lie_on_one_canvas_and_answer_to_a_tap(page: Page, shown: Shown) -> None:
    spread = (28 * CELL_LON, 25 * CELL_LAT)
    points = tuple(stated_point(n, spread=spread) for n in range(20_000))
    city = replace(city_area(700, 28, 20), points=points)
    frame = show(page, shown, map_document(city_map(city, map_text())), [501])
    assert frame.locator(".leaflet-points-pane canvas").count() == 1
    assert frame.locator(".point").count() == 0
    painted = frame.evaluate(PAINTED)
    assert painted > 20_000
    page.evaluate("() => { document.querySelector('[data-fly-to]').dataset.flyTo = 'point:9003' }")
    page.locator("[data-fly-to]").click()
    frame.locator(".leaflet-popup-content h3", has_text="公厕3号").first.wait_for()
    frame.evaluate("() => { GeoMap.map.closePopup(); }")
    spot = frame.evaluate(
        "() => { const { x, y } = GeoMap.map.latLngToContainerPoint(GeoMap.byKey.get('point:9003').anchor); return { x, y }; }"
    )
    frame.locator(".folium-map").click(position=spot)
    frame.locator(".leaflet-popup-content h3", has_text="公厕3号").first.wait_for()
    assert clean(shown)


def test_a_change_of_theme_repaints_the_points(page: Page, shown: Shown) -> None:
    city = replace(city_area(700, 28, 5), points=tuple(stated_point(n) for n in range(900)))
    frame = show(page, shown, map_document(city_map(city, map_text())))
    frame.evaluate("() => { GeoMap.dots._container.width += 0; }")  # wipes it
    page.evaluate("() => { document.documentElement.dataset.bsTheme = 'dark'; }")
    frame.wait_for_selector("html[data-bs-theme=dark]")
    assert frame.evaluate(PAINTED) > 900
    assert clean(shown)

"""Base maps in Chromium: tiles that are drawn, shapes that lie right on GCJ-02, and nobody asked who is not configured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import geocoordinates_ffi as oracle
import numpy as np
import pytest
from pmtiles.tile import TileType

from geoservice.domain import shifts
from tests.browser import until
from tests.maps.base_map_kit import make_deployment, png, served, tile_server, water_tile, write_archive
from tests.maps.samples import leader_area

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Frame, Page

    from tests.maps.base_map_kit import Deployment, TileServer

METRES_PER_DEGREE = 111_320.0
CLOSE_M = 0.05
LATTICE = np.stack(np.meshgrid(np.arange(73.6, 135, 2.3), np.arange(4, 53.5, 1.9)), axis=-1).reshape(-1, 2)
AREA = leader_area()
DRAWN = "() => document.querySelectorAll('img.leaflet-tile-loaded').length > 3"


@pytest.fixture(scope="module")
def site(redis_url: str) -> Iterator[Deployment]:
    with served(make_deployment(AREA, redis_url)) as made:
        yield made


@pytest.fixture(scope="module")
def the_tiles() -> Iterator[TileServer]:
    with tile_server() as server:
        yield server


@pytest.fixture
def tiles(the_tiles: TileServer) -> TileServer:
    the_tiles.asked.clear()
    the_tiles.status = 200
    return the_tiles


@pytest.fixture
def seen(browser: Browser) -> Iterator[Any]:
    """A page, and what it asked and said."""
    page: Any = browser.new_page(viewport={"width": 1000, "height": 700}, reduced_motion="reduce")
    page.asked, page.complaints = [], []
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda fault: page.complaints.append(str(fault)))
    yield page
    page.close()


def open_map(page: Page, url: str) -> Frame:
    page.goto(f"{url}/around")
    frame = page.frame(url=f"{url}/around/map")
    assert frame is not None
    frame.wait_for_selector("html[data-map-ready=yes]")
    return frame


def choose(frame: Frame, number: int) -> None:
    frame.locator(".leaflet-control-layers").hover()
    frame.locator(".leaflet-control-layers-base input").nth(number).check()


def strangers(page: Any, *known: str) -> list[str]:
    return [url for url in page.asked if not url.startswith((*known, "data:"))]


def test_without_a_base_map_nobody_else_is_asked_and_nothing_is_offered(seen: Any, site: Deployment) -> None:
    frame = open_map(seen, site.offer())
    assert frame.locator("path.zone").count() == len(AREA.zones)
    assert frame.locator(".leaflet-control-layers-base label").count() == 0
    assert strangers(seen, site.url) == []
    assert not any("base-map" in asked for asked in seen.asked)
    assert seen.complaints == []


def test_the_citys_tiles_are_drawn_and_a_browser_remembers_that_it_wants_none(
    seen: Any, site: Deployment, tiles: TileServer
) -> None:
    address = f"{tiles.url}/{{z}}/{{x}}/{{y}}.png"
    url = site.offer(base_map_url=address, base_map_attribution="© 市规划局 <b>", base_map_max_zoom=14)
    frame = open_map(seen, url)
    until(frame, DRAWN)
    assert frame.locator(".leaflet-control-attribution").text_content() == "© 市规划局 <b>"
    assert frame.evaluate("GeoMap.bare") is False
    assert {int(path.split("/")[0]) for path in tiles.asked} == {14}, "the closest that there is"
    assert strangers(seen, url, tiles.url) == []
    choose(frame, 0)
    until(frame, "() => GeoMap.bare && !document.querySelector('img.leaflet-tile')")
    tiles.asked.clear()
    frame = open_map(seen, url)
    until(frame, "() => GeoMap.map.getContainer().classList.contains('bare')")
    assert tiles.asked == [], "a browser that wants no base map asks for none"
    assert seen.complaints == []


def test_tiles_that_do_not_come_are_told_once_and_the_outlines_stay(
    seen: Any, site: Deployment, tiles: TileServer
) -> None:
    tiles.status = 503
    frame = open_map(seen, site.offer(base_map_url=f"{tiles.url}/{{z}}/{{x}}/{{y}}"))
    frame.wait_for_selector(".base-map-note")
    assert frame.evaluate("GeoMap.bare") is True
    before = len(tiles.asked)
    frame.evaluate("GeoMap.map.zoomIn(1, {animate: false})")
    until(frame, "() => ![...document.querySelectorAll('img.leaflet-tile')].some((tile) => !tile.complete)")
    assert len(tiles.asked) > before
    assert frame.locator(".base-map-note").count() <= 1, "it goes after a while, and does not come again"
    assert frame.locator("path.zone").count() == len(AREA.zones)
    tiles.status = 200
    frame.evaluate("GeoMap.map.zoomOut(2, {animate: false})")
    until(frame, "() => !GeoMap.bare")


PLACES = """() => {
    const box = (element) => element.getBoundingClientRect();
    const tiles = [...document.querySelectorAll('img.leaflet-tile-loaded')].map((tile) => {
        const [z, x, y] = new URL(tile.src).pathname.slice(1).split('/').map(Number);
        const { left, top, width } = box(tile);
        return { z, x, y, left, top, width };
    });
    const points = [...document.querySelectorAll('.point')].slice(0, 20).map((sign) => {
        const { left, top, width, height } = box(sign);
        return [left + width / 2, top + height / 2];
    });
    return { tiles, points };
}"""

TAP_AND_LOCATE = """([x, y, lon, lat]) => {
    const tapped = GeoMap.map.containerPointToLatLng([x, y]);
    const sign = GeoMap.map.latLngToContainerPoint([lat, lon]);
    GeoMap.showPosition({ lon, lat, accuracy: 5 });
    const stored = GeoMap.layers.zones.getLayers().find((shape) => shape.getLatLngs).getLatLngs().flat(3)[0];
    return { tapped: [tapped.lng, tapped.lat], sign: [sign.x, sign.y], stored: [stored.lng, stored.lat] };
}"""

ME_THERE = """([lon, lat]) => {
    const { left, top, width, height } = document.querySelector('path.my-position').getBoundingClientRect();
    const { x, y } = GeoMap.map.latLngToContainerPoint([lat, lon]);
    return Math.hypot(left + width / 2 - x, top + height / 2 - y) < 1.2;
}"""


def pixel_on(tile: dict[str, float], lon: float, lat: float) -> tuple[float, float]:
    """Where a place lies on the screen, from one tile of a Web-Mercator pyramid that lies there."""
    n = 2 ** tile["z"]
    x = (lon + 180) / 360 * n
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return tile["left"] + (x - tile["x"]) * tile["width"], tile["top"] + (y - tile["y"]) * tile["width"]


@pytest.mark.parametrize("gcj02", [False, True])
def test_shapes_lie_where_the_tiles_have_them_and_places_come_back_as_wgs84(
    seen: Any, site: Deployment, tiles: TileServer, gcj02: bool
) -> None:
    frame = open_map(seen, site.offer(base_map_url=f"{tiles.url}/{{z}}/{{x}}/{{y}}", base_map_gcj02=gcj02))
    until(frame, DRAWN)
    shown = frame.evaluate(PLACES)
    tile = shown["tiles"][0]
    for point, pixel in zip(AREA.points[:20], shown["points"], strict=True):
        moved = oracle.wgs84_to_gcj02(oracle.Wgs84(lon=point.lon, lat=point.lat))
        place = (moved.lon, moved.lat) if gcj02 else (point.lon, point.lat)
        assert math.dist(pixel_on(tile, *place), pixel) < 1.2
    point, pixel = AREA.points[3], shown["points"][3]
    told = frame.evaluate(TAP_AND_LOCATE, [*pixel, point.lon, point.lat])
    degrees_a_pixel = 360 / 256 / 2 ** tile["z"]
    assert math.dist(told["tapped"], (point.lon, point.lat)) < 1.5 * degrees_a_pixel
    assert math.dist(told["sign"], pixel) < 1.2
    until(frame, ME_THERE, [point.lon, point.lat])
    corners = np.array(AREA.zones[0].geometry.exterior.coords)
    assert np.abs(corners - told["stored"]).max(axis=1).min() < 2e-6, "shapes stay in WGS 84"


def test_gcj02_in_the_browser_is_that_of_an_independent_converter_and_a_switch_moves_shapes_only_on_the_screen(
    seen: Any, site: Deployment
) -> None:
    url = site.offer(amap=True, base_map_first="none")
    seen.route("**/appmaptile**", lambda asked: asked.fulfill(body=png("#8ad"), content_type="image/png"))
    frame = open_map(seen, url)
    convert = "([name, places]) => places.map(([lon, lat]) => BaseMaps[name](lon, lat))"
    there = np.array(frame.evaluate(convert, ["toGcj02", LATTICE.tolist()]))
    told = [oracle.wgs84_to_gcj02(oracle.Wgs84(lon=lon, lat=lat)) for lon, lat in LATTICE.tolist()]
    truth = np.array([[place.lon, place.lat] for place in told])
    back = np.array(frame.evaluate(convert, ["fromGcj02", truth.tolist()]))
    assert np.abs(there - truth).max() * METRES_PER_DEGREE < CLOSE_M
    assert np.abs(there - shifts.wgs84_to_gcj02(LATTICE)).max() * METRES_PER_DEGREE < 0.001
    assert np.abs(back - LATTICE).max() * METRES_PER_DEGREE < CLOSE_M
    assert np.abs(there - LATTICE).max() * METRES_PER_DEGREE > 300
    assert strangers(seen, url) == [], "with none chosen nobody is asked"

    frame.evaluate(
        "GeoMap.touched = true; GeoMap.map.setZoom(Math.floor(GeoMap.map.getZoom()), {animate: false})"
    )
    before = frame.evaluate(PLACES)["points"]
    choose(frame, 1)
    until(frame, DRAWN)
    hosts = {asked.split("/")[2] for asked in strangers(seen, url)}
    assert hosts <= {f"webrd0{number}.is.autonavi.com" for number in "1234"}
    # The middle of the view stays where it is; around it places move by no more than the shift differs there.
    after = frame.evaluate(PLACES)["points"]
    assert max(math.dist(*pair) for pair in zip(before, after, strict=True)) < 3
    assert frame.evaluate("GeoMap.map.options.crs === BaseMaps.SHIFTED")
    assert seen.complaints == []


PAINTED = """() => [...document.querySelectorAll('canvas.leaflet-tile-loaded')].map((tile) =>
    [...tile.getContext('2d').getImageData(128, 128, 1, 1).data].join()).filter((ink) => ink !== '0,0,0,0')"""


@pytest.mark.parametrize("layer", ["water", "earth"])
def test_a_vector_file_on_our_disk_is_painted_without_a_network(
    seen: Any, site: Deployment, tmp_path: Path, layer: str
) -> None:
    around = [(zoom, *tile_of(zoom, 114.06, 22.56)) for zoom in range(10, 15)]
    near = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    places = [(z, x + dx, y + dy) for z, x, y in around for dx, dy in near]
    told = {"name": "市区 <i>", "attribution": "<a href='x'>© OSM</a>", "vector_layers": [{"id": layer}]}
    write_archive(tmp_path / "city.pmtiles", dict.fromkeys(places, water_tile(layer)), TileType.MVT, told)
    frame = open_map(seen, site.offer(base_map_folder=str(tmp_path)))
    until(frame, f"() => ({PAINTED})().length > 2")
    inks = set(frame.evaluate(PAINTED))
    # Ours is the water of base-map-painter.js; one after Protomaps has that library's own colours.
    assert ("188,212,220,255" in inks) == (layer == "water")
    assert frame.locator(".leaflet-control-attribution").text_content() == "© OSM"
    assert "市区 <i>" in (frame.locator(".leaflet-control-layers-base").text_content() or "")
    assert strangers(seen, site.url) == []
    assert seen.complaints == []


def tile_of(zoom: int, lon: float, lat: float) -> tuple[int, int]:
    n = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return int((lon + 180) / 360 * n), int(y)

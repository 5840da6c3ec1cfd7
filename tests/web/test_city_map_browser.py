"""The city's map in Chromium: what it draws, an address that shows the same again, and a kiosk that refreshes without losing the view."""

from __future__ import annotations

import pytest

from tests.browser import until
from tests.factories import CELL_LAT, CELL_LON, OTHERS, SOUTH, WEST
from tests.web.test_browser import DESK, PHONE, Visit

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

DRAWN = """() => document.documentElement.dataset.zones
    && Object.values(GeoMap.layers.zones.getLayers()[0]._tiles).every(({ el }) => el.shown)"""
SHOWN = "() => [GeoMap.map.getZoom(), Object.keys(GeoMap.layers).filter((kind) => GeoMap.map.hasLayer(GeoMap.layers[kind])).join()]"
PLACE = """() => {
    const { lng, lat } = GeoMap.map.getCenter();
    return `at=${lng.toFixed(5)},${lat.toFixed(5)},${GeoMap.map.getZoom()}`;
}"""

# A shift as that of GCJ-02: hundreds of metres, with waves of some kilometres; where each place of a canvas is to lie, and where its
# tiles put it.
SHIFTED = """([lon, lat]) => {
    const tiles = GeoMap.layers.zones.getLayers()[0];
    const plain = L.CRS.EPSG3857;
    const there = ({ lng, lat }) => L.latLng(lat + 0.003 + 1e-4 * Math.sin(19 * lng), lng + 0.005 + 1e-4 * Math.sin(19 * lat));
    const back = (goal) => {
        let found = goal;
        for (let round = 0; round < 9; round += 1) {
            const now = there(found);
            found = L.latLng(found.lat + goal.lat - now.lat, found.lng + goal.lng - now.lng);
        }
        return found;
    };
    const project = (place) => plain.projection.project(there(place));
    const unproject = (point) => back(plain.projection.unproject(point));
    const crs = L.extend({}, plain, { projection: L.extend({}, plain.projection, { project, unproject }) });
    const usual = GeoMap.map.options.crs;
    GeoMap.map.options.crs = crs;
    let worst = 0;
    let found = 0;
    for (let z = 10; z <= 19; z += 1) {
        const { x, y } = crs.latLngToPoint(L.latLng(lat, lon), z).divideBy(512).floor();
        tiles.places({ x, y, z }).forEach(({ x: column, y: row, z: zoom, lay: [a, b, c, d, e, f] }) => {
            for (let u = 0; u <= 512; u += 64) {
                for (let v = 0; v <= 512; v += 64) {
                    const put = L.point(a * u + c * v + e, b * u + d * v + f);
                    if (put.x < 0 || put.y < 0 || put.x > 512 || put.y > 512) continue;
                    const place = plain.pointToLatLng(L.point(column * 512 + u, row * 512 + v), zoom + 1);
                    const wanted = crs.latLngToPoint(place, z).subtract(L.point(x * 512, y * 512));
                    worst = Math.max(worst, put.distanceTo(wanted));
                    found += 1;
                }
            }
        });
    }
    GeoMap.map.options.crs = usual;
    return [worst, found];
}"""

DRAWN_ZONES = """(wanted) => [...new Set(Object.values(GeoMap.layers.zones.getLayers()[0]._tiles).flatMap(
    ({ el }) => (el.shown ?? []).flatMap(({ features }) => features.map(({ id }) => id))))].sort((a, b) => a - b).join() === wanted.join()"""


@pytest.fixture
def window(browser, live_url):
    opened: list[Visit] = []

    def open_at(viewport: dict) -> Visit:
        opened.append(Visit(browser, live_url, viewport))
        return opened[-1]

    yield open_at
    for one in opened:
        assert one.faults == []
        one.context.close()


def opened(one: Visit):
    frame = one.map_frame("/dispatch/map/frame")
    until(frame, DRAWN)
    return frame


def test_an_address_shows_what_was_shown_and_a_kiosk_keeps_it(window, city):
    one = window(DESK)
    page = one.log_in("dispatcher", "en")
    page.goto(f"{one.url}/dispatch/map?show=gaps&days=30&level=grid")
    frame = opened(one)
    until(frame, DRAWN_ZONES, sorted(city.grid_ids[0] + city.grid_ids[1]))
    worst, found = frame.evaluate(SHIFTED, [WEST, SOUTH])
    assert found > 100
    assert worst < 1

    page.locator("[data-fly-to='gap:1']").click()
    frame.wait_for_selector(".leaflet-popup")
    frame.evaluate(
        "void (GeoMap.map.closePopup(), GeoMap.layers.gaps.remove(), GeoMap.layers.points.addTo(GeoMap.map))"
    )
    until(page, "() => /on=[^&]*points/.test(location.search) && !/on=[^&]*gaps/.test(location.search)")
    until(page, "(place) => location.search.includes(place)", frame.evaluate(PLACE))
    shown, address = frame.evaluate(SHOWN), page.url
    page.goto(address)
    frame = opened(one)
    assert frame.evaluate(SHOWN) == shown
    until(frame, "() => Number(document.documentElement.dataset.points) > 0")

    page.locator("a", has_text="Kiosk").click()
    page.wait_for_url("**kiosk=1**")
    frame = opened(one)
    assert frame.evaluate(SHOWN) == shown
    assert page.locator("header.bar").count() == 0
    page.locator("[data-pause]").click()
    page.locator("[data-pause][aria-pressed=true]").click()
    until(frame, "() => document.documentElement.dataset.refreshed === '1'")
    assert frame.evaluate(SHOWN) == shown
    assert page.locator(".figures dd").first.inner_text()


def test_a_tap_on_a_phone_says_whose_ground_it_is(window):
    one = window(PHONE)
    page = one.log_in("part", "en")
    place = f"{WEST + 5.5 * CELL_LON:.5f},{SOUTH + 1.5 * CELL_LAT:.5f},17"
    page.goto(f"{one.url}/dispatch/map?days=30&level=grid&at={place}&on=zones")
    frame = opened(one)
    page.frame_locator("#city-map").locator(".folium-map").click(position={"x": 195, "y": 200})
    card = frame.wait_for_selector(".leaflet-popup-content")
    assert OTHERS in card.inner_text()
    frame.evaluate("void GeoMap.layers.ages.addTo(GeoMap.map)")
    frame.wait_for_selector(".leaflet-ages-pane img", state="attached")
    until(frame, "() => document.querySelectorAll('#map-legend [data-layer=ages] li').length > 0")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

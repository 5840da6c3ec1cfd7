"""The leader's map in Chromium: found with a key, asked for with a note, grown by a slider, and two maps that follow each other."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from geoservice.store.base import make_engine, transaction
from tests.browser import until
from tests.factories import MINE
from tests.web.test_browser import DESK, NARROW, _overflow, visit

__all__ = ["visit"]

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _no_requests(web_settings, city):
    yield
    with transaction(make_engine(web_settings.database_url)) as session:
        session.execute(text("DELETE FROM patrol_request"))


def test_a_leader_finds_a_point_asks_for_a_gap_and_watches_coverage_grow(visit):
    window = visit(NARROW)
    page = window.log_in("leader", "en")
    page.wait_for_url("**/leader/")
    frame = window.map_frame("/leader/map")
    assert not frame.query_selector("script[src]"), "the page handed the map its code"
    page.fill("#find-on-map", "gysc")
    page.keyboard.press("Enter")
    frame.wait_for_selector(".card-of-point")
    assert frame.locator(".leaflet-popup h3").inner_text() == f"{MINE}市场"
    assert page.locator("#found-on-map").is_hidden()

    page.locator("[data-fly-to^='gap:']").first.click()
    offer = frame.locator(".card-of-gap .card-offer")
    offer.click()
    page.locator("#ask-box [data-close]").click()
    until(frame, "() => !document.querySelector('.card-of-gap .card-offer').disabled")
    page.locator(".ask-button").click()
    page.fill("#ask-note", "early, please")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#asked", has_text="early, please").wait_for()
    assert page.locator("#asked li").count() == 1

    page.locator("#growth > summary").click()
    until(frame, "() => document.documentElement.dataset.growthStep === '6'")
    page.locator("#growth input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    until(frame, "() => document.documentElement.dataset.growthStep === '4'")
    assert page.locator(".growth-now").inner_text() == "2026-03-16 · No data"
    seen = frame.evaluate("""() => {
        const { canvas, pen, numbers } = GeoMap.growth;
        const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
        const colours = new Map();
        numbers.forEach((number, at) => colours.set(number, [...pixels.slice(4 * at, 4 * at + 3)].join()));
        return Object.fromEntries(colours);
    }""")
    assert seen["5"] == seen["7"], "what was seen later is not seen yet"
    page.keyboard.press("ArrowRight")
    until(frame, "() => document.documentElement.dataset.growthStep === '5'")
    assert "%" in page.locator(".growth-now").inner_text()
    page.locator("#growth > summary").click()
    until(frame, "() => !GeoMap.growth && !document.querySelector('.ages-shown')")
    assert _overflow(page) == 0


def test_two_maps_show_the_same_place(visit):
    window = visit(DESK)
    page = window.log_in("leader", "en")
    page.goto(f"{window.url}/compare/?days=7")
    window.map_frame("from=2026-03-05")
    before, after = (window.map_frame(f"from=2026-03-{day}") for day in ("05", "12"))
    where = "() => [GeoMap.map.getZoom(), GeoMap.map.getCenter().lng.toFixed(5)].join()"
    start = after.evaluate(where)
    until(after, "() => GeoMap.follows && true")
    until(before, "() => GeoMap.follows && true")
    before.locator(".leaflet-control-zoom-in").click()
    until(after, f"(start) => ({where})() !== start", start)
    assert after.evaluate(where) == before.evaluate(where)
    page.locator("[data-fly-to^='zone:']").first.click()
    after.wait_for_selector(".card-of-zone")
    until(before, f"(there) => ({where})() === there", after.evaluate(where))

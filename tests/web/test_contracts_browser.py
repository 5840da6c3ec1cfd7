"""In a browser: a tap on the map tells who answers there, and narrow screens hold the pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.factories import CELL_LAT, CELL_LON, SOUTH, WEST
from tests.web.test_browser import Visit

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
HOME = "/dispatch/contracts"


@pytest.fixture
def visit(browser, live_url):
    window = Visit(browser, live_url, {"width": 360, "height": 740})
    window.log_in("dispatcher", "en")
    yield window
    window.context.close()
    assert not window.faults


def test_a_tap_on_the_map_tells_who_answers_there(visit):
    page = visit.page
    page.goto(f"{visit.url}{HOME}/who?place={WEST + 1.5 * CELL_LON},{SOUTH + 1.5 * CELL_LAT}")
    expect(page.locator(".people")).to_contain_text("王建国")
    frame = page.frame_locator("#place-map")
    expect(frame.locator("path.depot-start")).to_be_attached(timeout=20_000)
    before = page.input_value("#place")
    with page.expect_navigation():
        frame.locator(".leaflet-container").click(position={"x": 120, "y": 200})
    assert page.input_value("#place") != before
    expect(page.locator("h2#people, [role=alert]").first).to_be_visible()
    for path in (
        "/",
        "/holes",
        "/hand-over?from=L1&to=L3&on=2026-04-01",
        "/deputies",
        "/departments",
        "/roles",
    ):
        page.goto(f"{visit.url}{HOME}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path

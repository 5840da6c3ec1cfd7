"""The replay of a patrol in Chromium: the slider by keys, play and pause, the marker on the map."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

import pytest
from werkzeug.serving import make_server

from geoservice.app import create_app
from tests.browser import until
from tests.web.test_browser import DESK, PHONE, Visit
from tests.web.test_patrols import walked  # noqa: F401 - the fixture

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
HALF_PAST_NINE = 30 * 60
MARKER = """
() => {
  let at = null;
  GeoMap.map.eachLayer((one) => { if (one.options.className === "now") at = one.getLatLng(); });
  return at && [at.lng, at.lat];
}
"""


@pytest.fixture
def served(walked):  # noqa: F811
    app = create_app(walked.settings, clock=lambda: datetime(2026, 6, 3, 4, tzinfo=UTC))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", walked.patrol_id
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opened(browser, served):
    url, patrol_id = served
    visits = []

    def open_at(viewport):
        visit = Visit(browser, url, viewport)
        visits.append(visit)
        visit.log_in("dispatcher", "en")
        visit.page.goto(f"{url}/dispatch/patrols/{patrol_id}")
        visit.page.wait_for_selector("[data-replay][data-ready=yes]")
        return visit

    yield open_at
    for visit in visits:
        assert visit.faults == []
        visit.context.close()


def marker_place(frame):
    """Where the marker is, in the map's own degrees."""
    return frame.evaluate(MARKER)


def test_keys_move_the_moment_and_the_marker_follows(opened):
    visit = opened(DESK)
    page, frame = visit.page, visit.map_frame("/map")
    slider = page.get_by_role("slider", name="Time of the patrol")
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator("[data-replay-now]").text_content() == "09:00:00"
    until(frame, f"() => ({MARKER})() !== null")
    start = marker_place(frame)
    page.keyboard.press("ArrowRight")
    assert page.locator("[data-replay-now]").text_content() == "09:00:05"
    page.keyboard.press("End")
    assert page.locator("[data-replay-now]").text_content() == "10:10:00"
    assert slider.get_attribute("aria-valuetext").startswith("10:10:00")
    # At half past nine the team is at the third point, 1.2 km east of where it began.
    slider.fill(str(HALF_PAST_NINE))
    until(frame, f"lon => ({MARKER})()[0] > lon + 0.008", start[0])
    lon, lat = marker_place(frame)
    assert (lon - start[0]) * 111_320 * 0.92 == pytest.approx(1200, abs=30)
    assert lat == pytest.approx(start[1], abs=1e-4)


def test_play_moves_on_and_pause_stands_still(opened):
    page = opened(PHONE).page
    play = page.get_by_role("button", name="Play")
    page.select_option("[data-replay-rate]", "600")
    play.focus()
    page.keyboard.press("Space")
    until(page, "() => Number(document.querySelector('[data-replay-slider]').value) > 300")
    pause = page.get_by_role("button", name="Pause")
    assert pause.get_attribute("aria-pressed") == "true"
    pause.click()
    stood = page.locator("[data-replay-slider]").input_value()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.locator("[data-replay-slider]").input_value() == stood
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_stop_of_the_table_is_shown_on_the_map_and_the_chart_seeks(opened):
    visit = opened(DESK)
    page, frame = visit.page, visit.map_frame("/map")
    page.locator('[data-fly-to="stop:4"]').click()
    frame.wait_for_selector(".card-of-stop")
    assert "There is no way in" in frame.locator(".card-of-stop").text_content()
    chart = page.locator("[data-replay-chart]")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    assert float(page.locator("[data-replay-slider]").input_value()) == pytest.approx(35 * 60, abs=60)

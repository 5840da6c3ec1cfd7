"""The page of live positions in Chromium: it follows what phones report, can be paused, and its map follows it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from geoservice.domain.positions import Position
from geoservice.services import devices
from geoservice.services.devices import Owner
from geoservice.services.positions import receive_positions
from geoservice.store.base import make_engine, transaction
from tests.web.conftest import NOON
from tests.web.test_browser import DESK, NARROW, Visit

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def report(web_settings, city):
    """Let a phone report; it is forgotten at the end."""
    engine = make_engine(web_settings.database_url)
    with transaction(engine) as session:
        row = devices.add_device(session, "live phone", Owner(), by=None)
        token = devices.make_token(session, row.id, now=NOON, by=None)

    def send(ago: timedelta, lon: float) -> None:
        at = Position(int((NOON - ago).timestamp() * 1e6), lon, 22.5321)
        with transaction(engine) as session:
            receive_positions(session, web_settings, token, [at], source="osmand", now=NOON)

    yield send
    with transaction(engine) as session:
        for table in ("fix", "arrival", "track"):
            session.execute(
                text(
                    f"DELETE FROM {table} WHERE device_id = (SELECT id FROM device WHERE code = 'live phone')"
                )
            )
        session.execute(text("DELETE FROM device WHERE code = 'live phone'"))


def test_the_page_follows_what_is_reported_unless_paused(browser, live_url, report):
    report(timedelta(hours=3), 114.0521)
    visit = Visit(browser, live_url, DESK)
    page = visit.log_in("dispatcher", "en")
    page.goto(f"{live_url}/dispatch/live/")
    frame = page.frame_locator("#live-map")
    frame.locator("html[data-map-ready=yes]").wait_for(state="attached")
    row = page.locator("tr", has_text="live phone")
    assert "3 hours ago" in row.inner_text()
    page.locator("#live-pause").click()
    report(timedelta(minutes=2), 114.0561)
    page.locator("#live-pause").click()
    page.locator("tr", has_text="2 minutes ago").wait_for()
    frame.locator("html[data-drawn='2']").wait_for(state="attached")
    assert page.locator("#live-trouble").is_hidden()
    row.get_by_role("button").click()
    frame.locator(".leaflet-popup-content", has_text="2 minutes ago").wait_for()
    assert visit.faults == []
    visit.context.close()


def test_the_page_fits_a_narrow_phone(browser, live_url, report):
    visit = Visit(browser, live_url, NARROW)
    page = visit.log_in("dispatcher", "zh_Hans_CN")
    for address in ("/dispatch/live/", "/dispatch/live/devices"):
        page.goto(live_url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], address
    visit.context.close()

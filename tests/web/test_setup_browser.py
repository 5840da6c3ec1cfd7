"""In a browser: a tap on the map sets where a team starts, and narrow screens hold the pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from geoservice.services import teams
from geoservice.store.base import make_engine, transaction
from tests.web.test_browser import Visit

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def team_id(web_settings, city):
    with transaction(make_engine(web_settings.database_url)) as session:
        made = teams.add_team(session, "B1", "地图队", by=None).id
    yield made
    with transaction(make_engine(web_settings.database_url)) as session:
        session.execute(text("DELETE FROM team WHERE id = :id"), {"id": made})


@pytest.fixture
def visit(browser, live_url):
    """A phone on which a dispatcher is logged in; the page must neither complain nor ask anybody else."""
    window = Visit(browser, live_url, {"width": 360, "height": 740})
    window.log_in("dispatcher", "en")
    yield window
    window.context.close()
    assert not window.faults


def test_a_tap_on_the_map_sets_the_start_and_the_end(visit, team_id, web_settings):
    page = visit.page
    page.goto(f"{visit.url}/dispatch/setup/teams/{team_id}")
    frame = page.frame_locator("#depot-map")
    expect(frame.locator("html[data-map-ready=yes]")).to_be_attached()
    box = page.locator("#depot-map").bounding_box()
    page.locator("#depot-map").scroll_into_view_if_needed()
    frame.locator(".leaflet-container").click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(page.locator("#f-depot")).not_to_have_value("")
    expect(frame.locator("path.depot-start")).to_be_attached()
    page.check("[name=picking][value=end]")
    frame.locator(".leaflet-container").click(
        position={"x": box["width"] / 2 + 60, "y": box["height"] / 2 + 30}
    )
    expect(frame.locator("path.depot-end")).to_be_attached()
    start, end = (page.input_value(f"#f-{name}") for name in ("depot", "end_depot"))
    page.locator(".setup-save button").click()
    expect(page.locator(".note-good")).to_be_visible()
    expect(frame.locator("path.depot-end")).to_be_attached()  # the page drawn anew knows what was saved
    with transaction(make_engine(web_settings.database_url)) as session:
        setup = teams.read_team(session, team_id).setup
    assert [f"{lon:.6f},{lat:.6f}" for lon, lat in (setup.depot, setup.end_depot)] == [start, end]
    assert setup.end_depot[0] > setup.depot[0] and setup.end_depot[1] < setup.depot[1]


@pytest.mark.parametrize("path", ["teams", "recurring", "calendar?year=2026", "points"])
def test_no_page_is_wider_than_a_phone(visit, path):
    page = visit.page
    page.goto(f"{visit.url}/dispatch/setup/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

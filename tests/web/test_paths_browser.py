"""The main path of each audience in Chromium: on a phone and a desk, in both languages, each way in one window.

Whatever is met on it: no page is wider than the screen, asks outside, fails or complains to the console (`Visit`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geoservice.services.inspections import drawing
from geoservice.services.inspections.wishes import Wish
from geoservice.store.base import make_engine, transaction
from tests.browser import until
from tests.way_kit import kept_round
from tests.web.case_kit import Desk, picture
from tests.web.conftest import NOON
from tests.web.desk_kit import draft_of, run_job_of
from tests.web.test_browser import DESK, PHONE, _overflow, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.web.test_browser import Visit

__all__ = ["visit"]

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ZH, EN = "zh_Hans_CN", "en"
SPOKEN = {ZH: "zh-CN", EN: "en"}
# The language is chosen where its button is seen without opening a menu.
EVERY_WAY = ((PHONE, ZH), (DESK, ZH), (DESK, EN), (PHONE, EN))
# The other two are those of the import desk's own tests, with a file and with the keyboard alone.
WAYS_OF_GIS = ((DESK, ZH), (PHONE, EN))
ANSWER = """() => document.querySelectorAll("fieldset.item").forEach((item) => {
    item.querySelector(`input[value=${item.dataset.evidence === "always" ? "not_applicable" : "pass"}]`).click();
})"""
PLACE = {"longitude": 114.0536, "latitude": 22.5325, "accuracy": 12}


class Path:
    """Somebody's window, in which a path is walked once in each way."""

    def __init__(self, window: Visit, login: str, ways=EVERY_WAY) -> None:
        self.window, self.ways = window, ways
        self.page: Page = window.log_in(login, ways[0][1])

    def each_way(self) -> Iterator[tuple[int, Page]]:
        """The number of the way, and the page at the start of it."""
        for number, (size, language) in enumerate(self.ways):
            if number:
                self.page.set_viewport_size(DESK)
                self.follow(".navbar-brand")
                self.window.choose(language)
            self.page.set_viewport_size(size)
            self.look(language)
            yield number, self.page
            self.look(language)

    def follow(self, selector: str) -> None:
        """Click on something that leads to another page, which fits."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        assert _overflow(self.page) == 0, self.page.url

    def look(self, language: str) -> None:
        assert _overflow(self.page) == 0, self.page.url
        assert self.page.get_attribute("html", "lang") == SPOKEN[language]


@pytest.fixture
def round_(web_settings, city):
    yield from kept_round(web_settings, NOON)


@pytest.fixture
def tasks(web_settings, round_):
    """An inspection of four markets for today; it is gone afterwards."""
    engine = make_engine(web_settings.database_url)
    points = tuple(f"{crew}-P{number}" for crew in ("WA", "WB") for number in (1, 2))
    with transaction(engine) as session:
        wish = Wish("抽查", "random", NOON.date(), NOON.date(), 4, points=points, inspectors=("inspector",))
        drawing.make(session, web_settings, wish, by=None, now=NOON)
    yield points
    with transaction(engine) as session:
        session.execute(
            text("TRUNCATE inspection_result, inspection_task, inspection, evidence, patrol_case CASCADE")
        )


def test_a_leader_sees_his_map_and_flies_to_a_gap(visit):
    path = Path(visit(PHONE), "leader")
    for _, page in path.each_way():
        frame = path.window.map_frame("/leader/map")
        place = page.locator("iframe[data-map-frame]").bounding_box()
        assert place["y"] < page.viewport_size["height"] / 2, "the map comes first"
        before = frame.evaluate("GeoMap.map.getCenter().lng")
        page.locator("[data-fly-to='gap:2']").click()
        page.wait_for_selector("[data-fly-to='gap:2'][aria-current=true]")
        assert frame.evaluate("GeoMap.map.getCenter().lng") != before
        assert frame.evaluate("window.hacked") is None
        assert page.locator("text=window.hacked=1").count(), "the name is shown as it is"
        if page.locator(".days-button").is_visible():
            page.click(".days-button")
        path.follow(".pills a >> nth=2")
        assert "days=30" in page.url
        assert "2026-02-17" in page.locator(".as-of").inner_text()
        path.window.map_frame("/leader/map?days=30")


def test_a_dispatcher_goes_from_the_day_to_the_worst_zone_and_its_gap(visit):
    path = Path(visit(PHONE), "dispatcher")
    for _, page in path.each_way():
        path.follow("#all-worst")
        rates = [float(rate.rstrip("%")) for rate in page.locator(".zones tbody .rate").all_inner_texts()]
        assert len(rates) == 32
        assert rates == sorted(rates)
        path.follow(".zones tbody a")
        assert "/dispatch/zones/" in page.url
        page.goto(f"{path.window.url}/dispatch/map")
        frame = path.window.map_frame("/dispatch/map/frame")
        page.locator("[data-fly-to='gap:1']").click()
        page.wait_for_selector("[data-fly-to='gap:1'][aria-current=true]")
        assert frame.evaluate("window.hacked") is None


def test_the_gis_desk_brings_a_list_to_the_map(visit, web_settings):
    path = Path(visit(DESK), "gis", WAYS_OF_GIS)
    for number, page in path.each_way():
        path.follow("main a[href='/gis/import']")
        page.fill("#text", f"code,name,category,lon,lat\nW{number},东门市场,market,114.061,22.531\n")
        path.follow("form[aria-labelledby=paste] button[type=submit]")
        draft_id = draft_of(page.url)
        run_job_of(web_settings, draft_id)
        page.wait_for_selector("#columns")
        path.follow("button[value=check]")
        run_job_of(web_settings, draft_id)
        page.wait_for_selector("#decide")
        page.locator("iframe[data-diff]").scroll_into_view_if_needed()
        frame = page.frame(url="**/map")
        frame.wait_for_selector("html[data-shapes='1']", timeout=20_000)
        page.locator("[data-show='new:1']").click()
        assert "东门市场" in frame.wait_for_selector(".leaflet-popup-content").inner_text()


def test_an_administrator_lets_somebody_in_and_sees_it_in_the_audit(visit):
    path = Path(visit(PHONE), "admin")
    for number, page in path.each_way():
        page.fill("#new-login", f"newcomer{number}")
        page.select_option("#new-role", "gis")
        path.follow(".grid-form button[type=submit]")
        assert page.locator(".made-password").inner_text()
        page.goto(f"{path.window.url}/admin/audit/")
        assert f"newcomer{number}" in page.inner_text("main")


def test_a_member_visits_the_stops_of_his_patrol(visit, round_):
    window = visit(PHONE)
    window.context.grant_permissions(["geolocation"])
    window.context.set_geolocation(PLACE)
    path = Path(window, "walker")
    for number, page in path.each_way():
        path.follow(f"a[href='/field/patrols/{round_.patrol}']")
        page.wait_for_selector("#way-map[data-ready=yes]")
        path.follow(".next-stop .btn-primary")
        until(page, "() => document.querySelector('[name=lat]').value !== ''")
        page.check("input[value=no]")
        page.click("form[data-check-in] button[type=submit]")
        page.wait_for_selector(".note-good")
        page.wait_for_selector("#way-map[data-ready=yes]")
        assert page.locator(".stop-list [data-state=done]").count() == number + 1


def test_an_inspector_fills_in_a_checklist(visit, tasks):
    path = Path(visit(PHONE), "inspector")
    for number, page in path.each_way():
        path.follow(".stop-list [data-state=open] a")
        # What needs a photo whatever it is like, this point has none of.
        page.evaluate(ANSWER)
        page.click(".send-bar button")
        page.wait_for_url("**/field/inspections/")
        until(
            page,
            "number => document.querySelectorAll('.stop-list [data-state=done]').length === number",
            number + 1,
        )
        page.wait_for_selector("#way-map[data-ready=yes]")


def test_a_handler_answers_a_case_with_a_photo(visit, web_settings, city):
    desk = Desk(web_settings, city, NOON)
    cases = [desk.handed(number=number) for number in range(len(EVERY_WAY))]
    path = Path(visit(PHONE), "handler")
    for number, page in path.each_way():
        path.follow(f".case-cards a[href='/handling/{cases[number].id}']")
        fold = page.locator(".case-do:has([name=step][value=reply])")
        if not fold.evaluate("one => one.open"):
            fold.locator("summary").click()
        fold.locator("[name=note]").fill("已清扫")
        photo = {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": picture(number)}
        fold.locator("[name=photos]").set_input_files(photo)
        fold.locator("button[type=submit]").click()
        page.wait_for_selector(".note-good")
        page.wait_for_selector("[data-case-place][data-ready=yes]")
        assert "已清扫" in page.inner_text(".case-way")

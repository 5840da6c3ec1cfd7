"""A checklist in a phone's browser: filled in and photographed without a network, sent once, shown on its day only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from geoservice.services.inspections import drawing
from geoservice.services.inspections.wishes import Wish
from geoservice.store.base import make_engine, transaction
from tests.browser import until
from tests.factories import PASSWORD, SCRIPT_NAME
from tests.photo_kit import jpeg
from tests.web.conftest import NOON

PHONE, NARROW = {"width": 390, "height": 844}, {"width": 360, "height": 740}

CACHE = "caches.open((await caches.keys()).find((one) => /-pages-\\d+$/.test(one)) || '-')"
KEPT = f"async (end) => Boolean(await (await {CACHE}).match(end))"
# As if the day, for which a page may be shown, had ended.
AGE = (
    f"async (end) => {{ const cache = await {CACHE}; const page = await cache.match(end); const headers = new Headers(page.headers);"
    " if (!headers.has('Geoservice-Kept-Until')) throw new Error('kept for ever');"
    " headers.set('Geoservice-Kept-Until', '1'); await cache.put(end, new Response(await page.text(), { headers })); }"
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def rows(web_settings, city):
    """An inspection of one market for today, under a name that is a script; it is gone afterwards."""
    engine = make_engine(web_settings.database_url)

    def ask(sql: str):
        with transaction(engine) as session:
            found = session.execute(text(sql))
            return found.all() if found.returns_rows else []

    ask("TRUNCATE inspection_result, inspection_task, inspection, evidence, patrol_case CASCADE")
    with transaction(engine) as session:
        wish = Wish(
            SCRIPT_NAME, "covert", NOON.date(), NOON.date() + timedelta(1), 1, points=("P0",), inspectors=("inspector",)
        )  # fmt: skip
        drawing.make(session, web_settings, wish, by=None, now=NOON)
    ask("UPDATE inspection_task SET on_day = inspection.from_on FROM inspection")
    yield ask
    ask("TRUNCATE inspection_result, inspection_task, inspection, evidence, patrol_case CASCADE")


@pytest.fixture
def phone(browser, live_url):
    """A phone's browser; whatever it should never do makes the test fail."""
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce", has_touch=True)
    context.grant_permissions(["geolocation"], origin=live_url)
    context.set_geolocation({"longitude": 114.0536, "latitude": 22.5325, "accuracy": 12})
    faults: list[str] = []
    context.on("request", lambda asked: asked.url.startswith((live_url, "data:")) or faults.append(asked.url))
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context
    assert faults == []
    context.close()


def _log_in(page, live_url: str, login: str) -> None:
    page.goto(f"{live_url}/login")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("#login-form button[type=submit]")
    page.wait_for_selector("[data-pending]", state="attached")


def _fill_in(page) -> None:
    passes = page.locator("input[value=pass]")
    for number in range(passes.count()):
        passes.nth(number).check()
    page.locator("input[value=fail]").first.check()
    page.locator("textarea[name^=note-]").first.fill("地面积水")


def test_a_result_with_photos_waits_offline_survives_page_and_person_and_is_stored_once(
    phone, live_url, rows, tmp_path
):
    page = phone.new_page()
    _log_in(page, live_url, "inspector")
    page.wait_for_selector("#way-map[data-ready=yes]")
    assert page.locator(".way-stop").all_inner_texts() == ["1"]
    task = page.locator(".stop-list a").get_attribute("href")
    until(page, KEPT, task)
    phone.set_offline(True)
    page.reload()
    page.click(".stop-list a")
    page.wait_for_selector("[data-no-network]:not([hidden])")
    _fill_in(page)
    for width in (PHONE, NARROW):
        page.set_viewport_size(width)
        assert (
            page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        )
    picture = tmp_path / "现场.jpg"
    picture.write_bytes(jpeg(3))
    for item in ("MK01", "MK07"):
        card = page.locator(f"fieldset.item:has-text('{item}')")
        card.locator("input[type=file]").set_input_files(picture)
        card.locator("[data-photos-wait]:not([hidden])").wait_for()
    # Before it is sent the page is closed; what was begun is there again.
    page.goto(f"{live_url}{task}")
    assert page.locator("input[value=fail]").first.is_checked()
    expect(page.locator("[data-photos-wait]:not([hidden])")).to_have_count(2)
    page.click(".send-bar button")
    page.wait_for_url(f"{live_url}/field/inspections/")
    page.wait_for_selector("[data-pending]:not([hidden])")
    assert page.locator("[data-count]").inner_text() == "3 条待发送"
    assert page.locator(".stop-list .stop-waits").count() == 1
    page.close()
    assert rows("SELECT 1 FROM inspection_result") == rows("SELECT 1 FROM evidence") == []

    phone.clear_cookies()
    phone.set_offline(False)
    page = phone.new_page()
    _log_in(page, live_url, "member")
    page.wait_for_selector("[data-others] li")
    assert not page.locator("[data-retry]").is_visible()
    assert rows("SELECT 1 FROM inspection_result") == []
    phone.clear_cookies()
    _log_in(page, live_url, "inspector")
    page.wait_for_selector("[data-pending]", state="hidden")
    until(page, "async () => (await FieldQueue.all()).length === 0")
    page.goto(f"{live_url}/field/inspections/")
    assert page.evaluate("Object.keys(localStorage).filter((key) => /inspection/.test(key)).length") == 0
    assert page.evaluate("window.hacked") is None
    assert rows("SELECT round(score::numeric, 1)::text FROM inspection_task") == [("87.5",)]
    assert len(rows("SELECT 1 FROM evidence WHERE item_id IS NOT NULL")) == 2
    assert [row.description for row in rows("SELECT description FROM patrol_case")] == [
        "MK01 场内地面与排水：地面积水"
    ]

    # With its day a kept page is gone from the phone.
    day = "/field/inspections/"
    for kept in (day, "/field/offline"):
        until(page, KEPT, kept)
    page.evaluate(AGE, day)
    phone.set_offline(True)
    page.goto(f"{live_url}{day}")
    assert "此页面未保存在手机上" in page.locator("main").inner_text()
    until(page, f"async (end) => !(await ({KEPT})(end))", day)

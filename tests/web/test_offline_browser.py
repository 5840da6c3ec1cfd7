"""A phone without a network: what was said waits visibly, survives the page and another person, and is stored once."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING
from tests.browser import until
from tests.factories import PASSWORD
from tests.photo_kit import jpeg, png_header
from tests.way_kit import kept_round
from tests.web import own_city
from tests.web.conftest import NOON

city, web_settings = own_city.city, own_city.web_settings

PHONE = {"width": 390, "height": 844}
# Said by the browser itself of what can't be reached; everything else on the console is a fault.
NO_NETWORK = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED", "status of 422")

# Whose pages lie on the phone: nobody's stay there for somebody else.
PAGES_KEPT = "(await caches.keys()).filter((one) => /-pages-\\d+$/.test(one)).join()"

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def round_(web_settings, city):
    yield from kept_round(web_settings, NOON)


@pytest.fixture
def database(web_settings, round_):
    def run(sql: str):
        with transaction(make_engine(web_settings.database_url), EVERYTHING) as session:
            found = session.execute(text(sql))
            return found.all() if found.returns_rows else []

    yield run
    run("DELETE FROM evidence")


@pytest.fixture
def phone(browser, live_url, round_):
    """A phone's browser; whatever it should never do makes the test fail."""
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce", locale="en")
    faults: list[str] = []
    context.on("request", lambda asked: asked.url.startswith((live_url, "data:")) or faults.append(asked.url))
    context.on(
        "console",
        lambda said: (
            said.type in {"error", "warning"}
            and not any(word in said.text for word in NO_NETWORK)
            and faults.append(said.text)
        ),
    )
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


def _log_out(page) -> None:
    page.evaluate("document.querySelector('form[action$=\"/logout\"]').requestSubmit()")
    page.wait_for_selector("#login-form")


def _keep_pages(page, live_url: str, patrol: int) -> None:
    """Look at today's patrol with a network; the worker keeps it with the forms of its stops."""
    page.goto(f"{live_url}/field/patrols/{patrol}")
    until(
        page,
        "async (end) => { const names = (await caches.keys()).filter((one) => /-pages-\\d+$/.test(one));"
        " return names.length && Boolean(await (await caches.open(names[0])).match(end)); }",
        f"/field/patrols/{patrol}/stops/4",
    )


def _until_sent(page) -> None:
    until(page, "async () => (await FieldQueue.all()).length === 0")


def _check_in(page, *photos: bytes) -> None:
    page.check("form[data-check-in] input[value=yes]")
    page.fill("#note", "lamp broken")
    files = [
        {"name": f"IMG_{n}.jpg", "mimeType": "image/jpeg", "buffer": one} for n, one in enumerate(photos)
    ]
    page.set_input_files("form[data-check-in] input[type=file]", files)
    page.click("form[data-check-in] button[type=submit]")


def _pending(page) -> str:
    page.wait_for_selector("[data-pending]:not([hidden])")
    return page.locator("[data-count]").inner_text()


def test_what_is_said_offline_survives_the_page_and_another_person_and_is_stored_once(
    phone, live_url, round_, database
):
    page = phone.new_page()
    _log_in(page, live_url, "walker")
    _keep_pages(page, live_url, round_.patrol)
    phone.set_offline(True)
    page.reload()
    page.wait_for_selector("[data-no-network]:not([hidden])")
    page.click(".next-stop .btn-primary")
    _check_in(page, jpeg(1, taken=NOON))
    page.wait_for_url(f"**/field/patrols/{round_.patrol}")
    assert _pending(page) == "1 条待发送"
    assert page.locator(".stop-list .stop-waits").count() == 1
    page.click("[data-retry]")
    page.wait_for_selector("[data-state]:not([hidden])")
    page.goto(f"{live_url}/field/tracks")
    assert "此页面未保存在手机上" in page.locator("main").inner_text()
    page.close()
    assert database("SELECT 1 FROM check_in") == []

    phone.clear_cookies()
    phone.set_offline(False)
    page = phone.new_page()
    _log_in(page, live_url, "stranger")
    page.wait_for_selector("[data-others] li")
    assert "用户 walker" in page.locator("[data-others]").inner_text()
    assert not page.locator("[data-retry]").is_visible()
    assert database("SELECT 1 FROM check_in") == []
    (theirs,) = database("SELECT id FROM app_user WHERE login = 'stranger'")
    until(page, f"async () => {PAGES_KEPT} === 'geoservice-pages-{theirs.id}'")
    _log_out(page)
    until(page, f"async () => {PAGES_KEPT} === ''")

    _log_in(page, live_url, "walker")
    page.wait_for_selector("[data-pending]", state="hidden")
    _until_sent(page)
    for _ in range(2):
        page.reload()
        page.evaluate("FieldQueue.sendAll()")
    (row,) = database("SELECT * FROM check_in")
    assert (row.point_id, row.note, row.has_findings) == (round_.crew.point_ids[0], "lamp broken", True)
    (photo,) = database("SELECT * FROM evidence")
    assert (photo.check_in_id, photo.taken_at) == (row.id, NOON)


def test_an_answer_that_was_lost_is_asked_for_again_and_stored_once(phone, live_url, round_, database):
    page = phone.new_page()
    _log_in(page, live_url, "walker")
    page.goto(f"{live_url}/field/patrols/{round_.patrol}/stops/1")
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/stops/1", lose)
    _check_in(page, jpeg(1))
    page.wait_for_url(f"**/field/patrols/{round_.patrol}")
    assert lost == [200]
    _until_sent(page)
    assert len(database("SELECT 1 FROM check_in")) == 1
    assert len(database("SELECT 1 FROM evidence")) == 1


def test_a_photo_that_cannot_be_taken_is_said_beside_the_form_or_in_the_queue_and_nothing_is_lost(
    phone, live_url, round_, database
):
    page = phone.new_page()
    _log_in(page, live_url, "walker")
    _keep_pages(page, live_url, round_.patrol)
    page.goto(f"{live_url}/field/patrols/{round_.patrol}/stops/4")
    bomb = png_header(20_000, 10_000)
    _check_in(page, bomb)
    page.wait_for_selector("[data-refused]")
    assert "200" in page.locator("[data-refused]").inner_text()
    assert page.input_value("#note") == "lamp broken"
    phone.set_offline(True)
    page.click("form[data-check-in] button[type=submit]")
    page.wait_for_url(f"**/field/patrols/{round_.patrol}")
    assert _pending(page) == "1 条待发送"
    phone.set_offline(False)
    page.wait_for_selector("[data-items] .item-error")
    assert database("SELECT 1 FROM check_in") == []
    page.locator("[data-items] .item-actions button").nth(1).click()
    page.wait_for_selector("[data-pending]", state="hidden")
    assert len(database("SELECT 1 FROM check_in")) == 1
    assert database("SELECT 1 FROM evidence") == []


def test_the_browser_sends_it_by_itself_when_every_page_is_closed(phone, live_url, round_, database):
    page = phone.new_page()
    _log_in(page, live_url, "walker")
    _keep_pages(page, live_url, round_.patrol)
    watcher = phone.new_page()
    watcher.goto(f"{live_url}/account/password")
    workers = phone.new_cdp_session(watcher)
    registrations: list[str] = []
    workers.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(
            one["registrationId"] for one in told["registrations"] if one["scopeURL"].startswith(live_url)
        ),
    )
    workers.send("ServiceWorker.enable")
    phone.set_offline(True)
    page.goto(f"{live_url}/field/patrols/{round_.patrol}/stops/1")
    _check_in(page, jpeg(1))
    page.wait_for_url(f"**/field/patrols/{round_.patrol}")
    assert _pending(page) == "1 条待发送"
    page.close()
    phone.set_offline(False)
    workers.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": live_url,
            "registrationId": registrations[0],
            "tag": "geoservice-send",
            "lastChance": False,
        },
    )
    for _ in range(200):
        if database("SELECT 1 FROM evidence"):
            break
        watcher.wait_for_timeout(50)
    assert len(database("SELECT 1 FROM check_in")) == 1
    assert len(database("SELECT 1 FROM evidence")) == 1

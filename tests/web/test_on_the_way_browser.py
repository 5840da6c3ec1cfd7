"""A patrol in a phone's browser: the map draws by itself, asks nobody outside, and says where one is only when told to."""

from __future__ import annotations

import pytest

from tests.browser import until
from tests.factories import PASSWORD
from tests.way_kit import STREET_NAME, kept_round
from tests.web.conftest import NOON

PHONE, NARROW = {"width": 390, "height": 844}, {"width": 360, "height": 740}

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def round_(web_settings, city):
    yield from kept_round(web_settings, NOON)


@pytest.fixture
def phone(browser, live_url, round_):
    """A page of a phone, logged in; whatever it should never do makes the test fail."""
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce", has_touch=True)
    context.grant_permissions(["geolocation"], origin=live_url)
    context.set_geolocation({"longitude": 114.0536, "latitude": 22.5325, "accuracy": 12})
    page = context.new_page()
    faults: list[str] = []
    page.on("request", lambda asked: asked.url.startswith((live_url, "data:")) or faults.append(asked.url))
    page.on("console", lambda said: said.type in {"error", "warning"} and faults.append(said.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "response", lambda answer: answer.status >= 400 and faults.append(f"{answer.status} {answer.url}")
    )
    page.goto(f"{live_url}/login")
    page.fill("#login", "walker")
    page.fill("#password", PASSWORD)
    page.click("#login-form button[type=submit]")
    page.wait_for_load_state("networkidle")
    yield page
    assert faults == []
    assert page.evaluate("window.hacked") is None
    context.close()


def _overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_member_walks_his_patrol_with_one_hand(phone, live_url, round_):
    page = phone
    page.click(f"a[href='/field/patrols/{round_.patrol}']")
    page.wait_for_selector("#way-map[data-ready=yes]")
    assert page.locator(".way-stop").all_inner_texts() == ["1", "2", "3", "4"]
    assert page.locator("path.way-line").count() == 1
    assert page.locator("path.way-me").count() == 0, "nobody is asked for his position before he taps"
    page.locator("#way-map a[role=button]").last.click()
    page.wait_for_selector("path.way-me", state="attached")
    page.locator(".patrol-steps button").click()
    page.wait_for_selector(".patrol-state[data-state=under_way]")
    page.click(".next-stop .btn-primary")
    until(page, "() => document.querySelector('[name=lat]').value !== ''")
    page.check("input[value=no]")
    # Two taps before the answer is there are one check-in.
    page.evaluate(
        "const form = document.querySelector('[data-check-in]'); form.requestSubmit(); form.requestSubmit()"
    )
    page.wait_for_selector(".note-good")
    page.wait_for_selector("#way-map[data-ready=yes]")
    assert page.locator(".stop-list [data-state=done]").count() == 1
    assert STREET_NAME in page.locator(".next-stop").inner_text()
    assert page.locator(".way-stop[data-state=done]").inner_text() == "1"
    page.go_back()
    page.evaluate("document.querySelector('[data-check-in]')?.requestSubmit()")
    page.wait_for_load_state("networkidle")
    page.goto(f"{live_url}/field/patrols/{round_.patrol}")
    assert page.locator("progress").get_attribute("value") == "1"


def test_every_page_fits_a_narrow_phone(phone, live_url, round_):
    phone.set_viewport_size(NARROW)
    for end in ("", "/stops/1", "/stops/3"):
        phone.goto(f"{live_url}/field/patrols/{round_.patrol}{end}")
        assert _overflow(phone) == 0, end
        small = phone.locator("main .btn:visible, main summary:visible").evaluate_all(
            "all => all.filter(one => one.getBoundingClientRect().height < 36).map(one => one.textContent)"
        )
        assert small == [], end
    phone.goto(f"{live_url}/field/")
    assert _overflow(phone) == 0

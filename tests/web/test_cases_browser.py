"""The closed loop in a browser: told of on a phone, assigned, put right with a photo, verified and closed."""

from __future__ import annotations

import re

import pytest

from tests.browser import until
from tests.factories import CELL_LAT, CELL_LON, PASSWORD, SOUTH, WEST
from tests.web.case_kit import Desk, picture
from tests.web.conftest import NOON

PHONE, WIDE, NARROW = (
    {"width": 390, "height": 844},
    {"width": 1440, "height": 900},
    {"width": 360, "height": 740},
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def desk(web_settings, city) -> Desk:
    return Desk(web_settings, city, NOON)


@pytest.fixture
def pages(browser, live_url, city):
    """Pages of people logged in; whatever they should never do makes the test fail."""
    faults: list[str] = []
    contexts = []

    def open_as(login: str, size):
        context = browser.new_context(viewport=size, reduced_motion="reduce", locale="en-GB")
        context.grant_permissions(["geolocation"], origin=live_url)
        context.set_geolocation(
            {"longitude": WEST + 1.4 * CELL_LON, "latitude": SOUTH + 3.2 * CELL_LAT, "accuracy": 9}
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "request",
            lambda asked: asked.url.startswith((live_url, "data:", "blob:")) or faults.append(asked.url),
        )
        page.on("console", lambda said: said.type in {"error", "warning"} and faults.append(said.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{live_url}/login")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("#login-form button[type=submit]")
        page.wait_for_load_state("load")
        token = page.get_attribute("[name=csrf_token]", "value")
        page.request.post(
            f"{live_url}/language", form={"csrf_token": token, "locale": "en"}, headers={"Referer": live_url}
        )
        return page

    yield open_as
    assert faults == []
    for context in contexts:
        context.close()


def _overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def _step(page, action: str, photo: bool = False, **typed) -> None:
    fold = page.locator(f".case-do:has([name=step][value={action}])")
    fold.wait_for()
    if not fold.evaluate("one => one.open"):
        fold.locator("summary").click()
    form = fold.locator("form")
    for name, value in typed.items():
        field = form.locator(f"[name={name}]")
        field.select_option(value) if field.evaluate("one => one.tagName") == "SELECT" else field.fill(value)
    if photo:
        form.locator("[name=photos]").set_input_files(
            {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": picture(9)}
        )
    form.locator("button[type=submit]").click()
    page.wait_for_selector(".note-good")
    page.wait_for_selector("[data-case-place][data-ready=yes]")
    assert _overflow(page) == 0, action


def test_a_problem_is_told_of_put_right_and_closed(pages, live_url, desk):
    member, handler, dispatcher = pages("member", PHONE), pages("handler", PHONE), pages("dispatcher", WIDE)

    member.goto(f"{live_url}/tell/")
    until(member, "() => document.querySelector('[name=lat]').value !== ''")
    member.select_option("#kind", "rubbish")
    member.fill("#title", "Heap at the corner")
    box = member.locator("[data-case-place]").bounding_box()
    before = member.input_value("[name=lon]")
    member.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.5)
    until(member, "before => document.querySelector('[name=lon]').value > before", before)
    member.set_input_files("[name=photos]", {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": picture(8)})
    assert _overflow(member) == 0
    # Two taps before the answer is there are one case.
    member.evaluate(
        "const form = document.querySelector('form.case-form'); form.requestSubmit(); form.requestSubmit()"
    )
    member.wait_for_selector(".note-good")
    case_id = int(re.search(r"/tell/(\d+)$", member.url)[1])

    dispatcher.goto(f"{live_url}/cases/?q=Heap")
    dispatcher.wait_for_selector(".case-list tbody tr")
    assert dispatcher.locator(".case-list tbody tr").count() == 1
    frame = dispatcher.frame_locator("#case-map")
    frame.locator(".case-mark").first.wait_for()
    dispatcher.click("[data-fly-to^='case:']")
    frame.locator(".leaflet-popup").wait_for()
    dispatcher.click(".case-title")
    dispatcher.wait_for_selector("[data-case-place][data-ready=yes]")
    assert dispatcher.locator(".photo-strip img").count() == 1
    _step(dispatcher, "open")
    department = str(desk.actor("handler").department_id)
    _step(dispatcher, "assign", department_id=department)

    handler.goto(f"{live_url}/handling/")
    handler.click(f".case-cards a[href='/handling/{case_id}']")
    _step(handler, "accept")
    _step(handler, "reply", photo=True, note="Swept and washed")

    dispatcher.goto(f"{live_url}/cases/{case_id}")
    assert "Swept and washed" in dispatcher.inner_text(".case-way")
    assert dispatcher.locator(".photo-strip img").count() == 2
    _step(dispatcher, "verify")
    _step(dispatcher, "close")
    assert dispatcher.inner_text(".case-state") == "Closed"
    member.goto(f"{live_url}/tell/mine")
    assert "Closed" in member.inner_text(f".case-cards a[href='/tell/{case_id}']")


def test_pages_fit_a_narrow_phone_and_are_reached_by_keys(pages, live_url, desk):
    case = desk.handed(number=33, title="一个相当长的案件标题用来看看窄屏手机上会不会把页面撑开来而无法阅读")
    dispatcher, handler = pages("dispatcher", NARROW), pages("handler", NARROW)
    for page, addresses in (
        (dispatcher, ("/cases/", "/cases/new", f"/cases/{case.id}", "/cases/settings/")),
        (handler, ("/handling/", f"/handling/{case.id}")),
    ):
        for address in addresses:
            page.goto(f"{live_url}{address}")
            assert _overflow(page) == 0, address
            small = page.locator("main .btn:visible, main summary:visible, main .pill:visible").evaluate_all(
                "all => all.filter(one => !one.matches('.btn-sm') && one.getBoundingClientRect().height < 36).map(one => one.textContent)"
            )
            assert small == [], address
    dispatcher.goto(f"{live_url}/cases/new")
    dispatcher.wait_for_selector("[data-case-place][data-ready=yes]")
    dispatcher.focus("[data-case-place]")
    dispatcher.keyboard.press("ArrowRight")
    first = float(dispatcher.input_value("[name=lon]"))
    dispatcher.keyboard.press("ArrowRight")
    assert float(dispatcher.input_value("[name=lon]")) == pytest.approx(first + 0.0001, abs=1e-9)

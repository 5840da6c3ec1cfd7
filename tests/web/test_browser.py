"""A window that notes what a page should never do; the keyboard, a job across a reload, narrow phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
NARROW = {"width": 360, "height": 740}

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Visit:
    """A browser window that notes what a page should never do."""

    def __init__(self, browser: Browser, url: str, viewport: dict) -> None:
        self.url = url
        self.context = browser.new_context(viewport=viewport, reduced_motion="reduce")
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on(
            "request",
            lambda request: request.url.startswith((url, "data:")) or self.faults.append(request.url),
        )
        # A poll or a piece of a map that is under way when the page is left is broken off, as it should be.
        self.page.on(
            "requestfailed",
            lambda request: (
                (request.resource_type in {"fetch", "xhr"} and request.failure == "net::ERR_ABORTED")
                or self.faults.append(f"failed: {request.url}")
            ),
        )
        self.page.on(
            "console", lambda said: said.type in {"error", "warning"} and self.faults.append(said.text)
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "response",
            lambda answer: answer.status >= 400 and self.faults.append(f"{answer.status} {answer.url}"),
        )

    def log_in(self, login: str, language: str) -> Page:
        self.page.goto(f"{self.url}/login")
        self.choose(language)
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.page.click("#login-form button[type=submit]")
        self.page.wait_for_load_state("networkidle")
        # The account remembers the language it was last used in.
        self.choose(language)
        return self.page

    def choose(self, language: str) -> None:
        """Take a language, where the button for it is seen."""
        button = self.page.locator(f"button[name=locale][value={language}]:visible")
        if button.count():
            with self.page.expect_navigation():
                button.click()

    def map_frame(self, path: str):
        frame = next(frame for frame in self.page.frames if path in frame.url)
        frame.wait_for_selector("html[data-map-ready=yes]", timeout=20_000)
        return frame


@pytest.fixture
def visit(browser: Browser, live_url: str) -> Iterator:
    opened: list[Visit] = []

    def open_at(viewport: dict) -> Visit:
        opened.append(Visit(browser, live_url, viewport))
        return opened[-1]

    yield open_at
    for one in opened:
        assert one.faults == []
        assert one.page.evaluate("window.hacked") is None
        one.context.close()


def _overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_leader_chooses_any_two_days_with_the_keyboard(visit):
    window = visit(DESK)
    page = window.log_in("leader", "zh_Hans_CN")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.locator(".pill-more summary").focus()
    page.keyboard.press("Enter")
    page.fill("input[name=from]", "2026-03-01")
    page.fill("input[name=to]", "2026-03-16")
    page.locator(".days button").press("Enter")
    page.wait_for_load_state("networkidle")
    assert "from=2026-03-01&to=2026-03-16" in page.url
    window.map_frame("/leader/map")
    page.locator(".zone-table summary").first.press("Enter")
    assert page.locator(".zone-table tbody tr").count() == 16


def test_a_job_is_asked_for_watched_and_cancelled_across_a_reload(visit):
    window = visit(DESK)
    page = window.log_in("dispatcher", "zh_Hans_CN")
    page.goto(f"{window.url}/dispatch/?from=2026-01-05&to=2026-01-06")
    page.click("text=立即计算")
    page.wait_for_selector(".job-box")
    page.reload()
    assert page.locator(".job-box .job-state").inner_text() == "等待中"
    with page.expect_response("**/progress"):
        pass
    page.click(".job-box button")
    page.wait_for_selector(".job-state[data-state=cancelled]")
    assert page.locator(".job-box[hx-trigger]").count() == 0


@pytest.mark.parametrize(
    ("login", "pages"),
    [
        ("leader", ["/leader/", "/account/password"]),
        (
            "dispatcher",
            ["/dispatch/", "/dispatch/map", "/jobs/", "/dispatch/today/", "/dispatch/trends/", "/find/?q=0"],
        ),
        ("gis", ["/gis/imports", "/gis/imports/1"]),
        ("admin", ["/admin/users", "/admin/audit/", "/admin/health"]),
        ("member", ["/field/"]),
    ],
)
def test_no_page_runs_out_of_a_narrow_phone(visit, login, pages):
    window = visit(NARROW)
    page = window.log_in(login, "en")
    for address in pages:
        page.goto(window.url + address)
        assert _overflow(page) == 0, address
        unnamed = page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden]),select,button,iframe')].filter(e =>"
            " !(e.labels?.length || e.textContent.trim() || e.title || e.getAttribute('aria-label'))).map(e => e.outerHTML)"
        )
        assert unnamed == [], address
        assert page.locator("table:not(:has(caption))").count() == 0, address

"""A browser that goes to pages as a role, takes a picture of each, and notes what a page should never do."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from playwright.sync_api import Error, TimeoutError

from scripts.shots.walk import login_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Playwright, ViewportSize
    from playwright.sync_api import Page as Tab

    from scripts.shots.city import City
    from scripts.shots.walk import Page

SIZES: dict[str, ViewportSize] = {
    "390": {"width": 390, "height": 844},
    "1440": {"width": 1440, "height": 900},
}
LANGUAGES = {"zh_Hans_CN": "zh", "en": "en"}
LOCALES = {"zh_Hans_CN": "zh-CN", "en": "en-GB"}
"""Browsers write their date fields in their own language, whatever that of the page."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    # In a process of its own a map is painted at the size of the window, not at that of a picture of the whole page.
    "--disable-features=IsolateSandboxedIframes",
]
LONGEST_PX = 6000
"""A page is shown so far down; a list of hundreds looks the same below."""


@contextmanager
def open_browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS
    )
    yield browser
    browser.close()


class Camera:
    """Pictures in a folder, and notes beside them."""

    def __init__(self, browser: Browser, url: str, folder: Path) -> None:
        self.browser, self.url, self.folder = browser, url, folder
        self.taken = 0
        self.notes: list[str] = []
        self._states: dict[str, object] = {}

    def requests_of(self, city: City, role: str) -> APIRequestContext:
        """What asks in the name of a role, without a page."""
        return self.context_of(city, role).request

    def context_of(self, city: City, role: str, **more: object) -> BrowserContext:
        """A window of a role that is logged in, or of a stranger."""
        if role and role not in self._states:
            with self._context() as context:
                tab = context.new_page()
                tab.goto(f"{self.url}/login")
                tab.fill("#login", login_of(role))
                tab.fill("#password", city.passwords[login_of(role)])
                tab.click("#login-form button[type=submit]")
                tab.wait_for_url(lambda now: not now.endswith("/login"))
                self._states[role] = context.storage_state()
        return self.browser.new_context(storage_state=self._states.get(role), reduced_motion="reduce", **more)  # type: ignore[arg-type]

    def take(self, pages: Sequence[Page], city: City, language: str, theme: str) -> None:
        """A picture of each page at both sizes, in one language and theme."""
        for role in dict.fromkeys(page.role for page in pages):
            for size, viewport in SIZES.items():
                context = self.window(city, role, language, theme, viewport)
                tab = context.new_page()
                end = f"{LANGUAGES[language]}.{size}" + (".dark" if theme == "dark" else "")
                for page in (page for page in pages if page.role == role):
                    self._shoot(tab, page, end)
                context.close()

    def window(
        self, city: City, role: str, language: str, theme: str, viewport: ViewportSize
    ) -> BrowserContext:
        """A window of a role, of this size, in a language and theme."""
        context = self.context_of(city, role, viewport=viewport, color_scheme=theme, locale=LOCALES[language])
        self._speak(context, language)
        return context

    def write_notes(self) -> int:
        (self.folder / "notes.txt").write_text("".join(f"{note}\n" for note in self.notes), encoding="utf-8")
        return len(self.notes)

    @contextmanager
    def _context(self) -> Iterator[BrowserContext]:
        context = self.browser.new_context(reduced_motion="reduce")
        yield context
        context.close()

    def _speak(self, context: BrowserContext, language: str) -> None:
        """Choose a language as a reader does, by the button of the page."""
        tab = context.new_page()
        tab.goto(f"{self.url}/")
        # On a phone the button lies in the folded menu.
        if tab.locator(f"button[name=locale][value={language}]").count():
            with tab.expect_navigation():
                tab.evaluate(
                    "(value) => document.querySelector(`button[name=locale][value=${value}]`).click()",
                    language,
                )
        tab.close()

    def _shoot(self, tab: Tab, page: Page, end: str) -> None:
        name = f"{page.name}.{end}"
        with self._listening(tab, name):
            try:
                tab.goto(f"{self.url}{page.path}")
                settle(tab)
                wider = tab.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if wider > 0:
                    self.notes.append(f"{name}: {wider} px wider than the screen")
                height = tab.evaluate("document.documentElement.scrollHeight")
                width = tab.viewport_size["width"] if tab.viewport_size else 0
                clip = {"x": 0, "y": 0, "width": width, "height": min(height, LONGEST_PX)}
                tab.screenshot(path=self.folder / f"{name}.png", full_page=True, clip=clip)  # type: ignore[arg-type]
                self.taken += 1
            except Error as error:
                self.notes.append(f"{name}: no picture: {error.message.splitlines()[0]}")

    @contextmanager
    def _listening(self, tab: Tab, name: str) -> Iterator[None]:
        def hear_console(said: object) -> None:
            if getattr(said, "type", "") in {"error", "warning"}:
                self.notes.append(f"{name}: console: {getattr(said, 'text', '')}")

        def hear_request(asked: object) -> None:
            address = str(getattr(asked, "url", ""))
            if not address.startswith((self.url, "data:", "blob:")):
                self.notes.append(f"{name}: asked outside: {address}")

        def hear_error(error: object) -> None:
            self.notes.append(f"{name}: error: {error}")

        listeners = (("console", hear_console), ("request", hear_request), ("pageerror", hear_error))
        for event, listener in listeners:
            tab.on(event, listener)  # type: ignore[call-overload]
        yield
        for event, listener in listeners:
            tab.remove_listener(event, listener)


def settle(tab: Tab) -> None:
    """Wait for maps and for pieces that come by themselves; a page that asks again and again is quiet in between."""
    for frame in tab.frames[1:]:
        with suppress(TimeoutError):
            frame.wait_for_selector("html[data-map-ready=yes]", timeout=30_000)
    with suppress(TimeoutError):
        tab.wait_for_load_state("networkidle", timeout=3000)

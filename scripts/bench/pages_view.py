"""The first view of the leader's map in a browser behind a slow line: 1.6 Mbit/s, every answer 150 ms late."""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.browser import FLAGS, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

ROUNDS = 3
SETTLE_MS = 2000
"""What still comes once the map is drawn is counted among the bytes for so long."""
PHONE = {"width": 390, "height": 844}
LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
# The map says when it is drawn; what it says is painted with the next frame.
WATCH = """
addEventListener("message", ({ data }) => {
  if (data?.geoservice === 1 && data.type === "ready")
    requestAnimationFrame(() => requestAnimationFrame(() => { window.drawnAt = performance.now(); }));
});
"""


@dataclass
class View:
    """One view: milliseconds until the map was drawn, and the bytes of each answer as they came over the line."""

    drawn_ms: float
    bytes_of: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.bytes_of.values())


def first_views(url: str, login: str, password: str, show: bool = False) -> list[tuple[View, View]]:
    """First and second view of some new browsers that are logged in already, and hold nothing."""
    with sync_playwright() as playwright:
        # The frame of the map stays in the page's process, whose line is the one that can be slowed down.
        flags = [*FLAGS, "--disable-features=IsolateSandboxedIframes"]
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=flags
        )
        found = list(_rounds(browser, url, login, password))
        browser.close()
    if show:
        for path, size in sorted(found[-1][0].bytes_of.items(), key=lambda one: -one[1]):
            print(f"    {size / 1000:8.1f} KB  {path}")
    return found


def _rounds(browser: Browser, url: str, login: str, password: str) -> Iterator[tuple[View, View]]:
    state: Any = None
    for _ in range(ROUNDS):
        context = browser.new_context(
            viewport=PHONE, device_scale_factor=2, locale="zh-CN", storage_state=state
        )
        if state is None:
            state = _log_in(context, url, login, password)
            context.close()
            context = browser.new_context(
                viewport=PHONE, device_scale_factor=2, locale="zh-CN", storage_state=state
            )
        page = context.new_page()
        page.add_init_script(WATCH)
        yield _view(page, f"{url}/leader/"), _view(page, f"{url}/leader/")
        context.close()


def _log_in(context: BrowserContext, url: str, login: str, password: str) -> Any:
    page = context.new_page()
    page.goto(f"{url}/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.click("form[action*=login] [type=submit]")
    page.wait_for_load_state()
    return context.storage_state()


def _view(page: Page, address: str) -> View:
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    path_of: dict[str, str] = {}
    size_of: dict[str, int] = {}
    line.on(
        "Network.responseReceived", lambda told: path_of.update({told["requestId"]: told["response"]["url"]})
    )
    line.on(
        "Network.loadingFinished",
        lambda told: size_of.update({told["requestId"]: int(told["encodedDataLength"])}),
    )
    page.goto("about:blank")
    path_of.clear()
    size_of.clear()
    page.goto(address, wait_until="commit")
    until(page, "() => window.drawnAt > 0")
    drawn = page.evaluate("() => window.drawnAt")
    until(page, '() => document.readyState === "complete"')
    page.wait_for_timeout(SETTLE_MS)
    line.detach()
    sizes: dict[str, int] = {}
    for request, size in size_of.items():
        path = "/" + path_of.get(request, "?").partition("://")[2].partition("/")[2]
        sizes[path] = sizes.get(path, 0) + size
    return View(drawn, sizes)


def median_ms(views: list[View]) -> float:
    """The middle one."""
    return statistics.median(view.drawn_ms for view in views)

"""The page of tokens and the description of the interface in Chromium; nothing is fetched from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geoservice.web.api.document import TAGS
from tests.web.test_browser import DESK, NARROW, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def visit(browser, live_url) -> Iterator:
    opened: list[Visit] = []

    def make(viewport: dict) -> Visit:
        opened.append(Visit(browser, live_url, viewport))
        return opened[-1]

    yield make
    for one in opened:
        one.context.close()
        assert not one.faults


def test_the_description_opens_an_operation_and_tries_it(visit, live_url):
    page = visit(DESK).log_in("gis", "en")
    page.goto(f"{live_url}/api/v1/docs")
    page.locator("#operations-zones-list_levels .opblock-summary-control").click(timeout=90_000)
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    shown = page.locator("#operations-zones-list_levels .live-responses-table .response-col_status").nth(1)
    shown.wait_for()
    assert shown.inner_text().strip().startswith("200")
    assert page.locator(".opblock-tag").count() == len(TAGS)


@pytest.mark.parametrize("viewport", [NARROW, DESK])
def test_a_token_is_made_copied_and_revoked_with_the_keys(visit, live_url, viewport):
    page = visit(viewport).log_in("gis", "en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_url)
    page.goto(f"{live_url}/account/programs/")
    page.focus("#token-name")
    page.keyboard.type("QGIS on my desk")
    page.keyboard.press("Enter")
    secret = page.locator(".made-token code").first.inner_text()
    page.get_by_role("button", name="Copy: Token").click()
    page.get_by_role("button", name="Copy: Token").get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(f"{live_url}/account/programs/")
    assert secret not in page.content()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Revoke QGIS on my desk").first.focus()
    page.keyboard.press("Enter")
    page.get_by_text("The token is revoked.").wait_for()

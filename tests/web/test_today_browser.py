"""The keyboard on any page, and the home that refreshes itself without taking anything away."""

from __future__ import annotations

import pytest

from tests.browser import until
from tests.web.test_browser import DESK, visit

__all__ = ["visit"]

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FOCUS = "document.activeElement.id"


def test_a_dispatcher_walks_by_the_keyboard_alone(visit):
    window = visit(DESK)
    page = window.log_in("dispatcher", "zh_Hans_CN")
    page.goto(f"{window.url}/dispatch/today/")
    page.wait_for_selector("#tile-missed")
    page.focus("#tile-overdue")
    page.keyboard.press("?")
    page.wait_for_selector("#key-sheet[open]")
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUS) == "tile-overdue"
    # A refresh leaves the focus and the place on the page as they are.
    before = page.evaluate("window.scrollY")
    with page.expect_response("**/today/now"):
        page.evaluate("htmx.ajax('GET', '/dispatch/today/now', { target: '#home-now', swap: 'innerHTML' })")
    until(page, "() => document.querySelector('#home-lists #worst')")
    assert (page.evaluate(FOCUS), page.evaluate("window.scrollY")) == ("tile-overdue", before)
    page.keyboard.press("/")
    page.keyboard.type("gyjd")
    page.wait_for_selector("#finder-found a")
    page.keyboard.press("ArrowDown")
    assert "桂园街道" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("ArrowUp")
    # In a field letters are letters: neither the sheet nor another page opens.
    page.keyboard.type("?gc")
    assert page.locator("#key-sheet[open]").count() == 0
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    until(page, "() => !document.querySelector('dialog[open]')")
    assert page.evaluate(FOCUS) == "tile-overdue"
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/dispatch/")

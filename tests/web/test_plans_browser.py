"""The planning desk in Chromium: dragging with mouse and finger, the keyboard alone, somebody else's change, the map's card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.plans_kit import DAYS, add_plan, add_version, content, newest, orders
from tests.web.test_browser import DESK, NARROW, PHONE, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FIRST, SECOND = (f"{DAYS[0]}/{team}" for team in ("T1", "T2"))


@pytest.fixture
def visit(browser, live_url: str) -> Iterator:
    opened: list[Visit] = []

    def open_at(viewport: dict) -> Visit:
        opened.append(Visit(browser, live_url, viewport))
        return opened[-1]

    yield open_at
    for one in opened:
        # A change that came too late is refused, and its answer shown; shapes of an older version are not waited for.
        faults = [fault for fault in one.faults if "409" not in fault and "/shapes" not in fault]
        assert faults == []
        assert one.page.evaluate("window.hacked") is None
        one.context.close()


def _fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def _show(window: Visit, plan_id: int, language: str, query: str = "") -> Page:
    page = window.log_in("dispatcher", language)
    page.goto(f"{window.url}/dispatch/plans/{plan_id}{query}")
    window.map_frame(f"/dispatch/plans/{plan_id}/map")
    return page


def _centre(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _grip(number: int) -> str:
    return f"[data-stop='point:{number}'] [data-grip]"


def _await_version(page: Page, number: int) -> None:
    page.wait_for_selector(f"#plan-board[data-version='{number}']")


def test_a_stop_is_dragged_to_another_team_and_taken_back_by_key(visit, web_settings):
    plan_id = add_plan(web_settings, content())
    window = visit(DESK)
    page = _show(window, plan_id, "en")
    frame = window.map_frame(f"/dispatch/plans/{plan_id}/map")
    assert frame.evaluate("GeoMap.byKey.get('stop:point:2').data.ways[1]") == 0
    page.locator(_grip(2)).scroll_into_view_if_needed()
    page.mouse.move(*_centre(page, _grip(2)))
    page.mouse.down()
    x, y = _centre(page, "[data-stop='point:5']")
    page.mouse.move(x, y - 40, steps=4)
    page.mouse.move(x, y - 6, steps=4)
    assert page.locator(f"[data-stops='{SECOND}'] .drop-bar").count() == 1
    page.mouse.up()
    _await_version(page, 2)
    assert orders(newest(web_settings, plan_id))[SECOND] == ["point:4", "point:2", "point:5", "point:6"]
    frame.wait_for_selector("html[data-drawn='2']")
    assert frame.evaluate("GeoMap.byKey.get('stop:point:2').data.ways[3]") == 1, "the map follows"
    page.keyboard.press("Control+z")
    _await_version(page, 1)
    page.locator("#open-point\\:1").focus()
    page.keyboard.press("Alt+ArrowDown")
    _await_version(page, 3)
    assert orders(newest(web_settings, plan_id))[FIRST] == ["point:2", "point:1", "point:3"]
    assert page.evaluate("document.activeElement.id") == "open-point:1", "the focus stays with what was moved"


def test_a_finger_drags_a_stop_out_of_the_plan_on_a_phone(visit, web_settings):
    plan_id = add_plan(web_settings, content())
    page = _show(visit(PHONE), plan_id, "zh_Hans_CN")
    assert _fits(page)
    page.locator(_grip(3)).scroll_into_view_if_needed()
    page.evaluate("document.querySelector('[data-left-out]').scrollIntoView({block: 'end'})")
    (x, y), (to_x, to_y) = _centre(page, _grip(3)), _centre(page, "#out")
    hand = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x + 10, "y": y + 20}]),
        ("touchMove", [{"x": to_x, "y": to_y}]),
        ("touchEnd", []),
    ):
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    _await_version(page, 2)
    made = newest(web_settings, plan_id)
    assert orders(made)[FIRST] == ["point:1", "point:2"]
    assert [one["reason"] for one in made["unserved"] if one["key"] == "point:3"] == ["dropped"]


def test_the_keyboard_alone_puts_a_stop_that_was_left_out_into_a_team(visit, web_settings):
    plan_id = add_plan(web_settings, content())
    page = _show(visit(NARROW), plan_id, "en")
    page.locator("#open-point\\:9").press("Enter")
    page.wait_for_selector("#plan-panel")
    assert page.evaluate("document.activeElement.id") == "panel-head", "what was opened is read first"
    assert _fits(page)
    page.locator("#move-to").select_option(f"{DAYS[1]}/T2")
    page.locator("#move-go").press("Enter")
    _await_version(page, 2)
    assert orders(newest(web_settings, plan_id))[f"{DAYS[1]}/T2"] == ["point:9"]
    page.reload()
    page.wait_for_selector("#plan-panel")
    assert "open=point" in page.url, "a reload shows the same"


def test_somebody_elses_change_is_shown_and_ones_own_made_after_it(visit, web_settings):
    plan_id = add_plan(web_settings, content())
    page = _show(visit(DESK), plan_id, "en", "?open=point:2")
    other = content()
    other["patrols"][1]["stops"].pop()
    add_version(web_settings, plan_id, other)
    page.locator("#drop").click()
    page.wait_for_selector("#missed")
    assert page.locator("[data-stop='point:6']").count() == 0, "what the other did is there"
    page.locator("#again").click()
    _await_version(page, 3)
    left = orders(newest(web_settings, plan_id))
    assert left[FIRST] == ["point:1", "point:3"]
    assert left[SECOND] == ["point:4", "point:5"]


def test_the_card_of_a_blind_spot_puts_it_into_the_next_plan(visit):
    window = visit(DESK)
    page = window.log_in("dispatcher", "en")
    page.goto(f"{window.url}/dispatch/map?days=30")
    frame = window.map_frame("/dispatch/map/frame")
    page.locator("[data-fly-to^='gap:']").first.click()
    offer = frame.wait_for_selector(".card-offer", timeout=20_000)
    offer.click()
    frame.wait_for_selector(".card-offer:has-text('next plan')")
    page.goto(f"{window.url}/dispatch/plans/")
    assert "Blind spot" in page.locator(".wanted").inner_text()
    page.locator(".wanted button").first.click()
    page.wait_for_load_state("networkidle")
    assert page.locator(".wanted").count() == 0


def test_what_there_is_to_do_follows_each_choice(visit):
    window = visit(NARROW)
    page = window.log_in("dispatcher", "en")
    page.goto(f"{window.url}/dispatch/plans/new")
    page.wait_for_selector("#due .load")
    assert "Never visited" in page.locator("#due").inner_text()
    page.locator("input[name=include][value=overdue]").uncheck()
    page.wait_for_selector("#due:not(:has-text('Never visited'))")
    assert _fits(page)

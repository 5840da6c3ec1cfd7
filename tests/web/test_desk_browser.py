"""The import desk in Chromium: dropped files, a reload in the middle, the map, the keyboard alone; on a phone and a desk."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.browser import until
from tests.web.desk_kit import (
    CODES,
    NAMES,
    draft_of,
    gbk_shapefile,
    run_job_of,
    run_undo,
    stored_codes,
    zipped,
)
from tests.web.test_browser import DESK, PHONE, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Frame, Page

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

DROP = """
([zone, name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const dropped = new DataTransfer();
  dropped.items.add(new File([bytes], name));
  zone.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: dropped }));
}
"""


@pytest.fixture
def visit(browser, live_url: str) -> Iterator:
    opened: list[Visit] = []

    def open_at(viewport: dict) -> Visit:
        opened.append(Visit(browser, live_url, viewport))
        return opened[-1]

    yield open_at
    for one in opened:
        # Shapes of a view that is left before they came are broken off, as they should be.
        assert [
            fault for fault in one.faults if not (fault.startswith("failed:") and "/shapes" in fault)
        ] == []
        one.context.close()


def _drop(page: Page, name: str, content: bytes) -> None:
    zone = page.locator("[data-drop]").element_handle()
    page.evaluate(DROP, [zone, name, base64.b64encode(content).decode()])


def _map_of(page: Page) -> Frame:
    page.locator("iframe[data-diff]").scroll_into_view_if_needed()
    frame = page.locator("iframe[data-diff]").element_handle().content_frame()
    assert frame
    frame.wait_for_url("**/map")
    return frame


def _fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_dropped_shapefile_is_understood_checked_applied_and_undone(visit, web_settings, tmp_path):
    before = stored_codes(web_settings)
    page = visit(PHONE).log_in("gis", "zh_Hans_CN")
    page.locator("main a[href='/gis/import']").click()
    _drop(page, "罗湖社区.zip", zipped(gbk_shapefile(tmp_path)))
    assert page.locator("[data-chosen] li").count() == 1
    assert _fits(page)
    page.click("[data-drop] button[type=submit]")
    page.wait_for_selector(".job-box")
    draft_id = draft_of(page.url)
    run_job_of(web_settings, draft_id)
    page.wait_for_selector("#columns")  # by itself, once the job is over
    assert NAMES[0] in page.locator(".encoding:has(:checked)").inner_text()
    assert page.locator("select[name='column.name']").input_value() == "社区名称"
    assert _fits(page)

    page.select_option("[name=level]", "community")
    page.click("button[value=check]")
    page.wait_for_selector(".job-box")
    page.reload()
    assert page.locator(".job-box").count() == 1, "a reload loses nothing"
    run_job_of(web_settings, draft_id)
    page.wait_for_selector("#decide")
    assert _fits(page)

    frame = _map_of(page)
    frame.wait_for_selector(f"html[data-shapes='{len(CODES)}']", timeout=20_000)
    page.locator("[data-show='new:2']").click()
    card = frame.wait_for_selector(".leaflet-popup-content", timeout=20_000)
    assert NAMES[1] in card.inner_text()
    page.wait_for_selector("[data-show='new:2'][aria-current=true]")
    page.locator("input[name=side][value=before]").check()
    until(frame, "() => GeoMap.byKey.size === 0")
    page.locator("input[name=side][value=both]").check()
    until(frame, "count => GeoMap.byKey.size === count", len(CODES))

    page.click("form[action$='/apply'] button")
    page.wait_for_selector(".job-box")
    run_job_of(web_settings, draft_id)
    page.locator(".headline ~ p a.btn-primary").click()
    page.wait_for_url("**/gis/imports/*")
    assert stored_codes(web_settings) == sorted([*before, *CODES])
    page.once("dialog", lambda asked: asked.accept())
    page.click("form[action$='/undo'] button")
    page.wait_for_selector(".job-box")
    run_undo(web_settings, int(page.url.rsplit("/", 1)[1]))
    page.wait_for_selector("p.note-warn")
    assert page.locator("form[action$='/undo']").count() == 0
    assert stored_codes(web_settings) == before


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"the keyboard does not reach {selector}")


def test_the_keyboard_alone_brings_a_list_to_the_map(visit, web_settings):
    page = visit(DESK).log_in("gis", "en")
    page.goto(page.url.split("/gis")[0] + "/gis/import")
    _tab_to(page, "#text")
    page.keyboard.insert_text("code,name,lon,lat\nK1,东门市场,114.061,22.531\nK2,西门市场,114.063,22.532\n")
    _tab_to(page, "button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".job-box")
    draft_id = draft_of(page.url)
    run_job_of(web_settings, draft_id)
    page.wait_for_selector("#columns")
    _tab_to(page, "[name=category_value]")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "button[value=check]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".job-box")
    run_job_of(web_settings, draft_id)
    page.wait_for_selector("#decide")
    frame = _map_of(page)
    frame.wait_for_selector("html[data-shapes='2']", timeout=20_000)
    _tab_to(page, "[data-show='new:1']")
    page.keyboard.press("Enter")
    assert "东门市场" in frame.wait_for_selector(".leaflet-popup-content", timeout=20_000).inner_text()

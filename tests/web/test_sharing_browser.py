"""Shared maps and maps as files in Chromium: with nobody to ask, in a foreign frame, on paper."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from geoservice.services import accounts, sharing
from geoservice.services.sharing import MapKind, Wish
from geoservice.store.base import make_engine, transaction
from tests.browser import until
from tests.factories import MINE, OTHERS
from tests.web.conftest import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., tuple[Page, list, list]]]:
    """A window, and what it asks for and complains of."""
    contexts = []

    def open_at(width: int, height: int) -> tuple[Page, list, list]:
        context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        contexts.append(context)
        page, asked, faults = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: said.type in {"error", "warning"} and faults.append(said.text))
        return page, asked, faults

    yield open_at
    for context in contexts:
        context.close()


@pytest.fixture
def make_link(web_settings, city) -> Callable[[str], str]:
    def make(origins: str = "") -> str:
        with transaction(make_engine(web_settings.database_url)) as session:
            account = accounts.account_of(session, city.user_ids["leader"])
            wish = Wish(MapKind.LEADER, "某某", 7, {"days": 7}, "names", origins, city.leader_ids[0])
            return sharing.make_link(session, web_settings, wish, by=account, now=NOON)

    return make


@pytest.fixture
def foreign() -> Iterator[tuple[str, dict[str, str]]]:
    """A site of somebody else's: its origin, and the page it shows."""
    shown = {"page": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(shown["page"].encode())

        def log_message(self, *_args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", shown
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)])
def test_an_offline_file_opens_from_the_disk_and_asks_nobody(opened, as_user, tmp_path, size):
    file = tmp_path / "地图.html"
    file.write_bytes(as_user("leader").get("/sheets/map.html?days=7").data)
    page, asked, faults = opened(*size)
    page.context.set_offline(True)
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-map-ready=yes]")
    page.locator("main details", has_text=f"{MINE}01网格").first.locator("summary").click()
    page.get_by_role("button", name=f"{MINE}01网格").click()
    page.wait_for_selector(".leaflet-popup h3")
    assert page.locator(".leaflet-popup h3").text_content() == f"{MINE}01网格"
    assert page.locator("path.zone").count() == 16
    assert page.locator(".leaflet-control-layers-overlays input").count() >= 4
    assert re.search(r"[0-9a-f]{64}", page.locator("header").text_content())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [one.url for one in asked if not one.url.startswith("data:")] == [page.url]
    assert faults == []


@pytest.mark.parametrize(("size", "language"), [((390, 844), "zh"), ((1440, 900), "en")])
def test_a_stranger_opens_a_link_and_no_request_says_where_he_came_from(
    opened, live_url, make_link, size, language
):
    page, asked, faults = opened(*size)
    page.goto(f"{live_url}/shared/{make_link()}?lang={language}")
    frame = next(frame for frame in page.frames if "/map" in frame.url)
    frame.wait_for_selector("html[data-map-ready=yes]")
    page.locator("[data-fly-to^='gap:']").first.click()
    until(frame, "() => document.querySelector('.leaflet-popup h3') !== null")
    assert page.locator("header.bar").count() == 0
    assert OTHERS not in page.content() + frame.content()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert {one.url.split("/")[2] for one in asked if not one.url.startswith("data:")} == {
        live_url.split("/")[2]
    }
    assert not [one.url for one in asked if "/shared/" in one.headers.get("referer", "")]
    assert faults == []


def test_only_a_site_that_was_named_can_frame_a_map(opened, live_url, make_link, foreign):
    origin, shown = foreign
    named, unnamed = make_link(origin), make_link("https://another.example.cn")
    shown["page"] = (
        f'<iframe src="{live_url}/shared/{named}/map" sandbox="allow-scripts" width="600" height="500"></iframe>'
    )
    page, _, faults = opened(800, 600)
    page.goto(origin)
    frame = next(frame for frame in page.frames if frame.parent_frame)
    frame.wait_for_selector("html[data-map-ready=yes]")
    assert faults == []
    shown["page"] = shown["page"].replace(named, unnamed)
    page.goto(origin)
    assert any("frame-ancestors" in fault for fault in faults)
    assert not any("geoservice" in frame.content().lower() for frame in page.frames if frame.parent_frame)


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_a_sheet_prints_on_exactly_one_page_of_a4(opened, live_url, app, as_user, language):
    client = as_user("leader")
    page, _, faults = opened(1440, 900)
    cookie = client.get_cookie("geoservice")
    page.context.add_cookies(
        [
            {"name": "geoservice", "value": cookie.value, "url": live_url},
            {"name": "locale", "value": language, "url": live_url},
        ]
    )
    page.goto(f"{live_url}/sheets/leader?days=7")
    until(page, "() => document.querySelector('.a4-map').naturalWidth > 1000")
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) == 1
    (box,) = set(re.findall(rb"/MediaBox\s*\[([^\]]+)\]", paper))
    wide, high = (float(one) for one in box.split()[2:])
    assert (round(wide), round(high)) == (595, 842)
    assert page.evaluate(
        "() => { const sheet = document.querySelector('.a4-sheet'); return sheet.scrollHeight <= sheet.clientHeight + 1; }"
    )
    assert faults == []

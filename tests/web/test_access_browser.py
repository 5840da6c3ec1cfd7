"""Every page as axe-core reads it: nothing on it, in light or dark, keeps a person out who can't see, hear or point well."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.serving import make_server

from geoservice.app import create_app
from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from tests.factories import PASSWORD, make_city
from tests.way_kit import kept_round
from tests.web.conftest import NOON, log_in
from tests.web.full_city import fill
from tests.web.test_browser import DESK, PHONE
from tests.web.test_routes import GUARDED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from playwright.sync_api import Browser, Page

    from tests.factories import City

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

# Who goes where first: the pages of a desk are looked at on a desk, those of the street on a phone.
WALKS = (
    ("dispatcher", DESK),
    ("gis", DESK),
    ("admin", DESK),
    ("leader", PHONE),
    ("walker", PHONE),
    ("inspector", PHONE),
    ("handler", PHONE),
)
STRANGERS = ("/login", "/snapshot/", "/snapshot/answer", "/nowhere")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {
    "runOnly": LEVELS,
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    "preload": False,
    "iframes": False,
}
# Where a sign stands on a map is where its thing is: the size of targets has that exception.
ON_MAPS = {**RULES, "rules": {"target-size": {"enabled": False}}}
# A change of colours is a transition, however short: what is measured in the midst of it is neither light nor dark.
AT_ONCE = """{
    const still = new CSSStyleSheet();
    still.replaceSync("*, *::before, *::after { transition: none !important; }");
    document.adoptedStyleSheets.push(still);
}"""
COLOURS = {**RULES, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
# Colours come from tokens by class and element: where a page shows none that is new, the dark ones were looked at before.
KINDS_SHOWN = """[...new Set([...document.querySelectorAll("body, body *")].flatMap(
    (one) => [one.localName, ...one.classList]))]"""

# Each of these is looked at wherever a link leads to one: it has steps that look different.
MANY_STATES = {"desk.show_draft"}
# The same row of the table of routes, whoever walks.
ROLE_OF = {"walker": "member"}


@pytest.fixture(scope="module")
def full_city(new_database, redis_url, tmp_path_factory) -> Iterator[tuple[Flask, City, str]]:
    settings = Settings(
        database_url=new_database(),
        redis_url=redis_url,
        secret_key="a test key of more than thirty-two characters",
        var_dir=tmp_path_factory.mktemp("var"),
        login_rate="1000 per minute",
        citizen_reports=True,
        citizen_rate="1000 per minute",
    )
    with transaction(make_engine(settings.database_url)) as session:
        city = make_city(session, settings, NOON.date(), NOON)
    app = create_app(settings, clock=lambda: NOON)
    walks = kept_round(settings, NOON)
    next(walks)
    yield app, city, fill(app, settings, city)
    walks.close()


@pytest.fixture(scope="module")
def address(full_city) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, full_city[0], threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Walk:
    """Goes from link to link, to one page of each kind, and keeps what axe-core finds there."""

    def __init__(self, app: Flask, url: str) -> None:
        self.url = url
        self.routes = app.url_map.bind("localhost")
        self.known: set[str] = set()
        self.findings: list[str] = []
        self.shown: set[str] = set()

    def go(self, page: Page, path: str) -> None:
        waiting = deque([path])
        self.known.add(self._view_of(urlsplit(path).path) or path)
        while waiting:
            page.goto(f"{self.url}{waiting.popleft()}")
            self.examine(page)
            waiting.extend(self._new_links(page))

    def examine(self, page: Page) -> None:
        place = urlsplit(page.url).path
        for frame in page.frames:
            if frame is not page.main_frame:
                frame.wait_for_selector("html[data-map-ready=yes]")
            frame.evaluate(f"{AXE_SCRIPT};{AT_ONCE}")
            self._ask(frame, RULES if frame is page.main_frame else ON_MAPS, f"{place} light")
        kinds = {kind for frame in page.frames for kind in frame.evaluate(KINDS_SHOWN)}
        if kinds <= self.shown:
            return
        self.shown |= kinds
        page.emulate_media(color_scheme="dark")
        for frame in page.frames:
            self._ask(frame, COLOURS, f"{place} dark")
        page.emulate_media(color_scheme="light")

    # What Swagger UI draws from a description is its own. Labels of a map have a halo below their letters, which is taken for their colour.
    def _ask(self, frame, options: dict, place: str) -> None:
        found = frame.evaluate(
            """async (options) => (await axe.run({ exclude: ['.swagger-ui', '.zone-label', '.street-label'] }, options)).violations.flatMap(({ id, impact, nodes }) => nodes.map(
                (node) => [impact, id, node.target.join(" "), [...node.any, ...node.all][0]?.message ?? ""].join(" | ")))""",
            options,
        )
        self.findings += [f"{place}: {one}" for one in found]

    def _new_links(self, page: Page) -> Iterator[str]:
        links = page.evaluate(
            "[...document.querySelectorAll('a[href]:not([download])')].map((a) => a.getAttribute('href'))"
        )
        for link in links:
            parts = urlsplit(urljoin(page.url, link))
            name = self._view_of(parts.path) if f"{parts.scheme}://{parts.netloc}" == self.url else None
            if name in MANY_STATES:
                name = f"{name} {parts.path}"
            if name and name not in self.known and "." not in parts.path.rpartition("/")[2]:
                self.known.add(name)
                if ".show_" in name:
                    yield parts.path + (f"?{parts.query}" if parts.query else "")

    def _view_of(self, path: str) -> str | None:
        try:
            return str(self.routes.match(path, method="GET")[0])
        except RequestRedirect as moved:
            return self._view_of(urlsplit(moved.new_url).path)
        except HTTPException:
            return None


def _unlinked_pages(app: Flask, city: City, walk: Walk, login: str) -> Iterator[str]:
    """Pages of a role that no link of this city leads to, by the table of routes; what is asked for by scripts is none."""
    client = app.test_client()
    assert log_in(client, login).status_code == 302
    for endpoint, (method, template, _, allowed, status) in GUARDED.items():
        theirs = ROLE_OF.get(login, login) in allowed and (method, status) == ("GET", 200)
        if theirs and endpoint not in walk.known:
            # What is no page for one role is none for the next, and some of it is dear: sheets, exports.
            walk.known.add(endpoint)
            path = template.format(zone=city.street_ids[0], job=1, batch=city.batch_id, nobody=0)
            if b'<main id="content"' in client.get(path).data:
                yield path


def test_no_page_keeps_anybody_out(browser: Browser, full_city, address) -> None:
    app, city, shared = full_city
    walk = Walk(app, address)
    for login, viewport in WALKS:
        with browser.new_context(viewport=viewport, reduced_motion="reduce") as context:
            page = context.new_page()
            page.goto(f"{address}/login")
            page.fill("#login", login)
            page.fill("#password", PASSWORD)
            page.click("#login-form button[type=submit]")
            walk.go(page, urlsplit(page.url).path)
            for path in _unlinked_pages(app, city, walk, login):
                walk.go(page, path)
    with browser.new_context(viewport=PHONE, reduced_motion="reduce") as context:
        page = context.new_page()
        for path in (*STRANGERS, shared):
            page.goto(f"{address}{path}")
            walk.examine(page)
    assert not walk.findings, "\n".join(walk.findings)

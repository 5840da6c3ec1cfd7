"""A loopback server that shows a map as the product does: in a sandboxed frame, under its own policy."""

import mimetypes
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Frame, Page

from geoservice.maps.assets import MapDocument

STATIC = Path(__file__).resolve().parents[2] / "static"

PAGE_CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'"

PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/node_modules/bootstrap/dist/css/bootstrap.min.css">
<link rel="stylesheet" href="/static/css/app.css">
<script src="/static/js/theme.js"></script><script src="/static/js/map-bridge.js" defer></script></head>
<body><main class="p-2"><div class="map-split">
<iframe id="map" title="map" data-map-frame sandbox="allow-scripts" allow="fullscreen" src="/map"></iframe>
<ol class="map-list gap-list">{rows}</ol></div></main></body></html>"""

ROW = """<li><button type="button" data-fly-to="gap:{id}"><span class="rank">{rank}</span>
<span>福田网格</span><span class="soft">9,000 m²</span></button></li>"""


@dataclass
class Shown:
    """What the server gives out now, and what a page asked and said."""

    url: str = ""
    document: MapDocument = field(default_factory=lambda: MapDocument("", ""))
    rows: str = ""
    requests: list[tuple[str, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Three addresses: the page, the map, the static files."""

    shown: Shown

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/page":
            self.answer(
                PAGE.replace("{rows}", self.shown.rows).encode(), "text/html; charset=utf-8", PAGE_CSP
            )
        elif path == "/map":
            self.answer(
                self.shown.document.html.encode(), "text/html; charset=utf-8", self.shown.document.csp
            )
        elif path == "/favicon.ico":
            self.answer(b"", "image/x-icon")
        else:
            self.answer_file(STATIC / path.removeprefix("/static/"))

    def answer_file(self, file: Path) -> None:
        if not file.is_file():
            self.send_error(404)
            return
        self.answer(file.read_bytes(), mimetypes.guess_type(file.name)[0] or "application/octet-stream")

    def answer(self, body: bytes, kind: str, csp: str | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Length", str(len(body)))
        if csp:
            self.send_header("Content-Security-Policy", csp)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def shown() -> Iterator[Shown]:
    state = Shown()
    handler = type("ShownHandler", (Handler,), {"shown": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, shown: Shown) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened.on("response", lambda response: shown.requests.append((response.url, response.status)))
    opened.on("requestfailed", lambda request: shown.failures.append(request.url))
    opened.on(
        "console",
        lambda said: shown.complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    opened.on("pageerror", lambda error: shown.complaints.append(str(error)))
    yield opened
    opened.close()


def show(page: Page, shown: Shown, document: MapDocument, gap_ids: list[int] | None = None) -> Frame:
    """Open the page around `document` and wait until its map is drawn; gives the map's frame."""
    shown.document = document
    shown.rows = "".join(ROW.format(id=gap_id, rank=rank + 1) for rank, gap_id in enumerate(gap_ids or []))
    page.goto(f"{shown.url}/page")
    frame = page.frame(url=f"{shown.url}/map")
    assert frame is not None
    frame.wait_for_selector("html[data-map-ready=yes]", timeout=20_000)
    return frame

"""Maps under the base maps of a deployment: the application itself, with one more page, and servers of tiles beside it."""

from __future__ import annotations

import gzip
import io
import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write
from werkzeug.serving import make_server

from geoservice.app import create_app
from geoservice.config import Settings
from geoservice.maps.leader import leader_map
from geoservice.web.base_maps import attach_base_maps, page_with_map
from geoservice.web.map_text import base_map, map_answer, static_address
from tests.maps.samples import map_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask, Response

    from geoservice.maps.values import LeaderArea

PAGE = """<!doctype html><html lang="zh-CN"><title>page</title><link rel="icon" href="/static/img/icon.svg"><link rel="stylesheet" href="/static/css/app.css">
<script src="/static/js/theme.js"></script><script src="/static/js/map-bridge.js" defer></script>
<div class="map-split"><iframe id="map" data-map-frame sandbox="allow-scripts" src="/around/map"></iframe></div>"""


def png(color: str) -> bytes:
    """A tile of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (256, 256), color).save(out, "PNG")
    return out.getvalue()


@dataclass
class TileServer:
    """What it was asked, `zoom/column/row` each, and with which status it answers."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    status: int = 200


@contextmanager
def tile_server(color: str = "#7fbf7f") -> Iterator[TileServer]:
    """A server of tiles of one colour on a port of its own, which makes it an origin of its own."""
    state, tile = TileServer(), png(color)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path.strip("/"))
            body = tile if state.status == 200 else b""  # an image is shown whatever the status
            self.send_response(state.status)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    with _running(server):
        yield state


@dataclass
class Deployment:
    """The application, whose base maps a test sets up, with a page /around that shows a leader's map in a frame."""

    app: Flask
    redis_url: str
    url: str = ""

    def offer(self, **settings: Any) -> str:
        """Offer the base maps of these settings, as a start with them would; gives the address."""
        attach_base_maps(self.app, settings_of(self.redis_url, **settings))
        return self.url


def settings_of(redis_url: str, **settings: Any) -> Settings:
    """Settings of a deployment that asks no database: nobody logs in."""
    return Settings(secret_key="x9" * 20, redis_url=redis_url, **settings)


def make_deployment(area: LeaderArea, redis_url: str) -> Deployment:
    """The application without a base map."""
    app = create_app(settings_of(redis_url))

    def show_page() -> Response:
        return page_with_map(PAGE)

    def show_map() -> Response:
        return map_answer(leader_map(area, map_text(), base_map(), static_address()))

    app.add_url_rule("/around", view_func=show_page)
    app.add_url_rule("/around/map", view_func=show_map)
    return Deployment(app, redis_url)


@contextmanager
def served(made: Deployment) -> Iterator[Deployment]:
    """The same behind a real port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, made.app, threaded=True)
    with _running(server):
        made.url = f"http://127.0.0.1:{server.server_port}"
        yield made


@contextmanager
def _running(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def write_archive(
    path: Path, tiles: dict[tuple[int, int, int], bytes], kind: TileType, told: dict[str, Any] | None = None
) -> None:
    """A PMTiles file of tiles by zoom, column and row, written by the format's own library."""
    places = sorted(tiles, key=lambda place: zxy_to_tileid(*place))
    with write(str(path)) as archive:
        for place in places:
            archive.write_tile(zxy_to_tileid(*place), tiles[place])
        packed = Compression.GZIP if kind == TileType.MVT else Compression.NONE
        archive.finalize({"tile_type": kind, "tile_compression": packed}, told or {})


def water_tile(layer: str = "water") -> bytes:
    """A vector tile that is all water: one layer with one square, encoded by hand (Mapbox Vector Tile 2.1), gzipped."""

    def number(value: int) -> bytes:
        return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + number(value >> 7)

    def part(key: int, body: bytes) -> bytes:
        return number(key << 3 | 2) + number(len(body)) + body

    far, back = 4096 * 2, 4096 * 2 - 1  # zigzag
    square = (9, 0, 0, 26, far, 0, 0, far, back, 0, 15)
    feature = b"\x18\x03" + part(4, b"".join(map(number, square)))
    named = part(1, layer.encode()) + part(2, feature) + b"\x28" + number(4096) + b"\x78\x02"
    return gzip.compress(part(3, named))

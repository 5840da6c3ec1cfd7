"""What people ask in a minute of a city's morning, and how long each answer takes, counted from the instant it was due."""

from __future__ import annotations

import http.client
import math
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

PAGE, MAP, KEPT, NEW = "page", "leader's map", "tile, kept", "tile, not kept"
GOALS_MS = {PAGE: 300, MAP: 500, KEPT: 100, NEW: 400}
CITY_MAP = "city's map"
"""Measured beside them; it has no goal of its own."""

LINES = 32
PATIENCE_S = 120.0
PACKED = "gzip, br, zstd"
LOOKED_AT = (12, 13, 14, 15, 15, 16)
"""Zooms of tiles, as often as somebody who looks around sees them."""

PLACES = 40
"""Where the city is looked at: the tiles there were all asked for before, those of other days or filters never."""

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Asked:
    """One request: what it is, what it is like (an address without its numbers), who sends it, and where."""

    kind: str
    like: str
    who: str
    path: str


@dataclass
class Answers:
    """What came back, one entry a request."""

    asked: list[Asked] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    wall_s: float = 0.0

    def of(self, kind: str) -> list[float]:
        """Seconds of all requests of a kind, or like an address."""
        return [
            took for one, took in zip(self.asked, self.took_s, strict=True) if kind in {one.kind, one.like}
        ]


@dataclass(frozen=True)
class Ground:
    """What the addresses of a city are made of: some of its zones, tiles in its middle as (zoom, column, row), its last day."""

    zone_ids: Sequence[int]
    tiles: Sequence[tuple[int, int, int]]
    today: date


def looked_at(bounds: tuple[float, float, float, float], chance: random.Random) -> list[tuple[int, int, int]]:
    """Some tiles of a box (west, south, east, north), most of them in its middle, where most people look."""
    west, south, east, north = bounds
    found = []
    for _ in range(PLACES):
        lon, lat = (chance.triangular(low, high) for low, high in ((west, east), (south, north)))
        zoom = chance.choice(LOOKED_AT)
        row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom
        found.append((zoom, int((lon + 180) / 360 * 2**zoom), int(row)))
    return found


def mix_of(ground: Ground, chance: random.Random) -> Iterator[Asked]:
    """Endlessly: six in ten are pages, three tiles, one is a map; a page asked twice is rarely the same one."""
    number = iter(range(1, 10**9))
    pages: list[tuple[int, str, Callable[[], str]]] = [
        (8, "dispatcher", lambda: "/dispatch/today/"),
        (8, "dispatcher", lambda: "/dispatch/today/now"),
        (4, "dispatcher", lambda: "/dispatch/today/patrols"),
        (5, "dispatcher", lambda: f"/dispatch/?days={chance.choice((1, 7, 30))}"),
        (6, "dispatcher", lambda: f"/dispatch/zones/{chance.choice(ground.zone_ids)}"),
        (3, "dispatcher", lambda: "/dispatch/points"),
        (2, "dispatcher", lambda: "/dispatch/streets"),
        (2, "dispatcher", lambda: "/dispatch/map"),
        (4, "dispatcher", lambda: "/dispatch/live/now"),
        (3, "dispatcher", lambda: f"/find/?q={quote(chance.choice(('网格', 'wg', '100', '市场')))}"),
        (3, "dispatcher", lambda: "/cases/"),
        (2, "dispatcher", lambda: "/orders/"),
        (1, "dispatcher", lambda: "/dispatch/trends/"),
        (2, "gis", lambda: "/gis/imports"),
        (1, "gis", lambda: "/gis/edit/list"),
        (6, "leader", lambda: f"/leader/?days={chance.choice((1, 7, 7, 30))}"),
    ]  # fmt: skip
    maps = ("/dispatch/map/frame", "/dispatch/map/rates", "/dispatch/map/shapes/gaps")
    weights = [weight for weight, _, _ in pages]
    kept = kept_tiles(ground)
    while True:
        luck = chance.random()
        if luck < 0.60:
            _, who, address = chance.choices(pages, weights)[0]
            path = address()
            yield Asked(PAGE, re.sub(r"\d+", "…", path.partition("?")[0]), who, path)
        elif luck < 0.68:
            yield Asked(MAP, "/leader/map", "leader", f"/leader/map?days={chance.choice((1, 7, 7, 30))}")
        elif luck < 0.70:
            path = chance.choice(maps)
            yield Asked(CITY_MAP, path, "dispatcher", path)
        elif luck < 0.95:
            yield chance.choice(kept)
        else:
            yield _new_tile(ground, next(number), chance.choice(ground.tiles))


def kept_tiles(ground: Ground) -> list[Asked]:
    """Each tile that is asked for again and again: of the collection, and of the city's map its zones, streets and points."""
    found = []
    for zoom, column, row in ground.tiles:
        place = f"{zoom}/{column}/{row}"
        found += [
            Asked(KEPT, "tile of the collection", "dispatcher", f"/ogc/collections/zones/tiles/WebMercatorQuad/{zoom}/{row}/{column}"),
            Asked(KEPT, "zones of the map", "dispatcher", f"/dispatch/map/zones/grid/{ground.today}/{place}"),
            Asked(KEPT, "streets of the map", "dispatcher", f"/dispatch/map/streets/{place}"),
            Asked(KEPT, "points of the map", "dispatcher", f"/dispatch/map/points/{place}"),
        ]  # fmt: skip
    return found


def _new_tile(ground: Ground, number: int, tile: tuple[int, int, int]) -> Asked:
    """One that nobody asked for: under a filter that leaves nothing out, or of another day."""
    zoom, column, row = tile
    if number % 2:
        new = quote(f"zone_id > -{number}")
        path = f"/ogc/collections/zones/tiles/WebMercatorQuad/{zoom}/{row}/{column}?filter={new}"
        return Asked(NEW, "tile of the collection, filtered", "dispatcher", path)
    day = ground.today - timedelta(days=number)
    return Asked(NEW, "zones of another day", "dispatcher", f"/dispatch/map/zones/grid/{day}/{zoom}/{column}/{row}")  # fmt: skip


def log_in(port: int, login: str, password: str) -> str:
    """The cookie of somebody who is logged in."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    line.request("GET", "/login")
    page = line.getresponse()
    before, token = _cookie(page), _TOKEN.search(page.read().decode())
    assert token is not None
    form = urlencode({"login": login, "password": password, "csrf_token": token[1]})
    headers = {"Cookie": before, "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", "/login", form, headers)
    answer = line.getresponse()
    if answer.status != 302:
        raise SystemExit(f"{login} could not log in: {answer.status}")
    return _cookie(answer)


def _cookie(answer: http.client.HTTPResponse) -> str:
    found = SimpleCookie(answer.headers["Set-Cookie"])
    return "; ".join(f"{name}={one.value}" for name, one in found.items())


def send(port: int, cookies: Mapping[str, str], asked: Sequence[Asked], rate: float) -> Answers:
    """Send each request when it is due, `rate` a second, whether or not those before were answered."""
    answers, lock, waiting = Answers(), threading.Lock(), iter(enumerate(asked))
    began = time.perf_counter() + 0.2

    def line() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        while True:
            with lock:
                place, one = next(waiting, (0, None))
            if one is None:
                return
            due = began + place / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            fault, size = _ask(connection, one, cookies[one.who])
            with lock:
                answers.asked.append(one)
                answers.took_s.append(time.perf_counter() - due)
                answers.sizes.append(size)
                answers.faults += [fault] if fault else []

    threads = [threading.Thread(target=line) for _ in range(LINES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.wall_s = time.perf_counter() - began
    return answers


def _ask(connection: http.client.HTTPConnection, one: Asked, cookie: str) -> tuple[str, int]:
    """What went wrong, if anything, and how many bytes came."""
    headers = {"Cookie": cookie, "Accept-Encoding": PACKED, "Sec-Fetch-Site": "same-origin"}
    for _ in range(2):
        try:
            connection.request("GET", one.path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        except (http.client.HTTPException, ConnectionError):
            connection.close()  # a line kept open was closed by the server while nobody spoke: asked again on a new one
            continue
        fault = "" if answer.status in {200, 204} else f"{answer.status} {one.path}"
        return fault, len(body)
    return f"no answer {one.path}", 0

"""Seconds of processor that each address of the mix takes: of Python in this process, and of PostgreSQL, by itself and again."""

from __future__ import annotations

import random
import re
import time
from typing import TYPE_CHECKING

from geoservice.app import create_app
from geoservice.store.base import make_engine
from geoservice.store.kept import ANSWERS
from scripts.bench.pages_load import PACKED, mix_of
from scripts.bench.processor import Processor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.testing import FlaskClient

    from geoservice.config import Settings
    from scripts.bench.pages_load import Asked, Ground

SEED, ROUNDS, TILES, DRAWN = 20261122, 5, 8, 1500


def show_processor(settings: Settings, logins: Mapping[str, str], password: str, ground: Ground) -> None:
    """Print milliseconds of processor of each kind of address, first and again, the dearest first, and what the mix costs."""
    app = create_app(settings)
    clients = {who: _client(app.test_client(), login, password) for who, login in logins.items()}
    drawn = [one for one, _ in zip(mix_of(ground, random.Random(SEED)), range(DRAWN), strict=False)]
    share = {like: sum(one.like == like for one in drawn) / DRAWN for like in {one.like for one in drawn}}
    found = {
        like: _measured(settings, clients, [one for one in drawn if one.like == like][: ROUNDS + 1])
        for like in share
    }
    print(f"  {'ms of processor':<40}{'first':>9}{'again':>9}{'Python':>9}{'server':>9}{'of mix':>8}")
    for like in sorted(found, key=lambda like: -found[like][1]):
        first, again, server = found[like]
        print(
            f"  {like:<40}{first:>9.0f}{again:>9.1f}{again - server:>9.1f}{server:>9.1f}{share[like]:>8.1%}"
        )
    whole = sum(share[like] * again for like, (_, again, _) in found.items())
    print(f"  {'an average request':<40}{'':>9}{whole:>9.1f}")
    print(f"  kept answers: {ANSWERS.asked} asked, {ANSWERS.made} made, {ANSWERS.bytes / 1e6:.1f} MB")
    make_engine(settings.database_url).dispose()


def _measured(
    settings: Settings, clients: Mapping[str, FlaskClient], asked: list[Asked]
) -> tuple[float, float, float]:
    """Milliseconds of the first, of one that comes again, and how many of those are the server's."""

    def run(some: list[Asked]) -> tuple[float, float]:
        processor, began = Processor(settings.database_url), time.process_time()
        for one in some:
            _ask(clients[one.who], one)
        mine = time.process_time() - began
        return mine, processor.used()["server_cpu"]

    first = sum(run(asked[:1]))
    mine, server = run(asked[1:] or asked)
    count = len(asked[1:] or asked)
    return 1000 * first, 1000 * (mine + server) / count, 1000 * server / count


def _ask(client: FlaskClient, one: Asked) -> None:
    answer = client.get(one.path, headers={"Accept-Encoding": PACKED, "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code in {200, 204}, f"{answer.status_code} {one.path}"


def _client(client: FlaskClient, login: str, password: str) -> FlaskClient:
    page = client.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"login": login, "password": password, "csrf_token": token[1]}
    assert client.post("/login", data=form).status_code == 302
    return client

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

SEED, ROUNDS, DRAWN, MANY = 20261122, 5, 1500, 20


def show_processor(
    settings: Settings, logins: Mapping[str, str], password: str, ground: Ground, rounds: int = ROUNDS
) -> None:
    """Print milliseconds of processor of each kind of address, first and again, the most asked first, and what the mix costs."""
    app = create_app(settings)
    clients = {who: _client(app.test_client(), login, password) for who, login in logins.items()}
    drawn = [one for one, _ in zip(mix_of(ground, random.Random(SEED)), range(DRAWN), strict=False)]
    share = {like: sum(one.like == like for one in drawn) / DRAWN for like in {one.like for one in drawn}}
    print(f"  {'ms of processor':<40}{'first':>9}{'again':>9}{'Python':>9}{'server':>9}{'of mix':>8}")
    whole = 0.0
    for like in sorted(share, key=share.__getitem__, reverse=True):
        paths = {one.path: one for one in drawn if one.like == like}
        asked = list(paths.values())[:rounds]
        first, _ = _measured(settings, clients, asked)
        again, server = _measured(settings, clients, asked)
        # Of many addresses each is asked rarely: it is as dear each time as the first.
        whole += share[like] * (again if len(paths) < MANY else first)
        print(
            f"  {like:<40}{first:>9.1f}{again:>9.1f}{again - server:>9.1f}{server:>9.1f}{share[like]:>8.1%}",
            flush=True,
        )
    print(f"  {'an average request':<40}{'':>9}{whole:>9.1f}")
    print(f"  kept answers: {ANSWERS.asked} asked, {ANSWERS.made} made, {ANSWERS.bytes / 1e6:.1f} MB")
    make_engine(settings.database_url).dispose()


def _measured(
    settings: Settings, clients: Mapping[str, FlaskClient], asked: list[Asked]
) -> tuple[float, float]:
    """Milliseconds of processor of one of these on average, and how many of them are the server's."""
    processor, began = Processor(settings.database_url), time.process_time()
    for one in asked:
        _ask(clients[one.who], one)
    mine = time.process_time() - began
    server = processor.used()["server_cpu"]
    return 1000 * (mine + server) / len(asked), 1000 * server / len(asked)


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

"""A small city in a database of its own, the application on it, and a browser of each role."""

from __future__ import annotations

import logging
import re
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from geoservice.app import create_app
from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from tests.factories import PASSWORD, City, make_city

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient

NOON = datetime(2026, 3, 18, 4, 0, tzinfo=UTC)  # noon in Shanghai


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="session")
def web_settings(new_database, redis_url: str, tmp_path_factory) -> Settings:
    return Settings(
        database_url=new_database(),
        redis_url=redis_url,
        secret_key="a test key of more than thirty-two characters",
        var_dir=tmp_path_factory.mktemp("var"),
        login_rate="1000 per minute",
    )


@pytest.fixture(scope="session")
def city(web_settings: Settings) -> City:
    with transaction(make_engine(web_settings.database_url)) as session:
        return make_city(session, web_settings, NOON.date(), NOON)


@pytest.fixture(scope="session")
def the_clock() -> Clock:
    return Clock()


@pytest.fixture
def clock(the_clock: Clock) -> Iterator[Clock]:
    """The clock of the applications below, at noon again for each test."""
    the_clock.now = NOON
    yield the_clock
    the_clock.now = NOON


@pytest.fixture(scope="module")
def the_app(web_settings: Settings, city: City, the_clock: Clock) -> Flask:
    """Made once a module, which may have a city of its own: that takes longer than most tests."""
    return create_app(web_settings, clock=the_clock, TESTING=True, PROPAGATE_EXCEPTIONS=False)


@pytest.fixture
def app(the_app: Flask, clock: Clock) -> Flask:
    return the_app


@pytest.fixture(scope="module")
def the_live_app(web_settings: Settings, city: City, the_clock: Clock) -> Flask:
    return create_app(web_settings, clock=the_clock)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def csrf(client: FlaskClient, page: str = "/login") -> str:
    """The token of a form on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found, f"no form on {page}"
    return found[1]


def log_in(client: FlaskClient, login: str, password: str = PASSWORD):
    return client.post("/login", data={"login": login, "password": password, "csrf_token": csrf(client)})


@pytest.fixture
def as_user(app: Flask) -> Callable[[str], FlaskClient]:
    """A client that is logged in."""

    def make(login: str) -> FlaskClient:
        client = app.test_client()
        assert log_in(client, login).status_code == 302
        return client

    return make


@pytest.fixture
def live_url(the_live_app: Flask, clock: Clock) -> Iterator[str]:
    """The application behind a real port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, the_live_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()

"""A small city in a database of its own, and programs that log in with tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from geoservice.app import create_app
from geoservice.config import Settings
from geoservice.domain.roles import Role
from geoservice.services import accounts, tokens
from geoservice.store.base import make_engine, transaction
from tests.factories import City, add_user, make_city
from tests.web.conftest import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

ROOT = "/api/v1"


@dataclass(frozen=True)
class Program:
    """Something that asks with a bearer token."""

    app: Flask
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}", **told}
        more = {} if body is None else {"json": body}
        return self.app.test_client().open(ROOT + path, method=method, headers=sent, **more)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.ask("POST", path, body, **headers)


@dataclass(frozen=True)
class Place:
    """A deployment of its own with a city in it."""

    settings: Settings
    city: City
    app: Flask
    known: dict[str, Program] = field(default_factory=dict)

    def program(self, login: str) -> Program:
        if login not in self.known:
            self.known[login] = Program(self.app, self._token(login))
        return self.known[login]

    def _token(self, login: str) -> str:
        with transaction(make_engine(self.settings.database_url)) as session:
            account = accounts.account_of(session, self.city.user_ids[login])
            assert account is not None
            token, _ = tokens.make_token(session, account, "test", now=NOON, days=30)
        return token


@pytest.fixture(scope="session")
def new_place(new_database, redis_url: str, tmp_path_factory) -> Callable[..., Place]:
    """A maker of deployments."""

    def make(**more: Any) -> Place:
        settings = Settings(
            database_url=new_database(),
            redis_url=redis_url,
            secret_key="a test key of more than thirty-two characters",
            var_dir=tmp_path_factory.mktemp("var"),
            **{"login_rate": "100000 per minute", **more},
        )
        with transaction(make_engine(settings.database_url)) as session:
            city = make_city(session, settings, NOON.date(), NOON)
            city.user_ids["part-gis"] = add_user(
                session, "part-gis", Role.GIS, scope_zone_id=city.street_ids[1]
            )
        app = create_app(settings, clock=lambda: NOON, TESTING=True, PROPAGATE_EXCEPTIONS=False)
        return Place(settings, city, app)

    return make


@pytest.fixture(scope="session")
def place(new_place) -> Place:
    """The deployment that most tests share."""
    return new_place()


@pytest.fixture
def gis(place: Place) -> Program:
    return place.program("gis")

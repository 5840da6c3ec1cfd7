"""Real PostGIS, real Redis: one migrated database a test run, each test inside a transaction that is rolled back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session

from geoservice.config import Settings
from geoservice.services import passwords
from geoservice.store.base import make_engine
from geoservice.store.scope import EVERYTHING
from tests.databases import Databases, drop_template, name_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

# No test is about time, and a check that is green here is green there. HYPOTHESIS_PROFILE=explore looks at new examples.
hypothesis_settings.register_profile(
    "same", max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# A quarter of a second of a core for each of some thousand logins; what users get is looked at in test_accounts.
passwords.hasher = PasswordHasher.from_parameters(CHEAPEST)

pytest_plugins = ["tests.browser"]


# Whole files go to processes in this order; those that wait for workers, servers and browsers must not be left to the end.
WAITING = (
    "test_access_browser",
    "test_demo",
    "test_running",
    "test_paths_browser",
    "test_setup",
    "tests/jobs/",
    "browser",
    "test_ogc",
    "web/api/",
    "real_data",
    "test_undoing",
    "test_sighting",
)


def pytest_configure() -> None:
    """Name what all processes of a run copy, before the first of them starts the others."""
    name_template()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop it once all are through, on a server that stays."""
    server = os.environ.get("TEST_DATABASE_URL")
    if server and not hasattr(config, "workerinput") and not os.environ.get("TEST_DATABASES_STAY"):
        drop_template(server)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long first."""
    items.sort(
        key=lambda item: next((at for at, word in enumerate(WAITING) if word in item.nodeid), len(WAITING))
    )


def _need(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.exit(
            f"{name} is not set: run ./scripts/test, which starts a throw-away PostgreSQL and Redis", 2
        )
    return value


@pytest.fixture(scope="session")
def new_database() -> Iterator[object]:
    """A maker of empty, migrated databases (`tests.databases`); dropped at the end on a server that stays."""
    databases = Databases(_need("TEST_DATABASE_URL"))
    yield databases.make
    if not os.environ.get("TEST_DATABASES_STAY"):
        databases.drop(databases.made)
    databases.close()


@pytest.fixture(scope="session")
def database_url(new_database) -> str:
    """The test run's shared database."""
    return new_database()


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session that sees everything; whatever the test does is rolled back, even what it 'commits'."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", info={"scope": EVERYTHING}
        ) as session:
            yield session
        outer.rollback()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis database of this process's own, since tests may run in several."""
    server = _need("TEST_REDIS_URL").partition("?")[0]
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"{server}?db={worker + 1}"


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path) -> Settings:
    """Settings of a test deployment."""
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        secret_key="a test key of more than thirty-two characters",
        var_dir=tmp_path,
    )

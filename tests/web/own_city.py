"""The small city in a database of the module's own, for tests that count what there is; import both names."""

from __future__ import annotations

import pytest

from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from tests.factories import City, make_city
from tests.web.conftest import NOON


@pytest.fixture(scope="module")
def web_settings(new_database, redis_url, tmp_path_factory) -> Settings:
    return Settings(
        database_url=new_database(),
        redis_url=redis_url,
        secret_key="a test key of more than thirty-two characters",
        var_dir=tmp_path_factory.mktemp("var"),
        login_rate="1000 per minute",
    )


@pytest.fixture(scope="module")
def city(web_settings) -> City:
    with transaction(make_engine(web_settings.database_url)) as session:
        return make_city(session, web_settings, NOON.date(), NOON)

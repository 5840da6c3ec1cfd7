"""A city of its own for tests that change it, and two editors."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import pytest

from geoservice.domain.roles import Role
from geoservice.store.base import make_engine, transaction
from tests.factories import City, add_user, make_city
from tests.web import own_city
from tests.web.conftest import NOON, csrf

web_settings = own_city.web_settings


@pytest.fixture(scope="module")
def city(web_settings) -> City:
    with transaction(make_engine(web_settings.database_url)) as session:
        made = make_city(session, web_settings, NOON.date(), NOON)
        add_user(session, "second", Role.GIS)
        add_user(session, "partial", Role.GIS, scope_zone_id=made.street_ids[0])
        return made


def zones_of(client, level: str = "grid") -> dict[str, dict[str, Any]]:
    """Code → feature of the zones of a level."""
    found = client.get(f"/gis/edit/zones.geojson?level={level}&bbox=114,22,115,23").json
    return {each["properties"]["code"]: each for each in found["features"]}


def save(client, *changes: Any):
    return send(client, json.dumps({"changes": changes}))


def send(client, body: str, address: str = "/gis/edit/changes"):
    headers = {"X-CSRFToken": _token_of(client), "Accept": "application/json"}
    return client.post(address, data=body, content_type="application/json", headers=headers)


@lru_cache(maxsize=8)
def _token_of(client) -> str:
    """A session's token, asked for once."""
    return csrf(client, "/account/password")


def moved(feature: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A change of a zone as the page sends it."""
    return {
        "op": "change_zone", "id": feature["id"], "row_version": feature["properties"]["row_version"], **fields,
    }  # fmt: skip

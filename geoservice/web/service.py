"""What machines ask: is it well?"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify
from redis import RedisError

from geoservice.errors import GeoServiceError
from geoservice.store.areas import is_database_well
from geoservice.web.deployment import deployment, open_transaction

service = Blueprint("service", __name__)


def health() -> dict[str, bool]:
    """Ask every server we stand on."""
    return {"database": _database_is_well(), "redis": _redis_is_well()}


@service.get("/health")
def show_health() -> Any:
    """200 while everything answers, else 503; for load balancers and the set-up scripts."""
    found = health()
    well = all(found.values())
    return jsonify(
        status="ok" if well else "unavailable",
        **{name: "ok" if ok else "unavailable" for name, ok in found.items()},
    ), (200 if well else 503)


def _database_is_well() -> bool:
    try:
        with open_transaction() as session:
            return is_database_well(session)
    except GeoServiceError:
        return False


def _redis_is_well() -> bool:
    try:
        return bool(deployment().redis.ping())
    except RedisError:
        return False

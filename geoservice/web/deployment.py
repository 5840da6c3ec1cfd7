"""What one application stands on: its settings, its clock, its Redis and its database."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from flask import current_app

from geoservice.domain.windows import local_day
from geoservice.jobs.queue import connect
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from flask import Flask
    from redis import Redis
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

EXTENSION = "geoservice"


@dataclass(frozen=True)
class Deployment:
    """Held by the application, one each."""

    settings: Settings
    clock: Callable[[], datetime]
    redis: Redis


def system_clock() -> datetime:
    """Return the instant it is."""
    return datetime.now(UTC)


def attach(app: Flask, settings: Settings, clock: Callable[[], datetime]) -> None:
    """Give the application its deployment."""
    app.extensions[EXTENSION] = Deployment(settings, clock, connect(settings.redis_url))


def deployment() -> Deployment:
    """Return the deployment of the application that answers now."""
    return cast("Deployment", current_app.extensions[EXTENSION])


def current_settings() -> Settings:
    """Return the settings of the application that answers now."""
    return deployment().settings


def current_time() -> datetime:
    """Return the instant it is for this application."""
    return deployment().clock()


def today() -> date:
    """Return the day it is where the city lies."""
    return local_day(current_time(), current_settings().zone_info)


@contextmanager
def open_transaction(scope: Scope = EVERYTHING) -> Iterator[Session]:
    """Open a transaction on the deployment's database that sees `scope`."""
    with transaction(make_engine(current_settings().database_url), scope) as session:
        yield session

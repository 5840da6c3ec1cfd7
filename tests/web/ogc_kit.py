"""Programs that come to the OGC API: their app passwords, and GDAL with one."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyogrio
from werkzeug.serving import make_server

from geoservice.services import accounts, tokens
from geoservice.store.base import make_engine, transaction
from geoservice.store.people import user_by_login

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from geoservice.config import Settings


def app_password(settings: Settings, login: str) -> str:
    """Make an app password for somebody."""
    with transaction(make_engine(settings.database_url)) as session:
        account = accounts.account_of(session, user_by_login(session, login).id)
        return tokens.make_token(session, account, "test", now=datetime.now(UTC))[0]


@contextmanager
def gdal_as(login: str, password: str) -> Iterator[None]:
    """Let GDAL log in over Basic."""
    pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": f"{login}:{password}"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": None})


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """An application behind a real port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Programs that come to the OGC API: their app passwords, and GDAL with one."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

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


# pyogrio keeps Python's lock while GDAL waits for an answer; a server in the same process could never give one.
READING = """
import json, pickle, sys
import pyogrio
url, layer, options = json.loads(sys.argv[1])
if layer is None:
    found = [name for name, _ in pyogrio.list_layers(url)]
else:
    if "bbox" in options:
        options["bbox"] = tuple(options["bbox"])
    meta, _, wkb, fields = pyogrio.raw.read(url, layer=layer, **options)
    found = (dict(zip(meta["fields"], fields, strict=True)), list(wkb), meta["crs"])
sys.stdout.buffer.write(pickle.dumps(found))
"""


class GdalFailed(Exception):
    """What GDAL said when it could not read."""


def gdal(login: str, password: str, url: str, layer: str | None = None, **options: Any) -> Any:
    """What GDAL's driver for OGC API – Features finds in a process of its own: its layers, or (fields, WKB, CRS) of one."""
    done = subprocess.run(
        [sys.executable, "-c", READING, json.dumps([f"OAPIF:{url}/ogc", layer, options])],
        env={**os.environ, "GDAL_HTTP_USERPWD": f"{login}:{password}"},
        capture_output=True,
    )
    if done.returncode:
        raise GdalFailed(done.stderr.decode()[-500:])
    return pickle.loads(done.stdout)


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

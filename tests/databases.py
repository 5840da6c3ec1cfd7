"""Databases for tests: one is migrated a run, by whichever of its processes needs it first; all others are copies of it."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from geoservice.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterable

APP_ROLE = "geoservice_app"
_TEMPLATE = "TEST_TEMPLATE"  # the variable that tells every process of a run what the migrated one is called


def new_name() -> str:
    return f"test_{uuid.uuid4().hex[:12]}"


def name_template() -> None:
    """Name the database that the run's processes copy: in the first of them, before it starts the others."""
    os.environ.setdefault(_TEMPLATE, new_name())


def drop_template(server: str) -> None:
    """Drop it, where there is one and its server can be reached."""
    databases = Databases(server)
    with suppress(OperationalError):
        databases.drop([os.environ[_TEMPLATE], _half(os.environ[_TEMPLATE])])
    databases.close()


class Databases:
    """Makes databases on a server, owned by a role that row-level security binds."""

    def __init__(self, server: str) -> None:
        self._url = make_url(server)
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self.made: list[str] = []

    def make(self) -> str:
        """Return the URL of an empty, migrated database."""
        name = new_name()
        self._create(name, template=self._migrated())
        self.made.append(name)
        return self._url_of(name)

    def drop(self, names: Iterable[str]) -> None:
        for name in names:
            self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        self._admin.dispose()

    def _migrated(self) -> str:
        name = os.environ[_TEMPLATE]
        with self._admin.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": name})
            known = text("SELECT EXISTS (SELECT FROM pg_database WHERE datname = :name)")
            if not connection.scalar(known, {"name": name}):
                self._migrate(name)
            connection.execute(text("SELECT pg_advisory_unlock_all()"))
        return name

    def _migrate(self, name: str) -> None:
        """Make the template under another name, so that where its own is, it is whole."""
        half = _half(name)
        self._run(
            f"DO $$ BEGIN CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'app'; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        self._create(half, template="template0")
        inside = create_engine(self._url.set(database=half), isolation_level="AUTOCOMMIT")
        with inside.connect() as connection:
            connection.execute(text("CREATE EXTENSION postgis"))
            connection.execute(text("CREATE EXTENSION btree_gist"))
            connection.execute(text("ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF"))
        inside.dispose()
        upgrade(self._url_of(half))
        self._run(f"ALTER DATABASE {half} RENAME TO {name}")

    def _create(self, name: str, *, template: str) -> None:
        self._run(f"CREATE DATABASE {name} OWNER {APP_ROLE} ENCODING 'UTF8' TEMPLATE {template}")

    def _url_of(self, name: str) -> str:
        url = self._url.set(database=name, username=APP_ROLE, password="app")
        return url.render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))


def _half(name: str) -> str:
    return f"{name}_half"

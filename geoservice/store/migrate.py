"""Alembic, driven from code."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from geoservice.errors import ServiceUnavailable

EXTENSIONS = ("postgis", "btree_gist")


def upgrade(database_url: str, revision: str = "head") -> None:
    """Make the extensions where they are missing, then migrate up."""
    _make_extensions(database_url)
    command.upgrade(_config(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Migrate down to `revision`, or to `base`."""
    command.downgrade(_config(database_url), revision)


def _make_extensions(database_url: str) -> None:
    engine = create_engine(database_url)
    try:
        with engine.begin() as connection:
            for extension in EXTENSIONS:
                connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
    except ProgrammingError as error:
        raise ServiceUnavailable("extensions_missing", extensions=", ".join(EXTENSIONS)) from error
    except OperationalError as error:
        raise ServiceUnavailable("database_unavailable") from error
    finally:
        engine.dispose()


def _config(database_url: str) -> Config:
    config = Config(toml_file=Path(__file__).resolve().parents[2] / "pyproject.toml")
    config.attributes["database_url"] = database_url
    return config

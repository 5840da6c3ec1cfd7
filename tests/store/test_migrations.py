"""The schema goes up, down and up again, also with rows in it."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from geoservice.store.migrate import _config, downgrade, upgrade


def test_the_models_and_the_migrations_describe_the_same_tables(new_database):
    command.check(_config(new_database()))


def test_the_audit_trail_can_only_grow(new_database):
    engine = create_engine(new_database())
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO audit_entry (action) VALUES ('first'), ('second')"))
        links = connection.execute(text("SELECT previous_hash, hash FROM audit_entry ORDER BY id")).all()
    assert links[1].previous_hash == links[0].hash
    for attack in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(attack))
    engine.dispose()


def test_down_and_up_again_on_an_empty_database(new_database):
    url = new_database()
    downgrade(url, "base")
    upgrade(url)
    command.check(_config(url))

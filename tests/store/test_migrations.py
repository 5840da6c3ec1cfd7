"""The schema goes up, down and up again, also with rows in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import shapely
from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from geoservice.store.migrate import _config, downgrade, upgrade
from geoservice.store.scope import Scope
from tests.services.ground_kit import (
    add_point,
    add_street,
    add_zone,
    bits,
    cover,
    facts,
    fixes,
    fresh,
    receive,
    stored,
)


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


def test_a_populated_database_goes_down_and_up_and_keeps_what_the_older_schema_can_hold(new_database):
    url = new_database()
    engine = make_engine(url)
    settings = Settings(database_url=url, demo_mode=True)
    with transaction(engine) as session:
        add_zone(session, settings, "Z", shapely.box(0, 0, 300, 300))
        morning = datetime(2026, 6, 1, 1, tzinfo=UTC)
        receive(session, settings, fixes("a", morning, [0, 100, 200], [(0, 0), (100, 80), (250, 250)]))
        cover(session, settings)
        before = bits(session)
        assert any(period == 0 for _, period, _, _ in before)
    engine.dispose()
    downgrade(url, "0002")
    upgrade(url)
    with transaction(engine) as session:
        assert bits(session) == before
    engine.dispose()
    downgrade(url, "base")
    upgrade(url)
    command.check(_config(url))


def test_without_the_tables_for_facts_the_bits_stay_and_with_them_the_facts_come_back(new_database):
    url = new_database()
    engine = make_engine(url)
    settings = Settings(database_url=url, demo_mode=True)
    with transaction(engine) as session:
        add_zone(session, settings, "Z", shapely.box(0, 0, 300, 300))
        add_zone(session, settings, "T", shapely.box(100, 20, 103, 23), level="community")
        add_street(session, settings, "S", [(0, 0), (300, 0)])
        add_point(session, settings, "P", (150, 10))
        morning = datetime(2026, 6, 1, 1, tzinfo=UTC)
        walk = [(x, 0) for x in range(0, 300, 10)]
        receive(session, settings, fixes("a", morning, range(0, 300, 10), walk))
        cover(session, settings)
        before_bits, before_facts = stored(session)
        assert all(before_facts.values())
    engine.dispose()
    downgrade(url, "0004")
    upgrade(url)
    with transaction(engine) as session:
        assert bits(session) == before_bits
        gone = facts(session)
        assert gone["street"] == gone["visit"] == gone["tiny"] == []
        done = cover(session, settings)
        assert (done.devices, done.tiles, done.rebuilt) == (1, 0, 0)
        assert stored(session) == (before_bits, before_facts) == fresh(session, settings)
    engine.dispose()


def test_shared_maps_go_with_their_table_and_are_their_makers_where_they_are(new_database):
    url = new_database()
    engine = make_engine(url)
    add = text(
        "INSERT INTO shared_map (secret_sha256, kind, name, shown, people, made_by, made_at, ends_at)"
        " VALUES (sha256(:secret), 'city', 'x', '{}', 'none', :by, now(), now() + interval '1 day')"
    )
    user = text(
        "INSERT INTO app_user (login, name, password_hash, role) VALUES (:login, 'x', 'x', 'gis') RETURNING id"
    )
    with transaction(engine) as session:
        one, two = (session.scalar(user, {"login": login}) for login in ("one", "two"))
        session.execute(add, {"secret": b"1", "by": one})
    with transaction(engine, Scope(account_id=two)) as session:
        session.execute(add, {"secret": b"2", "by": two})
        assert session.scalars(text("SELECT made_by FROM shared_map")).all() == [two]
    with pytest.raises(DBAPIError, match="row-level security"), transaction(engine, Scope(account_id=two)) as session:  # fmt: skip
        session.execute(add, {"secret": b"3", "by": one})
    engine.dispose()
    downgrade(url, "0012")
    upgrade(url)
    command.check(_config(url))
    with transaction(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM app_user")) == 2
        assert session.scalar(text("SELECT count(*) FROM shared_map")) == 0
        session.execute(add, {"secret": b"1", "by": one})
    engine.dispose()

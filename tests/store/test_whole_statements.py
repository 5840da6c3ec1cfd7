"""What is checked once a statement holds as a foreign key and an exclusion constraint would: nothing slips through."""

from __future__ import annotations

import threading

import pytest
import shapely
from psycopg2 import errors
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from geoservice.store.base import make_engine, transaction
from geoservice.store.checked_geometry import geometry_checked
from tests.services.ground_kit import add_point, add_zone

SQUARE = "ST_Multi(ST_MakeEnvelope(114, 22.5, 114.01, 22.51, 4326))"
VERSION = f"INSERT INTO zone_version (zone_id, name, path, geom, valid_from, valid_to) SELECT id, 'x', ARRAY[id], {SQUARE}, :since, :until FROM zone WHERE code = 'Z'"


def refused(session, statement: str, kind: type[Exception], **values) -> None:
    with pytest.raises(IntegrityError) as caught, session.begin_nested():
        session.execute(text(statement), values)
    assert isinstance(caught.value.orig, kind)


@pytest.fixture
def ground(session, settings):
    add_zone(session, settings, "Z", shapely.box(0, 0, 300, 300))
    add_point(session, settings, "P", (100, 100))
    return session


def test_a_point_names_a_category_and_a_zone_that_exist(ground):
    refused(ground, "UPDATE point SET category = 'nothing of the kind'", errors.ForeignKeyViolation)
    refused(ground, "UPDATE point SET zone_id = -1", errors.ForeignKeyViolation)
    insert = "INSERT INTO point (code, category, name, geom) SELECT code || g, :category, name, geom FROM point, generate_series(1, 3) AS g"
    refused(ground, insert, errors.ForeignKeyViolation, category="nothing of the kind")
    ground.execute(text(insert), {"category": "park"})


def test_a_category_in_use_stays_and_one_that_is_not_may_go(ground):
    category = ground.scalar(text("SELECT category FROM point"))
    refused(
        ground, "DELETE FROM point_category WHERE code = :code", errors.ForeignKeyViolation, code=category
    )
    refused(
        ground, "UPDATE point_category SET code = 'other name' WHERE code = :code", errors.ForeignKeyViolation, code=category
    )  # fmt: skip
    ground.execute(
        text("INSERT INTO point_category (code, name_zh, name_en) VALUES ('mine', '我的', 'Mine')")
    )
    ground.execute(text("UPDATE point_category SET name_en = 'Ours'"))
    ground.execute(text("DELETE FROM point_category WHERE code = 'mine'"))


def test_a_point_forgets_a_zone_that_goes(ground):
    ground.execute(text("UPDATE point SET zone_id = (SELECT id FROM zone WHERE code = 'Z')"))
    ground.execute(text("DELETE FROM zone WHERE code = 'Z'"))
    assert ground.scalar(text("SELECT count(*) FROM point WHERE zone_id IS NULL")) == 1


def test_versions_of_a_zone_never_hold_on_the_same_day(ground):
    refused(ground, VERSION, errors.ExclusionViolation, since="2026-01-01", until=None)
    ground.execute(text("UPDATE zone_version SET valid_to = '2026-01-01'"))
    ground.execute(text(VERSION), {"since": "2026-01-01", "until": None})
    refused(ground, "UPDATE zone_version SET valid_from = NULL, valid_to = NULL", errors.ExclusionViolation)
    refused(ground, VERSION, errors.ExclusionViolation, since="2025-12-31", until="2026-01-01")


def test_a_zone_is_of_a_level_and_its_versions_and_their_parents_are_zones(ground):
    refused(
        ground, "INSERT INTO zone (level, code) VALUES ('nothing of the kind', 'Y')", errors.ForeignKeyViolation
    )  # fmt: skip
    refused(ground, "UPDATE zone SET level = 'nothing of the kind'", errors.ForeignKeyViolation)
    refused(ground, "DELETE FROM zone_level WHERE code = 'grid'", errors.ForeignKeyViolation)
    refused(ground, "UPDATE zone_level SET code = 'x' WHERE code = 'grid'", errors.ForeignKeyViolation)
    refused(ground, "UPDATE zone_version SET zone_id = -1, path = '{-1}'", errors.ForeignKeyViolation)
    refused(ground, "UPDATE zone_version SET parent_id = -1", errors.ForeignKeyViolation)
    ground.execute(text("UPDATE zone_level SET name_en = 'Cell' WHERE code = 'grid'"))


def test_versions_go_with_their_zone_and_a_parent_stays(ground, settings):
    add_zone(ground, settings, "C", shapely.box(0, 0, 100, 100))
    ground.execute(
        text(
            "UPDATE zone_version SET parent_id = z.id FROM zone z, zone c WHERE z.code = 'Z' AND c.code = 'C' AND zone_id = c.id"
        )
    )
    refused(ground, "DELETE FROM zone WHERE code = 'Z'", errors.ForeignKeyViolation)
    # Whoever deletes a zone need not see its versions for them to be seen to.
    ground.execute(text("SELECT set_config('app.everything', 'off', true)"))
    refused(ground, "DELETE FROM zone WHERE code = 'Z'", errors.ForeignKeyViolation)
    ground.execute(text("DELETE FROM zone WHERE code = 'C'"))
    ground.execute(text("SELECT set_config('app.everything', 'on', true)"))
    assert ground.scalar(text("SELECT count(*) FROM zone_version")) == 1
    ground.execute(text("DELETE FROM zone"))
    assert ground.scalar(text("SELECT count(*) FROM zone_version")) == 0


def test_a_zone_can_t_go_while_another_transaction_gives_it_a_version(new_database):
    engine = make_engine(new_database())
    with transaction(engine) as session:
        session.execute(text("INSERT INTO zone (level, code) VALUES ('grid', 'Z')"))
    written = threading.Event()

    def second() -> None:
        written.wait(60)
        with transaction(engine) as session:
            session.execute(text("DELETE FROM zone"))

    other = threading.Thread(target=second)
    other.start()
    with transaction(engine) as session:
        session.execute(text(VERSION), {"since": None, "until": None})
        written.set()
        other.join(0.3)
        assert other.is_alive()
    other.join()
    with transaction(engine) as session:
        assert session.execute(text("SELECT FROM zone_version")).all() == []
    engine.dispose()


def test_two_transactions_at_once_can_t_store_versions_that_overlap(new_database):
    engine = make_engine(new_database())
    with transaction(engine) as session:
        session.execute(text("INSERT INTO zone (level, code) VALUES ('grid', 'Z')"))
    written, outcomes = threading.Event(), []

    def second() -> None:
        written.wait(60)
        try:
            with transaction(engine) as session:
                session.execute(text(VERSION), {"since": "2026-02-01", "until": "2026-04-01"})
            outcomes.append("stored")
        except IntegrityError as error:
            outcomes.append(type(error.orig))

    other = threading.Thread(target=second)
    other.start()
    with transaction(engine) as session:
        session.execute(text(VERSION), {"since": "2026-01-01", "until": "2026-03-01"})
        written.set()
        other.join(0.3)  # it waits for us, or is through; either way one of the two is refused
    other.join()
    assert outcomes == [errors.ExclusionViolation]
    engine.dispose()


def test_nobody_but_who_looked_himself_stores_an_invalid_border(ground):
    bow_tie = "ST_Multi(ST_GeomFromText('POLYGON((114 22, 114.1 22.1, 114.1 22, 114 22.1, 114 22))', 4326))"
    change = f"UPDATE zone_version SET geom = {bow_tie}"
    refused(ground, change, errors.CheckViolation)
    with geometry_checked(ground):
        refused(
            ground,
            "UPDATE zone_version SET geom = ST_GeomFromText('MULTIPOLYGON EMPTY', 4326)",
            errors.CheckViolation,
        )
    refused(ground, change, errors.CheckViolation)
    with pytest.raises(ZeroDivisionError), ground.begin_nested(), geometry_checked(ground):
        raise ZeroDivisionError
    refused(ground, change, errors.CheckViolation)

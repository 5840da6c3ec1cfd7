"""What is checked once a statement holds as a foreign key and an exclusion constraint would: nothing slips through."""

from __future__ import annotations

import threading

import pytest
import shapely
from psycopg2 import errors
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from geoservice.store.base import make_engine, transaction
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

"""Several processes over one build: the same bits and facts, every day walked, trouble told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoservice.errors import ServiceUnavailable
from geoservice.jobs import crew
from geoservice.jobs.cover import Manner, cover_window
from geoservice.store import device_days
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import add_point, add_street, add_zone, fixes, fresh, receive, stored

FIRST = date(2026, 6, 1)  # a Monday


@given(st.sets(st.integers(0, 60), max_size=30).map(sorted), st.integers(1, 7))
def test_everybody_walks_every_day_once_and_no_two_begin_alike(offsets, workers):
    days = [FIRST + timedelta(days=offset) for offset in offsets]
    walks = crew.orders(days, workers)
    assert len(walks) == workers
    assert all(sorted(walk) == days for walk in walks)
    weeks = {day - timedelta(days=day.weekday()) for day in days}
    if workers == 2 and len(weeks) > 1:
        assert walks[0] == days
        assert walks[1] == days[::-1]
    if workers <= len(weeks) and workers % 2 == 0:
        starts = {walk[0] for walk in walks}
        assert len(starts) == workers or len(days) < 2 * workers


def lay_and_walk(session, settings):
    rng = np.random.default_rng(5)
    add_zone(session, settings, "Z", shapely.box(0, 0, 600, 300))
    add_zone(session, settings, "tiny", shapely.box(300, 20, 303, 23), level="community")
    add_street(session, settings, "S", [(0, 0), (700, 0)])
    add_point(session, settings, "P", (300, 0))
    for offset in range(0, 18, 2):
        start = datetime(2026, 6, 1, 1, tzinfo=UTC) + timedelta(days=offset)
        for device in ("x", "y"):
            steps = np.column_stack((np.linspace(0, 650, 60), rng.normal(0, 3, 60)))
            receive(session, settings, fixes(device, start, np.arange(60) * 10, steps))


@pytest.fixture
def city(settings, new_database):
    """Settings of a database of its own with three weeks that wait."""
    settings = replace(settings, database_url=new_database())
    with transaction(make_engine(settings.database_url)) as session:
        lay_and_walk(session, settings)
    return settings


def test_two_processes_give_the_bits_and_facts_of_one(city):
    engine = make_engine(city.database_url)
    told = []
    done = cover_window(
        lambda: transaction(engine), city, None, None,
        progress=lambda percent, _stage: told.append(percent), manner=Manner(workers=2),
    )  # fmt: skip
    assert (done["devices"], done["fixes"], done["days"]) == (18, 18 * 60, 9)
    assert told == sorted(told)
    assert told[-1] == 100
    with transaction(engine) as session:
        assert not device_days.is_waiting(session)
        bits, facts = stored(session)
        assert bits
        assert all(facts.values())
        assert (bits, facts) == fresh(session, city)
    engine.dispose()


def test_two_processes_rebuild_side_by_side(city):
    engine = make_engine(city.database_url)
    for reach, workers in ((30.0, 1), (45.0, 2)):
        asked = replace(city, reach_foot_m=reach)
        done = cover_window(
            lambda: transaction(engine),
            asked,
            None,
            None,
            progress=lambda *_: None,
            manner=Manner(workers=workers),
        )
        assert done["devices"] == 18
    assert done["rebuilt"] > 0
    with transaction(engine) as session:
        assert stored(session) == fresh(session, asked)
    engine.dispose()


def test_trouble_in_a_process_is_told_by_its_code(city):
    away = replace(city, database_url="postgresql+psycopg2://nobody@/none?host=/nowhere")
    with pytest.raises(ServiceUnavailable, match="database_unavailable"):
        list(crew.walk_together(away, [FIRST], 1))


def test_a_process_that_dies_is_told(city, monkeypatch):
    monkeypatch.setattr(crew, "_work", _die)
    with pytest.raises(ServiceUnavailable, match="process_lost"):
        list(crew.walk_together(city, [FIRST], 1))


def _die(*_):
    """Stand in for a process that is killed."""

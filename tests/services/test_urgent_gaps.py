"""Blind spots of a city of many zones: told from what a job found last, never searched for while somebody waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely

from geoservice.domain.windows import Window
from geoservice.maps.values import Shortened
from geoservice.services import city_map, coverage, gap_reports
from geoservice.services.areas import Reader
from geoservice.services.city_area import city_area
from geoservice.services.gap_ranking import Part
from geoservice.store import gap_rows
from tests.services.ground_kit import add_zone, cover, fixes, receive

DAY = date(2026, 6, 1)
AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
TODAY = Window(DAY, DAY)
READER = Reader(DAY, AT, "en", lambda _: ("", ""))


@pytest.fixture
def city(session, settings, monkeypatch):
    """Two zones that count as many."""
    monkeypatch.setattr(city_map, "MANY_LEAVES", 2)
    for number in range(2):
        add_zone(session, settings, f"M{number}", shapely.box(number * 200, 0, number * 200 + 200, 200))
    return settings


def walk(session, settings, metres, after=timedelta()):
    receive(
        session, settings, fixes("a", AT - timedelta(hours=2) + after, np.arange(len(metres)) * 60, metres)
    )
    cover(session, settings)


def test_what_no_job_has_looked_for_is_said_to_be_unknown(session, city):
    assert city_map.urgent_gaps(session, city, TODAY, READER).known, (
        "without a track there is nothing to look for"
    )
    walk(session, city, [(20, 100), (150, 100)])
    asked = city_map.urgent_gaps(session, city, TODAY, READER)
    assert (asked.known, asked.shapes, asked.found) == (False, (), None)
    drawn = city_area(session, city, TODAY, "grid", READER)
    assert (drawn.gaps, drawn.shortened) == ((), (Shortened("gaps", 0, None),))


def test_an_older_report_is_shown_as_of_when_it_was_made(session, city):
    walk(session, city, [(20, 100), (150, 100)])
    gap_reports.build(session, city, TODAY, now=AT)
    fresh = city_map.urgent_gaps(session, city, TODAY, READER)
    assert fresh.as_of is None
    assert len(fresh.shapes) == fresh.found == len(coverage.zone_gaps(session, city, TODAY)) > 0
    walk(session, city, [(220, 100), (380, 100)], after=timedelta(minutes=30))
    assert gap_rows.report_at(session, TODAY) is None
    older = city_map.urgent_gaps(session, city, TODAY, READER)
    assert (older.known, older.as_of, older.shapes, older.found) == (True, AT, fresh.shapes, fresh.found)
    second = city_map.gaps_by_rank(session, city, TODAY, READER, Part(1, 1))
    assert (second.shapes, second.found) == (older.shapes[1:2], older.found)
    drawn = city_area(session, city, TODAY, "grid", READER)
    assert (drawn.gaps, drawn.computed_at, drawn.shortened) == (older.shapes, AT, ())


def test_a_map_that_carries_some_says_of_how_many(session, city, monkeypatch):
    walk(session, city, [(20, 100), (150, 100)])
    gap_reports.build(session, city, TODAY, now=AT)
    whole = city_map.urgent_gaps(session, city, TODAY, READER)
    monkeypatch.setattr(city_map, "CITY_GAPS", 1)
    drawn = city_area(session, city, TODAY, "grid", READER)
    assert (drawn.gaps, drawn.shortened) == (whole.shapes[:1], (Shortened("gaps", 1, whole.found),))
    assert whole.found > 1


def test_few_zones_are_looked_at_at_once(session, city, monkeypatch):
    monkeypatch.setattr(city_map, "MANY_LEAVES", 3)
    walk(session, city, [(20, 100), (150, 100)])
    asked = city_map.urgent_gaps(session, city, TODAY, READER)
    assert asked.found == len(asked.shapes) > 0
    assert replace(asked, shapes=(), found=None) == city_map.UrgentGaps()

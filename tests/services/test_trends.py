"""Trends: each bucket is what a window of its own says, and stays so when borders change later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.domain.windows import Period, Window
from geoservice.services import coverage, ground
from geoservice.services.trends import buckets_of, zone_trend
from tests.services.ground_kit import add_zone, cover, fixes, receive

FIRST = date(2026, 5, 27)
MIDNIGHT = datetime(2026, 5, 26, 16, tzinfo=UTC)  # in Shanghai
CHANGE = date(2026, 6, 10)


def lay_city(session, settings, rng):
    """A parent of two zones, one of which has another border from CHANGE on, a kiosk, a lake, and walks over three weeks."""
    top = add_zone(session, settings, "P", shapely.box(0, 0, 400, 200), level="street")
    add_zone(session, settings, "L", shapely.box(0, 0, 200, 200), parent=top, valid=(None, CHANGE))
    add_zone(session, settings, "L", shapely.box(0, 0, 100, 200), parent=top, valid=(CHANGE, None))
    add_zone(session, settings, "R", shapely.box(180, 0, 400, 200), parent=top)
    add_zone(session, settings, "kiosk", shapely.box(50, 210, 56, 216))
    session.execute(
        text(
            "INSERT INTO exclusion (code, kind, geom, valid_from) SELECT 'lake', 'water', "
            "ST_Multi(ST_Buffer(ST_Centroid(geom), 0.0004)), '2026-06-04' FROM zone_version WHERE name = 'zone R'"
        )
    )
    ground.refresh_masks(session, settings)
    for number in range(5):
        start = MIDNIGHT + timedelta(days=int(rng.integers(0, 21)), hours=float(rng.uniform(0, 23)))
        steps = rng.uniform((0, 0), (400, 220), (6, 2))
        receive(session, settings, fixes(f"d{number}", start, np.arange(6) * 60, steps))
    cover(session, settings)


def direct(session, settings, bucket):
    return {
        row.zone_id: (row.area_m2 - row.excluded_m2, row.covered_m2, row.rate)
        for row in coverage.zone_coverage(session, settings, bucket)
    }


@given(
    seed=st.integers(0, 2**32 - 1), length=st.integers(1, 21), step=st.sampled_from(["day", "week", "month"]),
    period=st.sampled_from([None, None, *Period]),
)  # fmt: skip
@hypothesis_settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_bucket_says_what_a_window_of_its_days_says(session, settings, seed, length, step, period):
    with session.begin_nested() as savepoint:
        lay_city(session, settings, np.random.default_rng(seed))
        window = Window(FIRST, FIRST + timedelta(days=length - 1), period)
        found = zone_trend(session, settings, window, step=step)
        for bucket in buckets_of(window, step):
            here = {
                p.zone_id: (pytest.approx(p.area_m2), pytest.approx(p.covered_m2), pytest.approx(p.rate))
                for p in found
                if (p.first_on, p.last_on) == (bucket.from_on, bucket.to_on)
            }
            assert here == direct(session, settings, bucket)
        savepoint.rollback()


def test_steps_cut_a_window_at_mondays_and_firsts():
    window = Window(date(2026, 5, 27), date(2026, 6, 9), Period.NIGHT)
    days = buckets_of(window, "day")
    assert [one.from_on for one in days] == [one.to_on for one in days] == list(window.days())
    assert [(f"{one.from_on:%m%d}", f"{one.to_on:%m%d}") for one in buckets_of(window, "week")] == [
        ("0527", "0531"), ("0601", "0607"), ("0608", "0609"),
    ]  # fmt: skip
    assert [one.from_on.day for one in buckets_of(window, "month")] == [27, 1]
    assert {one.period for one in buckets_of(window, "month")} == {Period.NIGHT}


def test_a_day_without_data_has_no_rate_and_later_borders_change_no_bucket(session, settings):
    lay_city(session, settings, np.random.default_rng(3))
    window = Window(FIRST, FIRST + timedelta(days=20))
    before = zone_trend(session, settings, window, step="day", code="P")
    assert {point.rate is None for point in before} == {True, False}
    for point in before:
        known = coverage.has_data(session, Window(point.first_on, point.last_on))
        assert (point.rate is not None) == known
    after = window.to_on + timedelta(days=1)
    session.execute(text("UPDATE zone_version SET valid_to = :day WHERE name = 'zone R'"), {"day": after})
    add_zone(session, settings, "R", shapely.box(300, 0, 400, 200), valid=(after, None))
    assert zone_trend(session, settings, window, step="day", code="P") == before
    wide = zone_trend(session, settings, replace(window, to_on=after), step="day", code="R")
    areas = [point.area_m2 for point in wide]
    assert areas[-1] < areas[-2]


def test_a_database_without_ground_has_no_trend(session, settings):
    assert zone_trend(session, settings, Window(FIRST, FIRST), step="day") == []

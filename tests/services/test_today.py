"""The dispatcher's home says what the pages behind its figures say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from geoservice.domain.windows import Window
from geoservice.services import coverage, gap_reports, points, today, today_usual
from geoservice.services.city_trend import city_trend
from geoservice.services.workdays import calendar
from geoservice.store.scope import EVERYTHING, Scope
from tests.services.ground_kit import add_zone, cover, fixes, place, receive

MONDAY = date(2026, 6, 22)
NOON = datetime(2026, 6, 22, 4, tzinfo=UTC)  # in Shanghai


@pytest.fixture
def settings(settings):
    return replace(settings, min_gap_area_m2=100.0)


@pytest.fixture
def city(session, settings):
    """Two zones; walks at ten o'clock on each of the ten days before Monday and on Monday, longer from day to day."""
    top = add_zone(session, settings, "P", shapely.box(0, 0, 600, 200), level="street")
    zones = [
        add_zone(session, settings, code, shapely.box(left, 0, left + 300, 200), parent=top)
        for code, left in (("L", 0), ("R", 300))
    ]
    add_zone(session, settings, "kiosk", shapely.box(103, 95, 110, 103), parent=top)
    for back in range(11):
        steps = np.column_stack((np.linspace(20, 500 - 40 * back, 8), np.full(8, 100.0)))
        start = NOON - timedelta(days=back, hours=2)
        receive(session, settings, fixes(f"d{back}", start, np.arange(8) * 45, steps), now=start)
    cover(session, settings)
    return zones


def keep_curves(session, settings, on=MONDAY):
    made = today_usual.make_curves(session, settings, on)
    session.execute(
        text(
            "INSERT INTO job (kind, state, progress, result) VALUES ('usual_hours', 'done', 100, CAST(:made AS jsonb))"
        ),
        {"made": json.dumps(made)},
    )
    return made["curves"]


def test_a_day_by_the_hour_ends_with_what_is_stored_of_it(session, settings, city):
    assert today_usual.is_due(session, settings, MONDAY)
    curves = keep_curves(session, settings)
    assert not today_usual.is_due(session, settings, MONDAY)
    assert len(curves[""]) == 10
    for name, curve in curves[""].items():
        day = date.fromisoformat(name)
        stored = coverage.totals(coverage.zone_coverage(session, settings, Window(day, day))).rate
        assert curve[23] == pytest.approx(stored, abs=1e-5)
        # Nobody walked before ten or after ten past ten.
        assert curve[9] == 0
        assert curve[10] == curve[23] > 0


def test_now_is_held_against_days_of_the_same_kind_at_the_same_hour(session, settings, city):
    curves = keep_curves(session, settings)[""]
    found = today.measure(session, settings, None, now=NOON)
    known = calendar(session, settings)
    assert known.is_working(MONDAY)
    working = [curve[10] for name, curve in curves.items() if known.is_working(date.fromisoformat(name))]
    assert found.usual.days == len(working) >= 5
    assert found.usual.rate == pytest.approx(float(np.median(working)))
    assert (
        found.rate == coverage.totals(coverage.zone_coverage(session, settings, Window(MONDAY, MONDAY))).rate
    )
    early = today.measure(session, settings, None, now=NOON - timedelta(hours=3))
    assert early.usual.rate == 0
    sunday = today.measure(session, settings, None, now=NOON + timedelta(days=6))
    assert (sunday.usual.is_working_day, sunday.rate) == (False, None)
    assert sunday.usual.days == len(curves) - len(working)


def test_without_days_to_compare_nothing_is_usual(session, settings):
    found = today.measure(session, settings, None, now=NOON)
    assert (found.zone_count, found.rate, found.usual.rate, found.usual.days, found.gaps) == (
        0,
        None,
        None,
        0,
        None,
    )
    assert not today_usual.is_due(session, settings, MONDAY)
    assert city_trend(session, settings, Window.ending(MONDAY, 7), None, locale="en").level is None


def test_figures_are_those_of_the_pages_behind_them(session, settings, city):
    week = Window.ending(MONDAY, today.WINDOW_DAYS)
    for number, east in enumerate((60, 260, 480, 590)):
        lon, lat = place([east, 100])[0]
        session.execute(
            text(
                "INSERT INTO point (code, category, name, geom, required_interval_days) "
                "VALUES (:code, 'market', :code, ST_SetSRID(ST_Point(:lon, :lat), 4326), :days)"
            ),
            {"code": f"P{number}", "lon": float(lon), "lat": float(lat), "days": 2.5 * number + 0.5},
        )
    session.execute(text("UPDATE device_day SET rematch = true"))
    cover(session, settings)
    gap_reports.build(session, settings, week, now=NOON)
    for now in (NOON, NOON + timedelta(hours=9), NOON + timedelta(days=2)):
        found = today.measure(session, settings, None, now=now)
        on = (now + timedelta(hours=8)).date()
        listed = points.point_totals(points.point_rows(session, settings, Window.ending(on, 7), now=now))
        assert (found.points.overdue, found.points.never, found.points.due_today, found.points.total) == (
            listed.overdue, listed.never, listed.due_today, listed.total
        )  # fmt: skip
    found = today.measure(session, settings, None, now=NOON)
    rows = {row.code: row for row in coverage.zone_coverage(session, settings, week, level="grid")}
    worst = sorted(rows.values(), key=lambda row: row.rate)
    assert [(one.code, one.rate) for one in found.worst] == [(row.code, row.rate) for row in worst]
    gaps = coverage.zone_gaps(session, settings, week)
    fresh = [gap for gap in gaps if gap.last_seen_on == week.from_on - timedelta(days=1)]
    assert found.gaps.total == len(gaps)
    assert (found.gaps.new_count, found.gaps.new_area_m2) == (
        len(fresh),
        pytest.approx(sum(g.area_m2 for g in fresh)),
    )


def test_a_part_of_the_city_has_its_own_figures_and_its_own_usual(session, settings, city):
    right = city[1]
    session.execute(
        text("INSERT INTO app_user (login, name, role, password_hash, scope_zone_id) VALUES ('part', 'part', 'dispatcher', '', :zone)"),
        {"zone": right},
    )  # fmt: skip
    curves = keep_curves(session, settings)
    assert set(curves) == {"", str(right)}
    found = today.measure(session, settings, right, now=NOON)
    assert found.usual.rate < today.measure(session, settings, None, now=NOON).usual.rate
    session.info["scope"] = Scope(zone_ids=frozenset({right}))
    first = today.ground_now(session, settings, right, now=NOON)
    session.execute(text("DELETE FROM coverage_tile"))
    assert today.ground_now(session, settings, right, now=NOON + timedelta(seconds=4)) is first
    session.info["scope"] = EVERYTHING
    assert today.ground_now(session, settings, right, now=NOON).rate is None


def test_a_trend_of_the_city_is_each_day_by_itself_and_the_window_as_one(session, settings, city):
    week = Window.ending(MONDAY, 7)
    found = city_trend(session, settings, week, "grid", locale="zh_Hans_CN")
    for number, point in enumerate(found.points):
        rows = coverage.zone_coverage(session, settings, Window(point.first_on, point.last_on))
        assert point.rate == coverage.totals(rows).rate
        by_code = {row.code: row.rate for row in rows if row.level == "grid"}
        assert {one.code: one.rates[number] for one in found.zones} == by_code
    whole = coverage.zone_coverage(session, settings, week, level="grid")
    by_rate = sorted(whole, key=lambda row: row.rate)
    assert [(one.code, one.rate) for one in found.zones] == [(row.code, row.rate) for row in by_rate]

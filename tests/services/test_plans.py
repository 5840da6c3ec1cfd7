"""A plan is measured with the kernel that measures tracks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import shapely
from sqlalchemy import text

from geoservice.domain.windows import Window
from geoservice.errors import NotFound
from geoservice.services import coverage, plans
from tests.services.ground_kit import add_zone, cover, fixes, place, receive

DAY = date(2026, 6, 2)
WALK = [(-80, 0), (0, 30), (90, 10)]


def add_patrol(session, metres, day, status="published"):
    session.execute(
        text(
            "WITH t AS (INSERT INTO team (code, name) VALUES (:code, 'team') RETURNING id), r AS (INSERT INTO route (code, "
            "name, mode, geom) VALUES (:code, 'route', 1, ST_GeomFromWKB(:wkb, 4326)) RETURNING id) "
            "INSERT INTO patrol (on_day, route_id, team_id, status) SELECT :day, r.id, t.id, :status FROM t, r"
        ),
        {
            "code": status,
            "wkb": shapely.to_wkb(shapely.LineString(place(metres))),
            "day": day,
            "status": status,
        },
    )


def test_a_plan_covers_what_a_track_along_it_covers(session, settings):
    for number in range(4):
        add_zone(session, settings, f"Z{number}", shapely.box(number * 60 - 120, -60, number * 60 - 60, 60))
    add_patrol(session, WALK, DAY)
    add_patrol(session, [(0, -50), (100, -50)], DAY, status="cancelled")
    planned = plans.planned_coverage(session, settings, DAY)
    receive(session, settings, fixes("a", datetime(2026, 6, 2, 1, tzinfo=UTC), [0, 90, 180], WALK))
    cover(session, settings)
    walked = coverage.zone_coverage(session, settings, Window(DAY, DAY))
    assert [(row.code, row.covered_m2, row.rate) for row in planned] == [
        (row.code, row.covered_m2, row.rate) for row in walked
    ]
    assert sum(row.covered_m2 for row in planned) > 0


def test_a_day_without_a_plan_says_so(session, settings):
    with pytest.raises(NotFound):
        plans.planned_coverage(session, settings, DAY)

"""The never-visited list holds every zone and part of the day, and all that nobody saw."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from geoservice.domain.windows import Period, Window
from geoservice.errors import NotFound
from geoservice.services import coverage, ground
from geoservice.services.unvisited import unvisited
from tests.services.contract_kit import add_point, add_street
from tests.services.ground_kit import NOW, add_zone, cover, fixes, receive

DAY = date(2026, 6, 1)
MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)  # nine in the city
NIGHT = datetime(2026, 6, 1, 15, tzinfo=UTC)  # eleven at night
TODAY = Window(DAY, DAY)


def stroll(session, settings, y, start, device="a", x0=0):
    """Walk 200 m from west to east at 1 m/s, standing for two minutes in the middle."""
    xs = np.concatenate((np.arange(0, 100, 10), np.full(12, 100.0), np.arange(110, 200, 10)))
    seconds = np.arange(len(xs)) * 10
    receive(session, settings, fixes(device, start, seconds, np.column_stack((xs + x0, np.full(len(xs), y)))))
    cover(session, settings)


@pytest.fixture
def city(session, settings):
    """S1 walked by day, S2 by night a week ago, U never; a street and a point in each."""
    whole = add_zone(session, settings, "S", shapely.box(0, 0, 400, 200), level="street")
    add_zone(session, settings, "S1", shapely.box(0, 0, 200, 200), parent=whole)
    add_zone(session, settings, "S2", shapely.box(200, 0, 400, 200), parent=whole)
    add_zone(session, settings, "U", shapely.box(1000, 0, 1200, 200))
    for number, x in enumerate((0, 200, 1000), 1):
        add_street(session, settings, f"R{number}", [(x + 5, 100), (x + 195, 100)])
        add_point(session, f"P{number}", [x + 100, 105])
    stroll(session, settings, 100, MORNING)
    stroll(session, settings, 100, NIGHT - timedelta(days=7), device="b", x0=200)


def ask(session, settings, window=TODAY, **chosen):
    return unvisited(session, settings, window, now=NOW, **chosen)


def test_every_zone_and_part_of_the_day_appears_with_what_coverage_says_of_it(session, settings, city):
    found = ask(session, settings)
    assert len(found.zones) == 4 * 4
    assert {(row.code, row.period) for row in found.zones} == {
        (code, period) for code in ("S", "S1", "S2", "U") for period in (None, *Period)
    }
    for period in (None, *Period):
        rows = coverage.zone_coverage(session, settings, Window(DAY, DAY, period))
        said = {row.code: row.covered_m2 for row in found.zones if row.period is period}
        assert said == {row.code: row.covered_m2 for row in rows}
    seen = {(row.code, row.period) for row in found.zones if not row.is_never}
    # A part of the day in which nobody was out has a zero: there was data that day.
    assert {code for code, _ in seen} >= {"S", "S1"}
    assert {period for _, period in seen} == {None, Period.DAY}
    assert "U" not in {code for code, _ in seen}


def test_streets_nobody_walked_points_nobody_visited_and_gaps_never_seen(session, settings, city):
    found = ask(session, settings)
    assert [row.code for row in found.streets] == ["R2", "R3"]
    assert [row.code for row in found.points] == ["P2", "P3"]
    # P2 was visited a week ago, P3 never.
    assert [row.code for row in found.points_ever] == ["P3"]
    assert {gap.zone_code for gap in found.gaps} >= {"U"}
    assert all(gap.days_unseen is None for gap in found.gaps)
    week = ask(session, settings, Window(DAY - timedelta(days=7), DAY))
    assert [row.code for row in week.streets] == ["R3"]
    assert [row.code for row in week.points] == ["P3"]
    assert ("S2", Period.NIGHT) not in {(row.code, row.period) for row in week.zones_never}


def test_a_zone_a_level_and_one_part_of_the_day_can_be_asked_for(session, settings, city):
    found = ask(session, settings, code="S")
    assert {row.code for row in found.zones} == {"S", "S1", "S2"}
    assert ([row.code for row in found.streets], [row.code for row in found.points]) == (["R2"], ["P2"])
    grids = ask(session, settings, code="S", level="grid")
    assert {row.code for row in grids.zones} == {"S1", "S2"}
    by_day = ask(session, settings, Window(DAY, DAY, Period.DAY))
    assert {row.period for row in by_day.zones} == {Period.DAY}
    with pytest.raises(NotFound):
        ask(session, settings, code="no such")


def test_a_window_without_data_says_so_and_lists_no_zero(session, settings, city):
    found = ask(session, settings, Window(date(2026, 1, 1), date(2026, 1, 2)))
    assert not found.has_data
    assert len(found.zones) == 16
    assert {row.rate for row in found.zones} == {None}
    assert (found.zones_never, found.streets, found.points, found.gaps) == ((), (), (), ())


def test_ground_that_is_excluded_as_a_whole_is_not_never_visited(session, settings, city):
    session.execute(
        text(
            "INSERT INTO exclusion (code, kind, geom) SELECT 'lake', 'closed', v.geom FROM zone_version v "
            "JOIN zone z ON z.id = v.zone_id WHERE z.code = 'U'"
        )
    )
    ground.refresh_masks(session, settings)
    found = ask(session, settings)
    assert "U" not in {row.code for row in found.zones_never}
    assert [row.code for row in found.streets] == ["R2"]

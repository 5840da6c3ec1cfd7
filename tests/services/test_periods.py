"""Parts of a day: what a window of day, evening or night shows, and that together they are the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from geoservice.domain.windows import Period, Window
from geoservice.errors import BadRequest
from geoservice.services import coverage, gap_reports
from geoservice.store import bitmaps
from tests.services.ground_kit import NOW, add_zone, cover, fixes, receive

FIRST = date(2026, 6, 3)  # a Wednesday: windows hold parts of weeks and a whole one
MIDNIGHT = datetime(2026, 6, 2, 16, tzinfo=UTC)  # in Shanghai
HOURS = {Period.DAY: 9, Period.EVENING: 19, Period.NIGHT: 23}


def walk(session, settings, metres, *, day=0, hour=9.0, device="a"):
    start = MIDNIGHT + timedelta(days=day, hours=hour)
    receive(session, settings, fixes(device, start, np.arange(len(metres)) * 30, metres))
    cover(session, settings)


def seen_cells(session, window):
    return {(t, bit) for t, bit in _cells(bitmaps.seen_in(session, window))}


def _cells(tiles):
    for at in range(len(tiles)):
        for bit in np.flatnonzero(np.unpackbits(tiles.bits[at])):
            yield (int(tiles.tx[at]), int(tiles.ty[at])), int(bit)


@given(seed=st.integers(0, 2**32 - 1), last=st.integers(0, 14))
@hypothesis_settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_day_evening_and_night_together_are_the_whole_and_none_shows_more(session, settings, seed, last):
    rng = np.random.default_rng(seed)
    with session.begin_nested() as savepoint:
        add_zone(session, settings, "Z", shapely.box(-200, -200, 200, 200))
        for number in range(4):
            walk(
                session, settings, rng.normal(0, 100, (6, 2)),
                day=int(rng.integers(0, 14)), hour=float(rng.uniform(0, 23.9)), device=f"d{number}",
            )  # fmt: skip
        whole = Window(FIRST, FIRST + timedelta(days=last))
        parts = [seen_cells(session, replace(whole, period=period)) for period in Period]
        assert set.union(*parts) == seen_cells(session, whole)
        counts = [bitmaps.count_zones(session, replace(whole, period=period))[0].covered for period in Period]
        everything = bitmaps.count_zones(session, whole)[0].covered
        assert max(counts) <= everything <= sum(counts)
        assert coverage.has_data(session, whole) == any(
            coverage.has_data(session, replace(whole, period=period)) for period in Period
        )
        savepoint.rollback()


def test_a_period_nobody_walked_in_is_unknown_and_not_0(session, settings):
    add_zone(session, settings, "Z", shapely.box(-100, -100, 100, 100))
    walk(session, settings, [(-50, 0), (50, 0)], hour=HOURS[Period.EVENING])
    whole = Window(FIRST, FIRST)
    rates = {
        period: coverage.zone_coverage(session, settings, replace(whole, period=period))[0].rate
        for period in (None, *Period)
    }
    assert rates[None] == rates[Period.EVENING] > 0
    assert rates[Period.DAY] is None
    assert rates[Period.NIGHT] is None


def test_each_period_has_a_report_of_its_own_that_says_what_computing_now_says(session, settings):
    add_zone(session, settings, "Z", shapely.box(-150, -150, 150, 150))
    walk(session, settings, [(-150, 0), (150, 0)], day=-3, hour=HOURS[Period.NIGHT])
    walk(session, settings, [(-150, -90), (150, -90)], hour=HOURS[Period.DAY])
    walk(session, settings, [(-150, 90), (150, 90)], hour=HOURS[Period.NIGHT])
    found = {}
    for period in (None, *Period):
        window = Window(FIRST, FIRST, period)
        live = coverage.zone_gaps(session, settings, window)
        assert gap_reports.build(session, settings, window, now=NOW) == len(live)
        stored = coverage.zone_gaps(session, settings, window)
        assert [(gap.area_m2, gap.last_seen_on) for gap in stored] == [
            (gap.area_m2, gap.last_seen_on) for gap in live
        ]
        found[period] = {gap.days_unseen for gap in stored}
        assert gap_reports.is_ready(session, window)
    # Who looks by night only was here three nights ago; by day nobody ever was where he was not today.
    assert 3 in found[Period.NIGHT]
    assert found[Period.DAY] == {None}
    assert found[Period.EVENING] == set()  # no data, no gaps
    assert gap_reports.is_ready(session, Window(FIRST, FIRST))


def test_a_period_is_named_in_small_letters_or_refused():
    assert Period.named("") is None
    assert [Period.named(name) for name in ("day", "evening", "night")] == list(Period)
    for name in ("Night", "noon", "1", " day"):
        with pytest.raises(BadRequest):
            Period.named(name)

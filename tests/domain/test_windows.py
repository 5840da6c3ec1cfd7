"""Days and periods, against Python's own calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.windows import Period, PeriodStarts, day_start, split_by_day_and_period

STARTS = PeriodStarts(time(6), time(18), time(22, 30))
ZONES = st.sampled_from(["Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "UTC"])
INSTANTS = st.integers(631_152_000, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def expected(instant, zone):
    local = instant.astimezone(zone)
    at = local.time()
    period = Period.NIGHT
    if STARTS.day <= at < STARTS.evening:
        period = Period.DAY
    elif STARTS.evening <= at < STARTS.night:
        period = Period.EVENING
    return local.date().toordinal(), int(period)


@given(st.lists(INSTANTS, min_size=1, max_size=20), ZONES)
def test_day_and_period_are_those_of_the_local_clock(instants, name):
    zone = ZoneInfo(name)
    time_us = np.array(
        [(at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1) for at in instants]
    )
    days, periods = split_by_day_and_period(time_us, zone, STARTS)
    assert list(zip(days.tolist(), periods.tolist(), strict=True)) == [expected(at, zone) for at in instants]


@given(st.dates(date(1990, 1, 1), date(2035, 1, 1)), ZONES)
def test_a_day_begins_at_its_start(day, name):
    zone = ZoneInfo(name)
    assert day_start(day, zone).astimezone(zone).date() == day

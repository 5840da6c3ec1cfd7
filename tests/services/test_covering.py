"""Whatever way fixes come in, the bitmaps are those of a build from nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.services import tracking
from tests.services.ground_kit import bits, cover, fixes, fresh_bits, part, receive

MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)  # 09:00 in Shanghai
BEFORE_MIDNIGHT = datetime(2026, 6, 1, 15, 58, tzinfo=UTC)  # 23:58 in Shanghai


@st.composite
def walks(draw):
    """Two devices, fixes at whole seconds with silences, jumps and bad accuracy among them, near or over midnight."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    start = draw(st.sampled_from([MORNING, BEFORE_MIDNIGHT]))
    count = draw(st.integers(2, 24))
    seconds = np.cumsum(rng.choice([5, 20, 60, 250, 400], size=count))
    metres = np.cumsum(rng.normal(0, 60, (count, 2)), axis=0)
    metres[rng.random(count) < 0.1] += 20_000
    batch = fixes(rng.choice(["a", "b"], size=count), start, seconds, metres)
    batch.accuracy_m[rng.random(count) < 0.1] = 500
    return batch, rng


def split(batch, rng):
    """Cut the fixes into batches in any order, some of them sent twice."""
    order = rng.permutation(len(batch.time_us))
    cuts = np.sort(rng.integers(0, len(order) + 1, size=rng.integers(0, 4)))
    parts = [piece for piece in np.split(order, cuts) if len(piece)]
    return [*parts, *(piece for piece in parts if rng.random() < 0.3)]


@given(walks())
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_order_repetition_and_batches_do_not_matter(session, settings, walk):
    batch, rng = walk
    with session.begin_nested() as savepoint:
        for piece in split(batch, rng):
            receive(session, settings, part(batch, piece))
            if rng.random() < 0.6:
                cover(session, settings)
        cover(session, settings)
        piecemeal = bits(session)
        savepoint.rollback()
    with session.begin_nested() as savepoint:
        receive(session, settings, batch)
        cover(session, settings)
        assert piecemeal == bits(session)
        savepoint.rollback()


@given(walks())
@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_deleting_a_track_leaves_what_a_fresh_build_of_the_rest_gives(session, settings, walk):
    batch, rng = walk
    with session.begin_nested() as savepoint:
        tracks: list[int] = []
        for piece in split(batch, rng):
            tracks += receive(session, settings, part(batch, piece)).track_ids
        cover(session, settings)
        tracking.delete_track(session, settings, int(rng.choice(tracks)))
        cover(session, settings)
        assert bits(session) == fresh_bits(session, settings)
        savepoint.rollback()


def test_a_late_fix_between_two_others_takes_back_the_straight_line(session, settings):
    straight = fixes("a", MORNING, [0, 200], [(0, 0), (400, 0)])
    receive(session, settings, straight)
    cover(session, settings)
    before = bits(session)
    receive(session, settings, fixes("a", MORNING, [100], [(200, 300)]))
    done = cover(session, settings)
    assert done.rebuilt > 0
    assert bits(session) != before
    assert bits(session) == fresh_bits(session, settings)


def test_rebuilding_one_device_keeps_what_another_saw_there(session, settings):
    receive(session, settings, fixes("b", MORNING, [0, 60], [(0, 20), (60, 20)]))
    mine = receive(session, settings, fixes("a", MORNING, [0, 60], [(0, 0), (60, 0)]))
    cover(session, settings)
    tracking.delete_track(session, settings, mine.track_ids[0])
    cover(session, settings)
    assert bits(session) == fresh_bits(session, settings) != {}


def test_a_day_is_a_local_day_and_a_segment_over_midnight_belongs_to_the_day_it_starts_on(session, settings):
    receive(
        session,
        settings,
        fixes("a", BEFORE_MIDNIGHT, [60, 100, 200, 260], [(0, 0), (30, 0), (60, 0), (90, 0)]),
    )
    cover(session, settings)
    assert {(day, period) for day, period, _, _ in bits(session)} == {
        (date(2026, 6, 1), 0),  # the week, from its Monday
        (date(2026, 6, 1), 3),
        (date(2026, 6, 2), 3),
    }


@pytest.mark.parametrize(("local_hour", "period"), [(9, 1), (18, 2), (21, 2), (22, 3), (2, 3)])
def test_periods_tell_night_from_day(session, settings, local_hour, period):
    start = datetime(2026, 6, 1, local_hour, tzinfo=settings.zone_info)
    receive(session, settings, fixes("a", start, [0, 30], [(0, 0), (30, 0)]))
    cover(session, settings)
    assert {key[1] for key in bits(session)} == {0, period}


def test_what_no_patrol_did_is_refused_and_counted(session, settings):
    batch = fixes(
        "a", MORNING, [0, 10, 20, 30, 40, 1000, 1010],
        [(0, 0), (10, 0), (9000, 0), (20, 0), (30, 0), (40, 0), (50, 0)],
    )  # fmt: skip
    batch.accuracy_m[4] = 900
    receive(session, settings, batch)
    done = cover(session, settings)
    assert done.refused == {"inaccurate": 1, "gap_in_distance": 2, "gap_in_time": 1}
    assert done.segments == 2
    assert session.scalar(text("SELECT refused FROM device_day")) == done.refused


def test_impossible_fixes_are_counted_by_reason_and_never_stored(session, settings):
    batch = fixes("a", MORNING, [0, 10, 20, 30], [(0, 0), (10, 0), (20, 0), (30, 0)])
    batch.lon[0], batch.lat[0] = 0.0, 0.0
    batch.lon[1] = np.nan
    batch.time_us[2] = int(datetime(2099, 1, 1, tzinfo=UTC).timestamp() * 1e6)
    received = receive(session, settings, batch)
    assert received.refused == {"null_island": 1, "off_earth": 1, "in_the_future": 1}
    assert received.new == 1


def test_a_repeated_batch_is_known_and_makes_no_track(session, settings):
    batch = fixes("a", MORNING, [0, 10], [(0, 0), (10, 0)])
    first, second = receive(session, settings, batch), receive(session, settings, batch)
    assert (first.new, first.repeated, len(first.track_ids)) == (2, 0, 1)
    assert (second.new, second.repeated, second.track_ids) == (0, 2, ())
    assert session.scalar(text("SELECT count(*) FROM track")) == 1


def test_changed_reach_makes_everything_anew(session, settings):
    from dataclasses import replace

    receive(session, settings, fixes("a", MORNING, [0, 30], [(0, 0), (30, 0)]))
    cover(session, settings)
    narrow = bits(session)
    wider = replace(settings, reach_foot_m=60.0)
    cover(session, wider)
    assert bits(session) != narrow
    assert bits(session) == fresh_bits(session, wider)

"""What became of planned stops, against brute force over every choice; how far somebody went."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString

from geoservice.domain.actual import (
    Outcome,
    PlannedStop,
    Presence,
    Span,
    beside_the_plan,
    follow,
    join_presences,
    longest_in_order,
)
from geoservice.domain.tracks import Segments
from geoservice.domain.travelled import followed_m, near_spans, travelled

MINUTE = 60_000_000

moments = st.integers(0, 12)
spans = st.builds(lambda at, stays: Span(at, at + stays), moments, st.integers(0, 4))
candidates = st.lists(st.lists(spans, max_size=3), max_size=7)


def agrees(chosen: list[Span]) -> bool:
    return all(later.to_us >= earlier.from_us for earlier, later in combinations(chosen, 2))


def most_in_order(offered: list[list[Span]]) -> int:
    """The length of a longest choice that agrees with the plan, by trying every one."""
    return max(
        sum(one is not None for one in choice)
        for choice in product(*([None, *stop] for stop in offered))
        if agrees([one for one in choice if one is not None])
    )


@given(candidates)
def test_the_stops_in_order_are_as_many_as_any_choice_allows(offered):
    chosen = longest_in_order(offered)
    assert agrees([offered[index][number] for index, number in sorted(chosen.items())])
    assert len(chosen) == most_in_order(offered)


@given(st.lists(moments, max_size=12))
def test_of_moments_it_is_the_longest_non_decreasing_subsequence(at):
    longest = [1] * len(at)
    for index, here in enumerate(at):
        longest[index] += max((longest[k] for k in range(index) if at[k] <= here), default=0)
    assert len(longest_in_order([[Span(one, one)] for one in at])) == max(longest, default=0)


places = st.sampled_from("abcd")
stops = st.lists(places, max_size=6).map(
    lambda names: [PlannedStop(number + 1, name) for number, name in enumerate(names)]
)
presences = st.lists(
    st.builds(
        lambda place, at, stays, seen: Presence(
            place, at * MINUTE, (at + stays) * MINUTE, 60.0 * stays, seen=seen, said=not seen
        ),
        st.sampled_from("abcdxy"), st.integers(0, 60), st.integers(0, 8), st.booleans(),
    ),
    max_size=10,
)  # fmt: skip


@given(stops, presences, st.sets(st.integers(1, 6)), st.booleans(), st.booleans())
def test_every_stop_has_one_outcome_and_no_presence_serves_two(plan, found, skipped, over, heard):
    met = follow(plan, found, skipped, over=over, heard=heard)
    assert [one.stop for one in met] == plan
    for one in met:
        if one.outcome is Outcome.DONE:
            assert one.presence is not None and one.presence.place == one.stop.place
        else:
            expected = Outcome.MISSED if heard else Outcome.UNKNOWN
            expected = expected if over else Outcome.OPEN
            assert one.outcome is (Outcome.SKIPPED if one.stop.position in skipped else expected)
    for place in {stop.place for stop in plan}:
        done = [one for one in met if one.stop.place == place and one.outcome is Outcome.DONE]
        there = [one for one in found if one.place == place]
        planned = sum(stop.place == place for stop in plan)
        assert len(done) == min(planned, len(there))
        assert len({id(one.presence) for one in done}) == len(done)


@given(stops, presences)
def test_nothing_that_was_visited_is_lost_between_planned_and_extra(plan, found):
    planned = {stop.place for stop in plan}
    extra = beside_the_plan(plan, found)
    assert sorted(map(repr, [*extra, *(one for one in found if one.place in planned)])) == sorted(
        map(repr, found)
    )


@given(presences, st.integers(0, 600), st.randoms())
def test_joining_is_independent_of_order_and_leaves_gaps_between(found, join_s, random):
    joined = join_presences(found, join_s)
    shuffled = list(found)
    random.shuffle(shuffled)
    assert join_presences(shuffled, join_s) == joined
    for one, other in combinations(joined, 2):
        if one.place == other.place:
            assert other.from_us - one.to_us > join_s * 1e6
    for one in found:
        (holder,) = [
            each for each in joined if each.place == one.place and each.from_us <= one.from_us <= each.to_us
        ]
        assert holder.to_us >= one.to_us and holder.seen >= one.seen and holder.said >= one.said


def test_one_stop_taken_too_early_leaves_the_others_in_order():
    plan = [
        PlannedStop(number, name, arrive_us=number * 10 * MINUTE) for number, name in enumerate("abcd", 1)
    ]
    at = {"a": 10, "b": 22, "c": 50, "d": 5}
    found = [Presence(name, minute * MINUTE, minute * MINUTE, seen=True) for name, minute in at.items()]
    met = follow(plan, found, set(), over=True, heard=True)
    assert [one.in_order for one in met] == [True, True, True, False]
    assert [one.late_s for one in met] == [0, 120, 1200, -2100]
    assert [one.is_on_time for one in met] == [True, True, False, False]


def test_passing_a_stop_before_its_turn_and_coming_back_is_in_order():
    plan = [PlannedStop(number, name) for number, name in enumerate("abc", 1)]
    found = [
        Presence(name, at * MINUTE, at * MINUTE, seen=True)
        for name, at in (("c", 1), ("a", 2), ("b", 3), ("c", 9))
    ]
    met = follow(plan, found, set(), over=True, heard=True)
    assert [one.in_order for one in met] == [True, True, True]
    assert met[2].presence.from_us == 9 * MINUTE
    assert met[2].presence_count == 2


def segments_of(places, every_s=10, start_us=0) -> Segments:
    xy = np.asarray(places, dtype=np.float64)
    time_us = start_us + np.arange(len(xy), dtype=np.int64) * every_s * 1_000_000
    count = len(xy) - 1
    return Segments(
        np.zeros(count, np.int64), time_us[:-1], time_us[1:], xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1],
        np.ones(count, np.int16),
    )  # fmt: skip


wander = st.lists(st.tuples(st.floats(-6, 6), st.floats(-6, 6)), min_size=2, max_size=60)


@given(wander)
def test_standing_still_adds_nothing_however_positions_wander(around):
    assert travelled(segments_of(around)).metres == 0
    assert travelled(segments_of(around)).began_us is None


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=2, max_size=30))
def test_nobody_went_further_than_his_line_is_long(line):
    gone = travelled(segments_of(line))
    assert gone.metres <= np.hypot(*np.diff(np.array(line), axis=0).T).sum() + 1e-6


@pytest.mark.parametrize("step", [5.0, 10.0, 25.0])
def test_a_straight_walk_is_as_long_as_it_is(step):
    gone = travelled(segments_of([(at, 0.0) for at in np.arange(0, 1000 + step, step)]))
    assert gone.metres == pytest.approx(1000, abs=20)
    assert 0 <= gone.began_us <= 10_000_000 * max(20 / step - 1, 0)


@pytest.mark.parametrize(("shift", "share"), [(0, 1), (25, 1), (35, 0)])
def test_a_planned_line_is_followed_within_reach(shift, share):
    planned = LineString([(0, 0), (500, 0), (500, 400)])
    walk = segments_of([(0, shift), (250, shift), (500 + shift, shift), (500 + shift, 400)])
    # Round the corner the walk crosses the line, which is near for two reaches.
    assert followed_m(planned, walk, 30) == pytest.approx(900 * share, abs=2 * 30 + 20)
    assert followed_m(planned, segments_of([(0, 0), (250, 0)]), 30) == pytest.approx(250, abs=45)
    assert followed_m(planned, segments_of([(0, 0)]), 30) == 0


def test_nothing_is_added_over_a_break():
    one, other = segments_of([(0, 0), (100, 0)]), segments_of([(5000, 0), (5100, 0)], start_us=10**9)
    both = Segments(
        *(
            np.concatenate((getattr(one, name), getattr(other, name)))
            for name in Segments.__dataclass_fields__
        )
    )
    assert travelled(both).metres == 200


def test_near_spans_joins_short_absences():
    line = segments_of([(at, 0.0) for at in range(0, 110, 10)])
    near = np.array([1, 1, 0, 1, 0, 0, 0, 0, 1, 1], bool)
    assert near_spans(near, line, 10) == [(0, 40_000_000), (80_000_000, 100_000_000)]
    assert near_spans(near, line, 0) == [(0, 20_000_000), (30_000_000, 40_000_000), (80_000_000, 100_000_000)]

"""Stays at points: against a numeric oracle and shapely, and what must not matter."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.tracks import Segments
from geoservice.domain.visits import Spots, Stays, find_stays

COLUMNS = ("device", "point_id", "arrived_us", "left_us", "dwell_s", "nearest_m")


def segments_of(*tracks: tuple[int, list[tuple[float, float, float]]]) -> Segments:
    """Segments of tracks: (device, [(seconds, x, y)])."""
    rows = [
        (device, round(t0 * 1e6), round(t1 * 1e6), ax, ay, bx, by)
        for device, fixes in sorted(tracks)
        for (t0, ax, ay), (t1, bx, by) in pairwise(fixes)
    ]
    device, start, end, *metres = [np.array(column) for column in zip(*rows, strict=True)] or [
        np.empty(0)
    ] * 7
    return Segments(
        device.astype(np.int64), start.astype(np.int64), end.astype(np.int64),
        *(column.astype(float) for column in metres), np.ones(len(device), np.int16),
    )  # fmt: skip


def spots_of(*rows: tuple[int, float, float, float, float]) -> Spots:
    point_id, x, y, radius, dwell = np.array(rows, dtype=float).reshape(-1, 5).T
    return Spots(point_id.astype(np.int64), x, y, radius, dwell)


def rows_of(stays: Stays) -> list[tuple[float, ...]]:
    return list(zip(*(getattr(stays, name).tolist() for name in COLUMNS), strict=True))


def joined(one: Segments, other: Segments) -> Segments:
    return Segments(
        *(np.concatenate((getattr(one, f), getattr(other, f))) for f in Segments.__dataclass_fields__)
    )


def walk(
    draw_seed: int, device: int, count: int, step: float = 25.0
) -> tuple[int, list[tuple[float, float, float]]]:
    """A random walk with pauses; coordinates and times are as a phone sends them."""
    rng = np.random.default_rng([draw_seed, device])
    moves = rng.normal(0, step, (count, 2)) * (rng.random((count, 1)) > 0.2)
    places = np.cumsum(moves, axis=0) + rng.uniform(-100, 100, 2)
    times = np.cumsum(rng.integers(1, 40, count)) + rng.integers(0, 50)
    return device, list(zip(times.tolist(), *places.T.tolist(), strict=True))


def random_spots(seed: int, count: int) -> Spots:
    rng = np.random.default_rng([seed, 77])
    return Spots(
        rng.permutation(count * 3)[:count].astype(np.int64), rng.uniform(-200, 200, count),
        rng.uniform(-200, 200, count), rng.uniform(5, 90, count), rng.uniform(0, 60, count),
    )  # fmt: skip


seeds = st.integers(0, 10_000)
quick = settings(max_examples=12, deadline=None)


def test_a_pass_straight_through_the_middle_takes_the_time_of_a_diameter():
    track = segments_of((7, [(0, -100, 0), (100, 100, 0)]))
    found = [(7, 3, 35_000_000, 65_000_000, 30.0, 0.0)]
    assert rows_of(find_stays(track, spots_of((3, 0, 0, 30, 30)), 300)) == found
    assert rows_of(find_stays(track, spots_of((3, 0, 0, 30, 30.1)), 300)) == []


def test_standing_counts_and_how_near_is_told():
    track = segments_of((1, [(0, 12, 5), (20, 12, 5), (45, 12, 5)]))
    assert rows_of(find_stays(track, spots_of((1, 0, 0, 30, 45)), 0)) == [(1, 1, 0, 45_000_000, 45.0, 13.0)]
    assert rows_of(find_stays(track, spots_of((1, 0, 0, 12.9, 0)), 0)) == []


def test_a_stay_goes_on_over_a_short_absence_but_the_absence_is_no_dwell():
    out_and_back = segments_of(
        (1, [(0, 0, 0), (60, 0, 0), (70, 60, 0), (170, 60, 0), (180, 0, 0), (240, 0, 0)])
    )
    spot = spots_of((9, 0, 0, 30, 120))
    assert rows_of(find_stays(out_and_back, spot, 110.0)) == [(1, 9, 0, 240_000_000, 130.0, 0.0)]
    assert rows_of(find_stays(out_and_back, spot, 109.9)) == []
    apart = find_stays(out_and_back, replace(spot, dwell_s=np.array([60.0])), 109.9)
    assert [row[2:5] for row in rows_of(apart)] == [(0, 65_000_000, 65.0), (175_000_000, 240_000_000, 65.0)]


def test_touching_the_circle_is_no_stay():
    assert (
        rows_of(find_stays(segments_of((1, [(0, -50, 30), (60, 50, 30)])), spots_of((1, 0, 0, 30, 0)), 60))
        == []
    )


def test_nothing_gives_nothing_and_spots_off_the_map_are_passed_over():
    track = segments_of((1, [(0, 0, 0), (60, 1, 0)]))
    assert rows_of(find_stays(segments_of(), spots_of((1, 0, 0, 30, 0)), 60)) == []
    assert rows_of(find_stays(track, spots_of(), 60)) == []
    assert rows_of(find_stays(track, spots_of((1, 900, 0, 30, 0)), 60)) == []
    both = spots_of((1, np.inf, np.nan, 30, 0), (2, 0, 0, 30, 0))
    assert [row[1] for row in rows_of(find_stays(track, both, 60))] == [2]


def test_a_circle_as_large_as_a_district_is_found_like_any_other():
    track = segments_of((1, [(0, 0, 0), (60, 100, 0)]))
    stays = find_stays(track, spots_of((1, 40_000, 0, 39_950, 0), (2, 0, 0, 10, 0)), 0)
    assert [row[1:4] for row in rows_of(stays)] == [(1, 30_000_000, 60_000_000), (2, 0, 6_000_000)]


@quick
@given(seeds, st.integers(2, 40))
def test_the_time_inside_is_that_of_the_segments_cut_with_a_finely_drawn_circle(seed, count):
    device, fixes = walk(seed, 1, count)
    track = segments_of((device, fixes))
    spots = random_spots(seed, 12)
    found = {row[1]: row for row in rows_of(find_stays(track, replace(spots, dwell_s=np.zeros(12)), 1e9))}
    for point_id, x, y, radius in zip(
        *(c.tolist() for c in (spots.point_id, spots.x, spots.y, spots.radius_m)), strict=True
    ):
        circle = shapely.Point(x, y).buffer(radius, quad_segs=2000)
        seconds = 0.0
        for (t0, ax, ay), (t1, bx, by) in pairwise(fixes):
            line = shapely.LineString([(ax, ay), (bx, by)])
            if line.length:
                seconds += (t1 - t0) * line.intersection(circle).length / line.length
            elif circle.covers(shapely.Point(ax, ay)):
                seconds += t1 - t0
        assert (found[point_id][4] if point_id in found else 0.0) == pytest.approx(
            seconds, abs=0.02, rel=1e-3
        )
        if point_id in found:
            nearest = shapely.LineString([(fx, fy) for _, fx, fy in fixes]).distance(shapely.Point(x, y))
            assert found[point_id][5] == pytest.approx(nearest, abs=1e-3)


@quick
@given(seeds, st.integers(2, 40), st.sampled_from([0.0, 20.0, 60.0, 300.0]))
def test_arrival_and_departure_are_those_of_a_watch_that_looks_every_tenth_of_a_second(seed, count, join_s):
    _, fixes = walk(seed, 1, count)
    spots = replace(random_spots(seed, 6), dwell_s=np.full(6, 3.0))
    stays = rows_of(find_stays(segments_of((1, fixes)), spots, join_s))
    at = np.arange(fixes[0][0], fixes[-1][0], 0.1)
    t, x, y = np.array(fixes).T
    px, py = np.interp(at, t, x), np.interp(at, t, y)
    for point_id, sx, sy, radius in zip(
        *(c.tolist() for c in (spots.point_id, spots.x, spots.y, spots.radius_m)), strict=True
    ):
        inside = at[np.hypot(px - sx, py - sy) <= radius]
        mine = [row for row in stays if row[1] == point_id]
        for _, _, arrived, left, dwell, _ in mine:
            during = inside[(inside >= arrived / 1e6 - 0.11) & (inside <= left / 1e6 + 0.11)]
            assert len(during) * 0.1 == pytest.approx(dwell, abs=0.25 * (2 + len(fixes)))
            assert during.min() == pytest.approx(arrived / 1e6, abs=0.11)
            assert during.max() == pytest.approx(left / 1e6, abs=0.11)
        for (*_, left, _, _), (_, _, arrived, *_) in pairwise(mine):
            assert arrived - left > join_s * 1e6


@quick
@given(seeds, st.integers(1, 4), st.randoms(use_true_random=False))
def test_other_devices_the_order_of_spots_and_the_split_into_batches_do_not_matter(seed, devices, rng):
    tracks = [walk(seed, device, 30) for device in range(1, devices + 2)]
    spots = random_spots(seed, 20)
    whole = rows_of(find_stays(segments_of(*tracks), spots, 60))
    alone = [row for track in tracks for row in rows_of(find_stays(segments_of(track), spots, 60))]
    assert whole == alone
    cut = rng.randrange(len(tracks) + 1)
    parts = [segments_of(*tracks[:cut]), segments_of(*tracks[cut:])]
    assert whole == [row for part in parts for row in rows_of(find_stays(part, spots, 60))]
    backwards = joined(parts[1], parts[0])
    assert whole == rows_of(find_stays(backwards, spots, 60))
    order = np.array(rng.sample(range(20), 20))
    mixed = Spots(*(getattr(spots, name)[order] for name in Spots.__dataclass_fields__))
    assert whole == rows_of(find_stays(segments_of(*tracks), mixed, 60))
    for number in range(20):
        one = Spots(*(getattr(spots, name)[[number]] for name in Spots.__dataclass_fields__))
        mine = [row for row in whole if row[1] == spots.point_id[number]]
        assert rows_of(find_stays(segments_of(*tracks), one, 60)) == mine


@quick
@given(seeds, st.floats(0.0, 50.0))
def test_a_larger_radius_never_shortens_the_time_at_a_point(seed, more):
    track = segments_of(walk(seed, 1, 40))
    spots = replace(random_spots(seed, 15), dwell_s=np.zeros(15))
    dwells = []
    for each in (spots, replace(spots, radius_m=spots.radius_m + more)):
        sums = dict.fromkeys(spots.point_id.tolist(), 0)
        for _, point_id, arrived, left, dwell, _ in rows_of(find_stays(track, each, 60)):
            assert dwell <= (left - arrived) / 1e6 + 1e-3
            sums[point_id] += dwell
        dwells.append(sums)
    assert all(dwells[1][point_id] >= before - 1e-3 for point_id, before in dwells[0].items())


@quick
@given(seeds, st.floats(0.0, 60.0), st.floats(0.0, 200.0))
def test_a_longer_dwell_keeps_a_part_and_a_longer_join_loses_nothing(seed, longer, join_more):
    track = segments_of(walk(seed, 1, 40))
    spots = random_spots(seed, 15)
    loose = rows_of(find_stays(track, spots, 60))
    strict = rows_of(find_stays(track, replace(spots, dwell_s=spots.dwell_s + longer), 60))
    assert set(strict) <= set(loose)
    wide = rows_of(find_stays(track, spots, 60 + join_more))
    for device, point_id, arrived, left, _, _ in loose:
        assert any((device, point_id) == row[:2] and row[2] <= arrived and left <= row[3] for row in wide)
    assert sum(row[4] for row in wide) >= sum(row[4] for row in loose) - 1e-2


@quick
@given(seeds, st.integers(1, 39))
def test_more_of_a_track_never_takes_time_at_a_point_away(seed, kept):
    device, fixes = walk(seed, 1, 40)
    spots = replace(random_spots(seed, 15), dwell_s=np.zeros(15))
    few = sum(row[4] for row in rows_of(find_stays(segments_of((device, fixes[:kept])), spots, 60)))
    assert few <= sum(row[4] for row in rows_of(find_stays(segments_of((device, fixes)), spots, 60))) + 1e-2

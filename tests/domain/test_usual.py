"""A day's coverage by the hour is what OR-ing its cells hour by hour gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.coverage import Tiles
from geoservice.domain.usual import cells_by_hour, usual_at

PLACES = [(0, 0), (0, 1), (-1, 0)]


def tiles(rows: list[tuple[int, tuple[int, int], np.ndarray]]) -> Tiles:
    slots, places, bits = zip(*rows, strict=True) if rows else ((), (), ())
    xy = np.array(places, np.int32).reshape(-1, 2)
    packed = np.array(bits, np.uint8).reshape(-1, 8192)
    return Tiles(np.array(slots, np.int64), xy[:, 0].copy(), xy[:, 1].copy(), packed)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.lists(st.tuples(st.integers(0, 23), st.sampled_from(PLACES)), unique=True, max_size=8))  # fmt: skip
def test_each_cell_counts_once_from_the_hour_it_is_first_seen_in(seed, seen):
    rng = np.random.default_rng(seed)
    few = lambda: rng.integers(0, 256, 8192, np.uint8) & rng.integers(0, 256, 8192, np.uint8)  # noqa: E731
    ground = {place: few() for place in PLACES[:2]}
    rows = [(hour, place, few()) for hour, place in seen]
    counted = cells_by_hour(
        tiles(sorted(rows, key=lambda row: row[:2])),
        tiles([(0, place, bits) for place, bits in sorted(ground.items())]),
    )
    for hour in range(24):
        known = {place: np.zeros(8192, np.uint8) for place in PLACES}
        for when, place, bits in rows:
            if when <= hour:
                known[place] |= bits
        expected = sum(int(np.unpackbits(known[place] & bits).sum()) for place, bits in ground.items())
        assert counted[hour] == expected


def test_the_usual_is_the_median_between_full_hours():
    curves = [[0.0] * 8 + [rate] * 16 for rate in (0.1, 0.9, 0.3)]
    assert usual_at(curves, 9.0) == pytest.approx(0.3)
    assert usual_at(curves, 8.25) == pytest.approx(0.075)
    assert usual_at(curves, 0.0) == 0
    assert usual_at(curves[:2], 24.0) == pytest.approx(0.5)
    assert usual_at([], 9.0) is None

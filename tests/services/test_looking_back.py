"""Looking back week by week finds what looking at every day of the history finds."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from geoservice.domain.coverage import Tiles
from geoservice.domain.gaps import NEVER, find_regions
from geoservice.domain.windows import Period, Window
from geoservice.services.looking_back import look_back
from geoservice.store import bitmaps

TO = date(2026, 6, 24)


def packed(cells):
    return np.packbits(cells.reshape(len(cells), -1), axis=1)


def random_history(rng, first, count):
    """(Day, period, tx) tiles with a few cells seen in each."""
    days = first.toordinal() + rng.integers(0, count, 25)
    slot = bitmaps.day_slot(days.astype(np.int32), rng.integers(1, 4, 25).astype(np.int8))
    tx = rng.integers(0, 2, 25).astype(np.int32)
    keys = np.unique(np.column_stack((slot, tx)), axis=0)
    cells = rng.random((len(keys), 256, 256)) < 0.0001
    return Tiles(keys[:, 0], keys[:, 1].astype(np.int32), np.zeros(len(keys), np.int32), packed(cells))


@given(
    seed=st.integers(0, 2**32 - 1), length=st.integers(1, 120), back=st.integers(0, 9),
    period=st.sampled_from([None, None, *Period]),
)  # fmt: skip
@hypothesis_settings(
    max_examples=9, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_last_seen_is_the_last_day_of_the_history_with_any_cell(session, seed, length, back, period):
    rng = np.random.default_rng(seed)
    history = Window(TO - timedelta(days=back + length - 1), TO - timedelta(days=back), period)
    tiles = random_history(rng, history.from_on - timedelta(days=10), length + 20)
    unseen = np.kron(rng.random((2, 8, 8)) < 0.4, np.ones((32, 32))).astype(bool)
    masks = Tiles(np.zeros(2, np.int64), np.arange(2, dtype=np.int32), np.zeros(2, np.int32), packed(unseen))
    regions = find_regions(masks, 5.0, 0.0)
    with session.begin_nested() as savepoint:
        bitmaps.merge_days(session, tiles)
        look_back(session, history, [regions])
        savepoint.rollback()
    expected = np.full(len(regions.sizes), NEVER)
    row0, column0 = regions.origin
    for slot, tx, seen in zip(tiles.slot.tolist(), tiles.tx.tolist(), tiles.cells(), strict=True):
        day, part = divmod(slot, bitmaps.PERIODS_A_DAY)
        if history.from_on <= date.fromordinal(day) <= history.to_on and period in (None, part):
            rows, columns = np.nonzero(seen & unseen[tx])
            hit = regions.labels[rows - row0, columns + tx * 256 - column0]
            expected[hit] = np.maximum(expected[hit], day)
    assert regions.last_seen[1:].tolist() == expected[1:].tolist()

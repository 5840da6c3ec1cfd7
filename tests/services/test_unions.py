"""Parents and groups: the union of leaves, each cell once, whether or not leaves overlap."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.domain.windows import Window
from geoservice.services import ground
from geoservice.store import bitmaps
from tests.services.ground_kit import add_zone, cover, fixes, receive

DAY = date(2026, 6, 1)
TODAY = Window(DAY, DAY)
MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)
MANY = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def lay_city(session, settings, rng):
    """Two roots with overlapping children, some across a corner of tiles; an exclusion; a walk. Leaf → who is above it."""
    middle = np.array([5 * 1280.0 - 500_000.0 % 1280, 5 * 1280.0 - 2_500_000.0 % 1280])
    above = {}
    for root in "AB":
        top = add_zone(session, settings, root, shapely.box(0, 0, 9000, 9000), level="street")
        for number in range(rng.integers(1, 5)):
            corner = middle + rng.uniform(-400, 200, 2)
            box = shapely.box(*corner, *(corner + rng.uniform(40, 400, 2)))
            leaf = add_zone(session, settings, f"{root}{number}", box, parent=top)
            above[leaf] = top
    session.execute(
        text(
            "INSERT INTO exclusion (code, kind, geom) SELECT 'lake' || v.id, 'water', ST_Multi(ST_Buffer(ST_Centroid(geom), "
            "0.0007)) FROM zone_version v WHERE zone_id = ANY(:zones)"
        ),
        {"zones": list(above)[:2]},
    )
    ground.refresh_masks(session, settings)
    steps = middle + np.cumsum(rng.normal(0, 80, (12, 2)), axis=0)
    receive(session, settings, fixes("a", MORNING, np.arange(12) * 30, steps))
    cover(session, settings)
    return above


def laid_out(tiles, frame):
    """Tiles joined into one bitmap over the places of `frame`."""
    out = np.zeros((len(frame), 8192), np.uint8)
    for at in range(len(tiles)):
        place = (int(tiles.tx[at]), int(tiles.ty[at]))
        if place in frame:
            out[frame[place]] |= tiles.bits[at]
    return out


def expected_by(session):
    """Return what sets of cells say of the union of some leaves: how many, excluded and seen."""
    version = dict(session.execute(text("SELECT zone_id, id FROM zone_version")).all())
    masks = bitmaps.zone_masks(session, list(version.values()))
    frame = {
        place: at
        for at, place in enumerate(dict.fromkeys(zip(masks.tx.tolist(), masks.ty.tolist(), strict=True)))
    }
    seen = laid_out(bitmaps.seen_in(session, TODAY), frame)
    excluded = laid_out(bitmaps.excluded_on(session, DAY), frame)

    def expected(zone_ids):
        ground = laid_out(masks.take(np.isin(masks.slot, [version[zone] for zone in zone_ids])), frame)
        return tuple(
            int(np.bitwise_count(bits).sum())
            for bits in (ground, ground & excluded, ground & seen & ~excluded)
        )

    return expected


@given(st.integers(0, 2**32 - 1))
@hypothesis_settings(max_examples=8, **MANY)
def test_zones_and_groups_count_each_cell_of_their_leaves_once(session, settings, seed):
    rng = np.random.default_rng(seed)
    with session.begin_nested() as savepoint:
        above = lay_city(session, settings, rng)
        expected = expected_by(session)
        for count in bitmaps.count_zones(session, TODAY):
            mine = [leaf for leaf, top in above.items() if count.zone_id in (leaf, top)]
            assert (count.cells, count.excluded, count.covered) == expected(mine)
        named = [*above, *above.values()]
        groups = {number: rng.choice(named, rng.integers(0, 5)).tolist() for number in range(5)}
        groups[5] = named
        counts = bitmaps.count_groups(session, TODAY, groups)
        single = {count.zone_id: count for count in bitmaps.count_zones(session, TODAY)}
        for number, members in groups.items():
            mine = [leaf for leaf, top in above.items() if leaf in members or top in members]
            found = counts[number]
            assert (found.cells, found.excluded, found.covered) == expected(mine)
            assert found.covered <= sum(single[member].covered for member in set(members))
        savepoint.rollback()


def test_no_groups_and_groups_of_nobody_are_empty(session, settings):
    add_zone(session, settings, "Z", shapely.box(0, 0, 100, 100))
    assert bitmaps.count_groups(session, TODAY, {}) == {}
    assert bitmaps.count_groups(session, TODAY, {7: []}) == {7: bitmaps.GroupCount(0, 0, 0)}

"""A leader's own coverage is that of the union of his ground, by every measure."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.domain.coverage import rasterize
from geoservice.domain.windows import Window
from geoservice.services import coverage, gap_reports, leaders
from geoservice.store import bitmaps
from tests.services.contract_kit import add_leader, add_point, add_street, contract
from tests.services.ground_kit import NOW, ORIGIN, add_zone, cover, fixes, receive

DAY = date(2026, 6, 1)
MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)
TODAY = Window(DAY, DAY)
SIDE_M, COLUMNS, ROWS = 100, 4, 3


def walk(session, settings, metres, *, device="a", start=MORNING):
    receive(session, settings, fixes(device, start, np.arange(len(metres)) * 30, metres))
    cover(session, settings)


def by_name(session, settings, window=TODAY, **chosen):
    return {row.name: row for row in leaders.leader_rows(session, settings, window, **chosen)}


def cells_of(polygon):
    """How many cells a polygon in metres from the origin has."""
    tiles = rasterize(shapely.transform(polygon, lambda xy: xy + ORIGIN), 0, 5.0)
    return int(np.bitwise_count(tiles.bits).sum())


def seen_cells(session, polygon):
    """How many cells of a polygon were seen, from the stored bitmaps themselves."""
    mask = rasterize(shapely.transform(polygon, lambda xy: xy + ORIGIN), 0, 5.0)
    seen = bitmaps.seen_in(session, TODAY)
    at = {(int(x), int(y)): bits for x, y, bits in zip(seen.tx, seen.ty, seen.bits, strict=True)}
    nothing = np.zeros_like(mask.bits[0])
    return sum(
        int(np.bitwise_count(bits & at.get((int(x), int(y)), nothing)).sum())
        for x, y, bits in zip(mask.tx, mask.ty, mask.bits, strict=True)
    )


@st.composite
def contracts(draw):
    """Which of the zones of a small hierarchy each of three leaders contracts, and a walk across."""
    names = [
        "P",
        *(f"B{row}" for row in range(ROWS)),
        *(f"G{row}{column}" for row in range(ROWS) for column in range(COLUMNS)),
    ]
    held = [draw(st.sets(st.sampled_from(names), min_size=1, max_size=6)) for _ in range(3)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return held, np.cumsum(rng.normal(0, 90, (8, 2)), axis=0) + np.array([200, 150])


@given(contracts())
@hypothesis_settings(
    max_examples=7, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_leader_s_area_is_the_raster_of_his_union_and_at_most_the_sum_of_his_zones(session, settings, case):
    held, steps = case
    with session.begin_nested() as savepoint:
        shapes = {"P": shapely.box(0, 0, COLUMNS * SIDE_M, ROWS * SIDE_M)}
        ids = {"P": add_zone(session, settings, "P", shapes["P"], level="district")}
        for row in range(ROWS):
            band = f"B{row}"
            shapes[band] = shapely.box(0, row * SIDE_M, COLUMNS * SIDE_M, (row + 1) * SIDE_M)
            ids[band] = add_zone(session, settings, band, shapes[band], level="street", parent=ids["P"])
            for column in range(COLUMNS):
                code = f"G{row}{column}"
                shapes[code] = shapely.box(
                    column * SIDE_M, row * SIDE_M, (column + 1) * SIDE_M, (row + 1) * SIDE_M
                )
                ids[code] = add_zone(session, settings, code, shapes[code], parent=ids[band])
        for number, codes in enumerate(held):
            leader = add_leader(session, f"leader {number}")
            for code in codes:
                contract(session, leader, zone=ids[code])
        walk(session, settings, steps)
        zones = {row.code: row for row in coverage.zone_coverage(session, settings, TODAY)}
        rows = by_name(session, settings)
        for number, codes in enumerate(held):
            row = rows[f"leader {number}"]
            union = shapely.union_all([shapes[code] for code in codes])
            assert row.area_m2 == cells_of(union) * 25
            assert row.covered_m2 == seen_cells(session, union) * 25
            assert row.covered_m2 <= sum(zones[code].covered_m2 for code in codes)
            assert row.zone_count == len(codes)
            if "P" in codes:
                assert (row.area_m2, row.covered_m2, row.rate) == (
                    zones["P"].area_m2, zones["P"].covered_m2, zones["P"].rate
                )  # fmt: skip
        in_order = sorted(rows.values(), key=lambda row: row.rank)
        assert all(one.rate >= other.rate for one, other in itertools.pairwise(in_order))
        savepoint.rollback()


@pytest.fixture
def city(session, settings):
    """A subdistrict S of two grids beside each other, and a walk along the south of the western one."""
    whole = add_zone(session, settings, "S", shapely.box(0, 0, 400, 200), level="street")
    ids = {
        "S": whole,
        "S1": add_zone(session, settings, "S1", shapely.box(0, 0, 200, 200), parent=whole),
        "S2": add_zone(session, settings, "S2", shapely.box(200, 0, 400, 200), parent=whole),
    }
    ids["R"] = add_street(session, settings, "R", [(0, 40), (400, 40)])
    ids["T"] = add_street(session, settings, "T", [(0, 160), (200, 160)])
    ids["P1"] = add_point(session, "P1", [100, 40])
    ids["P2"] = add_point(session, "P2", [300, 160])
    return ids


def stroll(session, settings, start=MORNING):
    """From west to east along R through S1, standing at P1 for two minutes."""
    xs = np.concatenate((np.arange(0, 100, 10), np.full(12, 100.0), np.arange(110, 200, 10)))
    receive(
        session,
        settings,
        fixes("a", start, np.arange(len(xs)) * 10, np.column_stack((xs, np.full(len(xs), 40.0)))),
    )
    cover(session, settings)


def test_streets_and_points_of_a_leader_count_once_however_he_got_them(session, settings, city):
    leader = add_leader(session, "甲")
    contract(session, leader, zone=city["S1"])
    contract(session, leader, street=city["R"])
    contract(session, leader, point=city["P1"])
    contract(session, leader, point=city["P2"])
    contract(session, add_leader(session, "乙"), zone=city["S2"])
    stroll(session, settings)
    rows = by_name(session, settings)
    mine = rows["甲"]
    # R whole (400 m, the western half lies in his zone too) and T (200 m); P1 stands in his zone and is his own besides.
    assert mine.street_length_m == pytest.approx(600, rel=1e-3)
    assert 150 <= mine.street_covered_m <= 215
    assert mine.street_rate == pytest.approx(mine.street_covered_m / mine.street_length_m)
    assert (mine.points, mine.visited) == (2, 1)
    other = rows["乙"]
    assert other.street_length_m == pytest.approx(200, rel=0.05)
    assert (other.points, other.visited, other.zone_count) == (1, 0, 1)
    assert (mine.rank, other.rank) == (1, 2)


def test_who_has_no_zone_has_no_rate_and_no_rank_and_roles_can_be_told_apart(session, settings, city):
    contract(session, add_leader(session, "甲"), zone=city["S"])
    contract(session, add_leader(session, "丙"), street=city["R"], role="sanitation")
    add_leader(session, "idle")
    stroll(session, settings)
    rows = by_name(session, settings)
    assert rows.keys() == {"甲", "丙"}
    assert (rows["丙"].rate, rows["丙"].rank, rows["丙"].area_m2) == (None, None, 0.0)
    assert rows["丙"].street_rate is not None
    assert by_name(session, settings, role="leader").keys() == {"甲"}


def test_a_window_without_data_has_no_rates(session, settings, city):
    contract(session, add_leader(session, "甲"), zone=city["S"])
    stroll(session, settings)
    row = by_name(session, settings, Window(date(2026, 5, 1), date(2026, 5, 2)))["甲"]
    assert (row.rate, row.rank, row.street_rate, row.visited) == (None, None, None, 0)
    assert row.area_m2 == 80_000


def test_a_hand_over_changes_the_windows_that_end_later_only(session, settings, city):
    change = DAY + timedelta(days=5)
    contract(session, add_leader(session, "甲"), zone=city["S1"], days=(None, change))
    stroll(session, settings)
    before = by_name(session, settings)
    contract(session, add_leader(session, "乙"), zone=city["S1"], days=(change, None))
    assert by_name(session, settings) == before
    after = by_name(session, settings, Window(DAY, change))
    assert after.keys() == {"乙"}
    assert after["乙"].covered_m2 == before["甲"].covered_m2


def test_the_scores_of_the_gaps_on_his_ground_add_up(session, settings, city):
    contract(session, add_leader(session, "甲"), zone=city["S"])
    contract(session, add_leader(session, "乙"), zone=city["S2"])
    stroll(session, settings)
    assert by_name(session, settings)["甲"].gap_score is None
    gap_reports.build(session, settings, TODAY, now=NOW)
    gaps = coverage.zone_gaps(session, settings, TODAY)
    rows = by_name(session, settings)
    assert rows["甲"].gap_score == pytest.approx(sum(gap.score for gap in gaps))
    assert rows["乙"].gap_score == pytest.approx(sum(gap.score for gap in gaps if gap.zone_code == "S2"))


def test_a_ground_of_a_few_cells_is_measured_exactly(session, settings):
    tiny = add_zone(session, settings, "tiny", shapely.box(1, 1, 13, 9))
    contract(session, add_leader(session, "甲"), zone=tiny)
    walk(session, settings, [(0, 0), (20, 0)])
    row = by_name(session, settings)["甲"]
    assert row.area_m2 == pytest.approx(96, rel=1e-3)
    assert row.rate == 1.0


def test_before_there_is_any_ground_there_are_no_rows(session, settings):
    add_leader(session, "甲")
    assert session.scalar(text("SELECT count(*) FROM deployment")) == 0
    assert leaders.leader_rows(session, settings, TODAY) == []

"""What must always hold of rates and gaps, against exact geometry where that can say."""

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

from geoservice.domain.crs import to_metric
from geoservice.domain.windows import Window
from geoservice.errors import BadRequest, NotFound
from geoservice.services import coverage, gap_reports, ground
from geoservice.store import bitmaps
from tests.services.ground_kit import EPSG, NOW, ORIGIN, add_zone, cover, fixes, receive

DAY = date(2026, 6, 1)
MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)
TODAY = Window(DAY, DAY)
CELL_M2 = 25.0
# The raster errs at most by half a cell's diagonal along every border.
HALF_DIAGONAL_M = 5.0 * 2**0.5 / 2


def rows_by_code(session, settings, window=TODAY, **chosen):
    return {row.code: row for row in coverage.zone_coverage(session, settings, window, **chosen)}


def walk(session, settings, metres, *, device="a", start=MORNING, mode=1):
    receive(session, settings, fixes(device, start, np.arange(len(metres)) * 30, metres, mode=mode))
    cover(session, settings)


@st.composite
def cities(draw):
    """Blocks cut by a random street grid, some without a child, and a walk across them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    xs = np.concatenate(([-300.0], np.sort(rng.uniform(-280, 280, 2)), [300.0]))
    ys = np.concatenate(([-200.0], np.sort(rng.uniform(-180, 180, 1)), [200.0]))
    angle = rng.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    blocks = [
        shapely.transform(shapely.box(x0, y0, x1, y1), lambda xy: xy @ turn)
        for x0, x1 in itertools.pairwise(xs)
        for y0, y1 in itertools.pairwise(ys)
    ]
    steps = np.cumsum(rng.normal(0, 90, (rng.integers(2, 15), 2)), axis=0)
    return blocks, steps, rng


def exact_rate(polygon, line, reach_m):
    return polygon.intersection(line.buffer(reach_m, quad_segs=64)).area / polygon.area


@given(cities())
@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_cells_add_up_parents_are_unions_and_the_rate_is_that_of_exact_geometry(session, settings, city):
    blocks, steps, _ = city
    with session.begin_nested() as savepoint:
        # In the metric CRS itself, so that the oracle measures what the raster does.
        parent = add_zone(session, settings, "P", shapely.union_all(blocks), level="community")
        for number, block in enumerate(blocks):
            add_zone(session, settings, f"P{number}", block, parent=parent)
        walk(session, settings, steps)
        rows = rows_by_code(session, settings)
        line = shapely.LineString(steps)
        for number, block in enumerate(blocks):
            row = rows[f"P{number}"]
            border = block.length + line.buffer(30).length
            assert abs(row.area_m2 - block.area) <= block.length * HALF_DIAGONAL_M
            assert abs(row.covered_m2 - exact_rate(block, line, 30) * block.area) <= border * HALF_DIAGONAL_M
        counts = {count.code: count for count in bitmaps.count_zones(session, TODAY)}
        children = [counts[f"P{number}"] for number in range(len(blocks))]
        # Neighbours share no cell and leave none between them: the sums are exact.
        assert rows["P"].area_m2 == sum(count.cells for count in children) * CELL_M2
        assert rows["P"].covered_m2 == sum(count.covered for count in children) * CELL_M2
        small = settings.__class__(**{**settings.__dict__, "min_gap_area_m2": CELL_M2})
        every = coverage.zone_gaps(session, small, TODAY)
        for count in counts.values():
            gaps = [gap for gap in every if count.zone_id in counts[gap.zone_code].path]
            unseen = sum(gap.area_m2 for gap in gaps)
            assert (count.covered + count.excluded) * CELL_M2 + unseen == count.cells * CELL_M2
            for gap in gaps:
                metric = to_metric(EPSG, gap.geometry)
                assert metric.area == pytest.approx(gap.area_m2, rel=1e-6)
                assert metric.is_valid
        savepoint.rollback()


@given(cities())
@hypothesis_settings(
    max_examples=9, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_gaps_lie_in_their_zone_and_those_of_neighbours_do_not_overlap(session, settings, city):
    blocks, steps, _ = city
    with session.begin_nested() as savepoint:
        shapes = {
            add_zone(session, settings, f"Z{number}", block): block for number, block in enumerate(blocks)
        }
        walk(session, settings, steps)
        gaps = coverage.zone_gaps(session, settings, TODAY)
        metric = [shapely.transform(to_metric(EPSG, gap.geometry), lambda xy: xy - ORIGIN) for gap in gaps]
        for gap, polygon in zip(gaps, metric, strict=True):
            assert polygon.within(shapes[gap.zone_id].buffer(HALF_DIAGONAL_M + 1e-6))
        overlap = sum(p.area for p in metric) - shapely.union_all(metric).area if metric else 0.0
        assert abs(overlap) < 0.01
        savepoint.rollback()


@given(cities())
@hypothesis_settings(
    max_examples=9, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_more_tracks_a_longer_window_and_a_larger_reach_never_lower_coverage(session, settings, city):
    blocks, steps, rng = city
    with session.begin_nested() as savepoint:
        for number, block in enumerate(blocks):
            add_zone(session, settings, f"Z{number}", block)

        def covered(window=TODAY):
            return np.array([row.covered_m2 for row in coverage.zone_coverage(session, settings, window)])

        walk(session, settings, steps)
        first = covered()
        walk(session, settings, steps[::-1] + rng.normal(0, 100, 2), device="b")
        assert (covered() >= first).all()
        walk(session, settings, rng.normal(0, 200, (5, 2)), device="c", start=MORNING + timedelta(days=1))
        longer = covered(Window(DAY, DAY + timedelta(days=1)))
        assert (longer >= covered()).all()
        narrow = covered()
        wider = settings.__class__(**{**settings.__dict__, "reach_foot_m": 45.0})
        cover(session, wider)
        assert (covered() >= narrow).all()
        savepoint.rollback()


def test_a_zone_nobody_visited_has_0_and_a_window_without_data_has_no_rate(session, settings):
    add_zone(session, settings, "seen", shapely.box(-100, -100, 100, 100))
    add_zone(session, settings, "never", shapely.box(5000, 0, 5200, 200))
    walk(session, settings, [(0, 0), (50, 0)])
    assert rows_by_code(session, settings)["never"].rate == 0.0
    empty = Window(date(2026, 5, 1), date(2026, 5, 2))
    assert {row.rate for row in coverage.zone_coverage(session, settings, empty)} == {None}
    assert coverage.zone_gaps(session, settings, empty) == []


def test_excluded_ground_leaves_the_denominator_and_is_no_gap(session, settings):
    zone = add_zone(session, settings, "Z", shapely.box(-200, -200, 200, 200))
    walk(session, settings, [(-180, 150), (180, 150)])
    before = rows_by_code(session, settings)["Z"]
    session.execute(
        text(
            "INSERT INTO exclusion (code, kind, geom) SELECT 'lake', 'water', ST_Multi(ST_Intersection(geom, "
            "ST_MakeEnvelope(-180, -90, 180, ST_Y(ST_Centroid(geom)), 4326))) FROM zone_version WHERE zone_id = :zone"
        ),
        {"zone": zone},
    )
    ground.refresh_masks(session, settings)
    after = rows_by_code(session, settings)["Z"]
    assert after.excluded_m2 == pytest.approx(after.area_m2 / 2, rel=0.02)
    assert after.covered_m2 == before.covered_m2
    assert after.rate == after.covered_m2 / (after.area_m2 - after.excluded_m2)
    unseen = sum(gap.area_m2 for gap in coverage.zone_gaps(session, settings, TODAY))
    assert unseen == pytest.approx(
        after.area_m2 - after.excluded_m2 - after.covered_m2, abs=settings.min_gap_area_m2
    )


def test_a_past_window_keeps_the_borders_of_its_last_day(session, settings):
    change = date(2026, 6, 10)
    add_zone(session, settings, "Z", shapely.box(0, 0, 100, 100), valid=(None, change))
    add_zone(session, settings, "Z", shapely.box(0, 0, 300, 100), valid=(change, None))
    walk(session, settings, [(0, 50), (90, 50)])
    assert rows_by_code(session, settings)["Z"].area_m2 == 10_000
    later = Window(DAY, date(2026, 6, 10))
    assert rows_by_code(session, settings, later)["Z"].area_m2 == 30_000


def test_days_unseen_counts_from_the_last_look_and_never_is_never(session, settings):
    add_zone(session, settings, "Z", shapely.box(-60, -60, 60, 60))
    add_zone(session, settings, "never", shapely.box(3000, 0, 3120, 120))
    walk(session, settings, [(-60, 0), (60, 0)], start=MORNING - timedelta(days=4))
    walk(session, settings, [(900, 0), (960, 0)])
    gaps = {gap.zone_code: gap for gap in coverage.zone_gaps(session, settings, TODAY)}
    assert gaps["Z"].days_unseen == 4
    assert gaps["Z"].last_seen_on == DAY - timedelta(days=4)
    assert gaps["never"].days_unseen is None


def test_a_stored_report_says_what_computing_now_says_and_goes_stale_with_new_tracks(session, settings):
    for number in range(4):
        add_zone(session, settings, f"Z{number}", shapely.box(number * 150, 0, number * 150 + 150, 150))
    walk(session, settings, [(0, 20), (300, 120)])
    live = coverage.zone_gaps(session, settings, TODAY)
    assert gap_reports.build(session, settings, TODAY, now=NOW) == len(live) > 0
    stored = coverage.zone_gaps(session, settings, TODAY)
    assert [gap.area_m2 for gap in stored] == [gap.area_m2 for gap in live]
    assert sum(row.gap_count for row in coverage.zone_coverage(session, settings, TODAY)) == len(live)
    walk(session, settings, [(500, 20), (560, 120)], device="b")
    assert not gap_reports.is_ready(session, TODAY)


def test_the_nearest_contract_upwards_answers_for_a_zone(session, settings):
    street = add_zone(session, settings, "S", shapely.box(0, 0, 200, 100), level="street")
    left = add_zone(session, settings, "S1", shapely.box(0, 0, 100, 100), parent=street)
    add_zone(session, settings, "S2", shapely.box(100, 0, 200, 100), parent=street)
    for number, (name, zone, role, until) in enumerate(
        [("甲", street, "leader", None), ("乙", left, "leader", None), ("丙", street, "sanitation", None),
         ("丁", left, "leader", DAY)]
    ):  # fmt: skip
        leader = session.scalar(
            text("INSERT INTO leader (code, name) VALUES (:code, :name) RETURNING id"),
            {"code": f"L{number}", "name": name},
        )
        session.execute(
            text(
                "INSERT INTO contract (leader_id, zone_id, role, valid_to) VALUES (:leader, :zone, :role, :until)"
            ),
            {"leader": leader, "zone": zone, "role": role, "until": until},
        )
    walk(session, settings, [(0, 0), (10, 0)])
    rows = rows_by_code(session, settings)
    assert [rows[code].leader for code in ("S", "S1", "S2")] == ["甲", "乙", "甲"]
    assert rows["S1"].others == (("sanitation", "丙"),)


def test_questions_that_make_no_sense_are_refused(session, settings):
    add_zone(session, settings, "Z", shapely.box(0, 0, 100, 100))
    with pytest.raises(BadRequest):
        Window(DAY, DAY - timedelta(days=1))
    with pytest.raises(NotFound):
        coverage.zone_coverage(session, settings, TODAY, code="no such zone")
    with pytest.raises(NotFound):
        coverage.zone_coverage(session, settings, TODAY, level="city")


def test_totals_count_ground_once(session, settings):
    street = add_zone(session, settings, "S", shapely.box(0, 0, 200, 100), level="street")
    add_zone(session, settings, "S1", shapely.box(0, 0, 200, 100), parent=street)
    walk(session, settings, [(0, 0), (10, 0)])
    rows = coverage.zone_coverage(session, settings, TODAY)
    assert coverage.totals(rows).area_m2 == 20_000

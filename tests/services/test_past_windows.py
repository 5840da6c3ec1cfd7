"""Reports of past windows: borders, contracts and points of later days don't change them; late tracks do, and are told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_lonlat
from geoservice.domain.windows import Window
from geoservice.services import as_of, coverage, gap_reports, ground
from tests.services.ground_kit import EPSG, ORIGIN, add_zone, cover, fixes, lay_raster, place, receive

DAY = date(2026, 6, 1)
TODAY = Window(DAY, DAY)
MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)
IN_TIME = datetime(2026, 6, 1, 10, tzinfo=UTC)
OVER = datetime(2026, 6, 1, 16, tzinfo=UTC)  # midnight in Shanghai
CHANGE = date(2026, 6, 10)


def walk(session, settings, metres, *, device="a", start=MORNING, now=IN_TIME):
    receive(session, settings, fixes(device, start, np.arange(len(metres)) * 30, metres), now=now)
    cover(session, settings)


def add_point(session, code, metres):
    lon, lat = place(metres)[0].tolist()
    category = session.scalar(text("SELECT min(code) FROM point_category"))
    session.execute(
        text(
            "INSERT INTO point (code, name, category, geom, weight) VALUES (:code, :code, :category, "
            "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 3)"
        ),
        {"code": code, "category": category, "lon": lon, "lat": lat},
    )


def add_contract(session, name, zone_id, valid_from=None, valid_to=None):
    leader = session.scalar(
        text("INSERT INTO leader (code, name) VALUES (:name, :name) RETURNING id"), {"name": name}
    )
    session.execute(
        text(
            "INSERT INTO contract (leader_id, zone_id, role, valid_from, valid_to) "
            "VALUES (:leader, :zone, 'leader', :first, :after)"
        ),
        {"leader": leader, "zone": zone_id, "first": valid_from, "after": valid_to},
    )


def redraw(session, settings, code, polygon):
    """Give a zone another border from CHANGE on."""
    session.execute(
        text(
            "UPDATE zone_version SET valid_to = :day WHERE valid_to IS NULL AND zone_id = "
            "(SELECT id FROM zone WHERE code = :code)"
        ),
        {"day": CHANGE, "code": code},
    )
    add_zone(session, settings, code, polygon, valid=(CHANGE, None))


def test_later_borders_contracts_and_zones_of_points_leave_a_past_window_as_it_was(session, settings):
    left = add_zone(session, settings, "L", shapely.box(0, 0, 200, 200))
    right = add_zone(session, settings, "R", shapely.box(200, 0, 400, 200))
    walk(session, settings, [(0, 10), (300, 10)])
    add_point(session, "p", [150, 150])
    add_point(session, "q", [390, 150])
    session.execute(text("UPDATE point SET zone_id = :zone"), {"zone": left})
    add_contract(session, "甲", left)

    def told():
        rows = coverage.zone_coverage(session, settings, TODAY)
        gaps = coverage.zone_gaps(session, settings, TODAY)
        return rows, sorted(
            (g.zone_code, g.area_m2, g.point_count, g.point_weight, g.leader, g.score) for g in gaps
        )

    rows, gaps = told()
    # A point stands where it stands, whatever its row says of its zone.
    assert [(code, points) for code, _, points, *_ in gaps] == [("L", 1), ("R", 1)]
    redraw(session, settings, "L", shapely.box(0, 0, 100, 200))
    redraw(session, settings, "R", shapely.box(100, 0, 400, 200))
    add_contract(session, "乙", right, valid_from=CHANGE)
    session.execute(
        text("UPDATE contract SET valid_to = :day WHERE valid_to IS NULL AND valid_from IS NULL"),
        {"day": CHANGE},
    )
    session.execute(text("UPDATE point SET zone_id = :zone"), {"zone": right})
    assert told() == (rows, gaps)
    gap_reports.build(session, settings, TODAY, now=OVER)
    stored_rows, stored_gaps = told()
    assert stored_gaps == gaps
    assert [row.rate for row in stored_rows] == [row.rate for row in rows]
    later = coverage.zone_coverage(session, settings, Window(DAY, CHANGE))
    assert {row.code: row.area_m2 for row in later} == {"L": 20_000, "R": 60_000}


def test_a_report_says_since_when_and_by_how_many_late_fixes_it_was_revised(session, settings):
    add_zone(session, settings, "Z", shapely.box(-200, -200, 200, 200))
    walk(session, settings, [(-100, 0), (0, 0)])
    gap_reports.build(session, settings, TODAY, now=IN_TIME)
    walk(session, settings, [(0, 0), (50, 0)], device="b", start=MORNING + timedelta(hours=10), now=OVER)
    assert as_of.revision(session, TODAY).stale
    gap_reports.build(session, settings, TODAY, now=OVER)
    # The first report was of a day that was not over: nothing was late.
    first = as_of.revision(session, TODAY)
    assert (first.computed_at, first.revised_from, first.late_fixes, first.stale) == (OVER, None, 0, False)
    assert as_of.late(session, settings, TODAY).count == 0

    received = OVER + timedelta(days=2)
    before = coverage.zone_coverage(session, settings, TODAY)[0].rate
    # Three fixes before midnight, two of the same track after it.
    steps = [(x, 150) for x in (-150, -50, 50, 150, 190)]
    walk(session, settings, steps, device="c", start=OVER - timedelta(seconds=75), now=received)
    assert coverage.zone_coverage(session, settings, TODAY)[0].rate > before
    late = as_of.late(session, settings, TODAY)
    assert (late.count, late.fix_count, late.latest_received_at) == (1, 3, received)
    rebuilt = received + timedelta(hours=1)
    gap_reports.build(session, settings, TODAY, now=rebuilt)
    second = as_of.revision(session, TODAY)
    assert (second.computed_at, second.revised_from, second.late_fixes) == (rebuilt, OVER, 3)
    # Made again without anything late, it still says what once changed it.
    gap_reports.build(session, settings, TODAY, now=rebuilt + timedelta(hours=1))
    third = as_of.revision(session, TODAY)
    assert (third.revised_from, third.late_fixes) == (OVER, 3)


def test_a_window_that_was_never_reported_has_no_revision(session, settings):
    assert as_of.revision(session, TODAY) is None
    assert as_of.late(session, settings, TODAY).latest_received_at is None


def test_a_zone_of_a_few_cells_is_measured_exactly_and_its_parent_in_cells(session, settings):
    lay_raster(session, settings)
    parent = add_zone(session, settings, "P", shapely.box(0, 0, 40, 40), level="street")
    kiosk = shapely.box(1, 1, 4, 3)  # holds no cell's centre but (2.5, 2.5)
    add_zone(session, settings, "kiosk", kiosk, parent=parent)
    add_zone(session, settings, "square", shapely.box(5, 0, 40, 40), parent=parent)
    far = add_zone(session, settings, "far", shapely.box(900, 900, 902, 902))
    session.execute(
        text(
            "INSERT INTO exclusion (code, kind, geom) VALUES ('e', 'water', ST_Multi(ST_GeomFromWKB(:wkb, 4326)))"
        ),
        {
            "wkb": shapely.to_wkb(
                to_lonlat(EPSG, shapely.transform(shapely.box(1, 1, 2, 3), lambda xy: xy + ORIGIN))
            )
        },
    )
    ground.refresh_masks(session, settings)
    walk(session, settings, [(-60, 2), (-27, 2)])  # sees 30 m on: to x = 3
    rows = {row.code: row for row in coverage.zone_coverage(session, settings, TODAY)}
    assert abs(rows["kiosk"].area_m2 - 6) < 1e-3
    assert abs(rows["kiosk"].excluded_m2 - 2) < 1e-3
    seen = kiosk.difference(shapely.box(1, 1, 2, 3)).intersection(
        shapely.Point(-27, 2).buffer(30, quad_segs=256)
    )
    assert abs(rows["kiosk"].covered_m2 - seen.area) < 0.02
    assert rows["kiosk"].rate == rows["kiosk"].covered_m2 / (
        rows["kiosk"].area_m2 - rows["kiosk"].excluded_m2
    )
    assert rows["far"].rate == 0.0
    assert rows["far"].zone_id == far
    assert rows["P"].area_m2 % 25 == 0
    empty = Window(CHANGE, CHANGE)
    assert {row.rate for row in coverage.zone_coverage(session, settings, empty)} == {None}

"""The checks of the ground on a database: each fault that was put in is found, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
import shapely
from shapely import box
from sqlalchemy import text

from geoservice.domain import shifts
from geoservice.domain.crs import to_metric
from geoservice.domain.topology import find_gaps, find_overlaps, is_narrow, plane_of
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services.ground_checks.checking import check_ground
from geoservice.services.ground_checks.shift import candidates_here, shift_of
from geoservice.services.ground_checks.snapping import apply_snap, fingerprint, propose_snap
from geoservice.store import check_rows
from tests.services.ground_kit import EPSG, ORIGIN, add_point, add_street, add_zone, place

ON = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)


def found(session, settings, **asked) -> list[tuple]:
    report = check_ground(session, settings, ON, **asked)
    assert report.total == sum(len(result.findings) for result in report.results)
    return sorted(
        (f.kind, f.codes, round(f.area_m2 or 0)) for result in report.results for f in result.findings
    )


@pytest.fixture
def city(session, settings) -> dict[str, int]:
    """A district of 2 × 1 streets, each cut into four cells; everything fits, all codes hold their parent's."""
    ids = {"d": add_zone(session, settings, "440399", box(0, 0, 400, 200), level="district")}
    for half in (0, 1):
        code = f"44039900{half + 1}"
        ids[code] = add_zone(
            session,
            settings,
            code,
            box(200 * half, 0, 200 * half + 200, 200),
            level="street",
            parent=ids["d"],
        )
        for number in range(4):
            west, south = 200 * half + 100 * (number % 2), 100 * (number // 2)
            cell = f"{code}00{number + 1}"
            ids[cell] = add_zone(
                session, settings, cell, box(west, south, west + 100, south + 100), parent=ids[code]
            )
    return ids


def redraw(session, zone_id: int, polygon) -> None:
    """Give a zone another border, in metres from the origin."""
    lonlat = place(shapely.get_coordinates(polygon))
    session.execute(
        text("UPDATE zone_version SET geom = ST_Multi(ST_GeomFromWKB(:wkb, 4326)) WHERE zone_id = :id"),
        {"wkb": shapely.to_wkb(shapely.Polygon(lonlat)), "id": zone_id},
    )


def test_ground_where_all_fits_has_no_findings(session, settings, city) -> None:
    assert found(session, settings) == []


def test_gaps_and_overlaps_are_found_with_area_and_zones(session, settings, city) -> None:
    redraw(session, city["440399001001"], box(0, 0, 90, 100))  # leaves 10 × 100 free
    redraw(session, city["440399002004"], box(280, 100, 400, 200))  # takes 20 × 100 from its neighbour
    gap, overlap = found(session, settings, level="grid", only=["topology"])
    assert {"440399001001", "440399001002"} <= set(gap[1])
    assert (gap[0], gap[2]) == ("gap", pytest.approx(1000, rel=1e-3))
    assert overlap[:2] == ("overlap", ("440399002003", "440399002004"))
    assert overlap[2] == pytest.approx(2000, rel=1e-3)
    assert [kind for kind, *_ in found(session, settings, parent_code="440399001")] == ["gap"]
    assert found(session, settings, level="street", only=["topology"]) == []
    (gap,) = check_ground(session, settings, ON, parent_code="440399001").results[1].findings
    assert gap.geometry.contains(shapely.Point(gap.lon, gap.lat))
    metric = to_metric(EPSG, np.array([[gap.lon, gap.lat]]))[0] - ORIGIN
    assert box(90, 0, 100, 100).contains(shapely.Point(metric))


def test_children_beyond_their_parent_without_one_or_coded_and_named_against_it(
    session, settings, city
) -> None:
    redraw(session, city["440399001001"], box(-50, 0, 100, 100))
    add_zone(session, settings, "999", box(500, 500, 600, 600))
    add_zone(session, settings, "440398009009", box(0, 400, 50, 450), parent=city["440399002"])
    session.execute(
        text("UPDATE zone_version SET name = :name WHERE zone_id = ANY(:ids)"),
        {"name": "东 门", "ids": [city["440399001002"], city["440399001003"], city["440399002001"]]},
    )
    assert found(session, settings, only=["hierarchy"]) == [
        ("code_not_below_parent", ("440398009009", "440399002"), 0),
        ("no_parent", ("999",), 0),
        ("outside_parent", ("440398009009", "440399002"), pytest.approx(2500, rel=1e-3)),
        ("outside_parent", ("440399001001", "440399001"), pytest.approx(5000, rel=1e-3)),
        ("same_name", ("440399001002", "440399001003"), 0),
    ]


def test_codes_are_held_against_the_pattern_of_the_deployment(session, settings, city) -> None:
    add_zone(session, settings, "44039900100A", box(500, 0, 600, 100), parent=city["440399001"])
    add_zone(session, settings, "440399777001", box(600, 0, 700, 100), parent=city["440399001"])
    assert found(session, settings, only=["codes"]) == []
    with_pattern = replace(settings, zone_code_pattern="6+3+1-3+2-3")
    assert found(session, with_pattern, only=["codes"]) == [
        ("code_not_below_parent", ("440399777001", "440399001"), 0),
        ("code_not_digits", ("44039900100A", "440399001"), 0),
    ]


def test_points_with_one_name_within_fifty_metres_are_pairs(session, settings) -> None:
    for code, name, at in [
        ("A", "东门 市场", [0, 0]), ("B", "东门市场", [0, 49]), ("C", "东门市场", [0, 101]), ("D", "西门市场", [0, 1]),
        ("E", "公厕", [500, 0]), ("F", "公厕", [550.9, 0]), ("X-01", "甲", [900, 0]), ("ｘ 01", "乙", [2000, 0]),
    ]:  # fmt: skip
        session.execute(
            text("UPDATE point SET name = :name WHERE id = :id"),
            {"name": name, "id": add_point(session, settings, code, at)},
        )
    (result,) = check_ground(session, settings, ON, only=["duplicates"]).results
    pairs = [(f.kind, f.codes, f.distance_m) for f in result.findings]
    assert pairs[0][:2] == ("same_point", ("A", "B"))
    assert pairs[0][2] == pytest.approx(49, abs=0.3)
    assert [(kind, set(codes)) for kind, codes, _ in pairs[1:]] == [("codes_alike", {"X-01", "ｘ 01"})]


def test_what_is_narrow_is_snapped_after_it_was_shown_and_what_is_wide_stays(session, settings, city) -> None:
    redraw(session, city["440399001001"], box(0, 0, 99.5, 100))
    redraw(session, city["440399001003"], box(0, 100, 100.4, 200))
    redraw(session, city["440399002001"], box(200, 0, 280, 100))
    proposed = propose_snap(session, settings, ON, "grid")
    assert proposed
    assert all(0 < zone.farthest_m <= 1.001 for zone in proposed)
    before = check_rows.zone_borders(session, ON, level="grid")
    assert {zone.zone_id: zone.geom.wkb for zone in before} == {
        zone.zone_id: zone.geom.wkb for zone in check_rows.zone_borders(session, ON, level="grid")
    }, "a proposal changes nothing"
    with pytest.raises(Conflict, match="snap_changed"):
        apply_snap(session, settings, proposed, by=None, now=NOW, seen=fingerprint(proposed[1:]))
    assert apply_snap(session, settings, proposed, by=None, now=NOW, seen=fingerprint(proposed)) == len(
        proposed
    )
    zones = check_rows.zone_borders(session, ON, level="grid")
    shapes = [zone.geom for zone in zones]
    plane = plane_of(shapes)
    left = [
        *find_overlaps(shapes, plane),
        *find_gaps(shapes, plane, shapely.union_all([box(-180, -90, 180, 90)])),
    ]
    assert not [fault for fault in left if is_narrow(fault.geometry, plane, 1.0)]
    assert [kind for kind, *_ in found(session, settings, level="grid")] == ["gap"], (
        "the wide one is still told"
    )
    assert propose_snap(session, settings, ON, "grid") == []


@pytest.mark.parametrize("tolerance", [0.0, -1.0, 21.0, float("nan")])
def test_a_tolerance_that_would_redraw_the_city_is_refused(session, settings, city, tolerance) -> None:
    with pytest.raises(BadRequest, match="snap_tolerance"):
        propose_snap(session, settings, ON, "grid", tolerance_m=tolerance)


def test_unknown_levels_and_parents_are_refused(session, settings, city) -> None:
    with pytest.raises(BadRequest, match="unknown_level"):
        check_ground(session, settings, ON, level="nope")
    with pytest.raises(NotFound, match="zone_unknown"):
        check_ground(session, settings, ON, parent_code="nope")


def test_a_file_is_known_as_shifted_by_stored_zones_streets_and_points(session, settings) -> None:
    rng = np.random.default_rng(7)
    lines = rng.uniform(0, 5000, (60, 2))[:, None, :] + np.cumsum(rng.uniform(-150, 150, (60, 5, 2)), axis=1)
    for number, line in enumerate(lines):
        add_street(session, settings, f"S{number}", line)
    true = place(lines.reshape(-1, 2) + rng.normal(0, 5, (300, 2)))
    for kind in ("streets", "points"):
        assert shift_of(session, settings, true, kind) is None
        shift = shift_of(session, settings, shifts.wgs84_to_gcj02(true), kind)
        assert shift is not None
        assert shift.system == "gcj02"
        assert 300 < shift.metres < 800
    assert shift_of(session, settings, shifts.wgs84_to_gcj02(true), "zones") is None, "no zone can tell"
    assert shift_of(session, settings, np.empty((0, 2)), "streets") is None
    assert shift_of(session, settings, true, "leaders") is None


def test_the_zone_of_a_file_is_proposed_from_where_the_city_lies(session, settings, city) -> None:
    xy = np.array([[100.0, 100.0]]) + ORIGIN
    assert candidates_here(session, xy)[0].epsg == EPSG
    session.execute(text("DELETE FROM zone_version"))
    assert candidates_here(session, xy) == []


def test_a_report_can_be_written_as_json(session, settings, city) -> None:
    redraw(session, city["440399001001"], box(0, 0, 90, 100))
    (finding,) = check_ground(session, settings, ON, only=["topology"], level="grid").results[0].findings
    assert json.loads(shapely.to_geojson(finding.geometry))["type"] == "Polygon"

"""The list of exclusions: who excluded what, when and why, and what that takes from each zone."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_lonlat
from geoservice.domain.windows import Window
from geoservice.services import coverage, exclusions, ground
from tests.services.ground_kit import EPSG, NOW, ORIGIN, add_zone

BEFORE, CHANGE = date(2026, 6, 1), date(2026, 6, 10)


def exclude(session, settings, code, polygon, *, by=None, valid=(None, None), **said):
    """Import one exclusion by hand: a batch, then the row it wrote."""
    lonlat = to_lonlat(EPSG, shapely.transform(polygon, lambda xy: xy + ORIGIN))
    batch = session.scalar(
        text(
            "INSERT INTO import_batch (kind, files, created_by, created_at) VALUES ('exclusions', '[]', :by, :now) RETURNING id"
        ),
        {"by": by, "now": NOW},
    )
    session.execute(
        text(
            "INSERT INTO exclusion (code, kind, name, reason, geom, valid_from, valid_to, created_by, batch_id) VALUES "
            "(:code, :kind, :name, :reason, ST_Multi(ST_GeomFromWKB(:wkb, 4326)), :from_on, :to_on, :by, :batch)"
        ),
        {"code": code, "kind": "water", "name": "", "reason": "", "wkb": shapely.to_wkb(lonlat), "from_on": valid[0],
         "to_on": valid[1], "by": by, "batch": batch, **said},
    )  # fmt: skip
    ground.refresh_masks(session, settings)


def add_user(session):
    return session.scalar(
        text(
            "INSERT INTO app_user (login, name, password_hash, role) VALUES ('gis1', '张三', '', 'gis') RETURNING id"
        )
    )


def test_an_exclusion_says_who_made_it_when_and_why_and_how_large_it_is(session, settings):
    add_zone(session, settings, "Z", shapely.box(0, 0, 400, 400))
    lake = shapely.box(0, 0, 400, 100)
    exclude(session, settings, "lake", lake, by=add_user(session), name="湖", reason="water all year")
    exclude(session, settings, "compound", shapely.box(0, 300, 100, 400), kind="closed")
    compound, found = exclusions.list_exclusions(session)
    assert (found.code, found.kind, found.name, found.reason) == ("lake", "water", "湖", "water all year")
    assert (found.excluded_by, found.excluded_by_name, found.excluded_at) == ("gis1", "张三", NOW)
    # Against shapely's area in the metric CRS itself.
    assert found.area_m2 == pytest.approx(lake.area, rel=1e-6)
    assert (compound.code, compound.excluded_by) == ("compound", None)


def test_versions_are_listed_all_or_as_of_a_day(session, settings):
    add_zone(session, settings, "Z", shapely.box(0, 0, 400, 400))
    exclude(session, settings, "lake", shapely.box(0, 0, 400, 100), valid=(None, CHANGE))
    exclude(session, settings, "lake", shapely.box(0, 0, 400, 200), valid=(CHANGE, None))
    assert [each.valid_from for each in exclusions.list_exclusions(session)] == [None, CHANGE]
    assert [each.valid_to for each in exclusions.list_exclusions(session, BEFORE)] == [CHANGE]
    assert [each.valid_from for each in exclusions.list_exclusions(session, CHANGE)] == [CHANGE]
    shares = {on: exclusions.excluded_shares(session, on)[0].share for on in (BEFORE, CHANGE)}
    assert shares == {BEFORE: 0.25, CHANGE: 0.5}


def test_a_zone_s_share_counts_ground_under_two_exclusions_once_and_is_what_the_rate_leaves_out(
    session, settings
):
    whole = add_zone(session, settings, "S", shapely.box(0, 0, 800, 400), level="street")
    add_zone(session, settings, "S1", shapely.box(0, 0, 400, 400), parent=whole)
    add_zone(session, settings, "S2", shapely.box(400, 0, 800, 400), parent=whole)
    first, second = shapely.box(0, 0, 400, 100), shapely.box(0, 50, 400, 150)
    exclude(session, settings, "one", first)
    exclude(session, settings, "two", second)
    shares = {share.code: share for share in exclusions.excluded_shares(session, BEFORE)}
    assert shares.keys() == {"S", "S1"}
    assert shares["S1"].excluded_m2 == pytest.approx(first.union(second).area, rel=1e-6)
    assert shares["S"].share == pytest.approx(shares["S1"].share / 2)
    rows = {row.code: row for row in coverage.zone_coverage(session, settings, Window(BEFORE, BEFORE))}
    for code, share in shares.items():
        assert (share.area_m2, share.excluded_m2) == (rows[code].area_m2, rows[code].excluded_m2)


def test_before_there_is_any_ground_nothing_is_excluded(session, settings):
    assert exclusions.excluded_shares(session, BEFORE) == []
    assert exclusions.list_exclusions(session, BEFORE) == []

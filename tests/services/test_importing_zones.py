from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from geoservice.errors import BadRequest, InvalidFile
from geoservice.services.importing import Input, Report, Run, ZoneOptions, import_zones
from geoservice.services.importing.cutting import CutOptions, cut_zone
from geoservice.services.levels import add_level, list_levels
from tests.services.importing_samples import NOON, cells, counts, feature, geojson, polygon, rows, square

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

TODAY = date(2026, 3, 2)
CELLS = ZoneOptions(level="grid", code="code", name="name")
VERSIONS = """
    SELECT z.code, v.name, v.valid_from, v.valid_to FROM zone z JOIN zone_version v ON v.zone_id = z.id
    WHERE z.level = :level ORDER BY z.code, v.valid_from NULLS FIRST
"""


@pytest.fixture
def take(session: Session, settings: Settings):
    def take(path: Path, options: ZoneOptions = CELLS, days: int = 0, **run: Any) -> Report:
        when = Run(now=NOON + timedelta(days=days), **run)
        return import_zones(session, settings, Input(paths=(path,)), options, when)

    return take


def _district(path: Path, code: str = "D1", name: str = "福田区", width: int = 10) -> Path:
    rings = [
        [
            [114.05, 22.52],
            [114.05 + width * 0.005, 22.52],
            [114.05 + width * 0.005, 22.53],
            [114.05, 22.53],
            [114.05, 22.52],
        ]
    ]
    return geojson(path, feature(polygon(rings), code=code, name=name))


def _numbers(report: Report) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.removed


def test_a_first_import_holds_since_ever(take, session, tmp_path) -> None:
    report = take(cells(tmp_path / "a.geojson", 3))
    assert _numbers(report) == (3, 0, 0, 0)
    assert rows(session, VERSIONS, level="grid")[0] == ("C01", "网格1", None, None)
    assert rows(session, "SELECT count(DISTINCT zone_version_id) FROM zone_mask") == [(3,)]
    assert rows(session, "SELECT metric_epsg FROM deployment") == [(4547,)]


def test_importing_twice_changes_nothing(take, session, tmp_path) -> None:
    path = cells(tmp_path / "a.geojson", 3, note="甲")
    take(path)
    before = rows(session, "SELECT * FROM zone_version ORDER BY id")
    assert _numbers(take(path, days=3)) == (0, 0, 3, 0)
    assert rows(session, "SELECT * FROM zone_version ORDER BY id") == before


def test_a_border_drawn_from_another_corner_is_the_same_border(take, tmp_path) -> None:
    ring = square(0)[0]
    take(geojson(tmp_path / "a.geojson", feature(polygon([ring]), code="C01", name="一")))
    turned = [*ring[2:-1], *ring[:3]]
    again = take(
        geojson(tmp_path / "b.geojson", feature(polygon([turned[::-1]]), code="C01", name="一")), days=1
    )
    assert _numbers(again) == (0, 0, 1, 0)


def test_a_file_without_names_keeps_those_that_are_stored(take, tmp_path) -> None:
    take(cells(tmp_path / "a.geojson", 1))
    bare = geojson(tmp_path / "b.geojson", feature(polygon(square(0)), code="C01"))
    assert _numbers(take(bare, ZoneOptions(level="grid"), days=1)) == (0, 0, 1, 0)


def test_a_changed_border_ends_the_old_version_today_and_again_today_is_in_place(
    take, session, tmp_path
) -> None:
    take(cells(tmp_path / "a.geojson", 2))
    wider = geojson(tmp_path / "b.geojson", feature(polygon(square(0, size=0.9)), code="C01", name="网格1"))
    assert _numbers(take(wider, days=5)) == (0, 1, 0, 0)
    day = TODAY + timedelta(days=5)
    assert rows(session, VERSIONS, level="grid")[:2] == [
        ("C01", "网格1", None, day),
        ("C01", "网格1", day, None),
    ]
    masks = rows(session, "SELECT zone_version_id, sum(bit_count(bits)) FROM zone_mask GROUP BY 1 ORDER BY 1")
    smaller = geojson(tmp_path / "c.geojson", feature(polygon(square(0, size=0.5)), code="C01", name="网格1"))
    assert _numbers(take(smaller, days=5)) == (0, 1, 0, 0)
    assert len(rows(session, VERSIONS, level="grid")) == 3
    after = rows(session, "SELECT zone_version_id, sum(bit_count(bits)) FROM zone_mask GROUP BY 1 ORDER BY 1")
    assert [key for key, _ in after] == [key for key, _ in masks]
    assert (
        sum(1 for old, new in zip(masks, after, strict=True) if old != new) == 1
    )  # only the rewritten version's


def test_a_correction_rewrites_the_past(take, session, tmp_path) -> None:
    take(cells(tmp_path / "a.geojson", 1))
    better = geojson(tmp_path / "b.geojson", feature(polygon(square(0, size=0.5)), code="C01", name="网格1"))
    assert _numbers(take(better, replace(CELLS, correct=True), days=9)) == (0, 1, 0, 0)
    assert rows(session, VERSIONS, level="grid") == [("C01", "网格1", None, None)]
    assert rows(
        session, "SELECT count(*) FROM zone_mask m JOIN zone_version v ON v.id = m.zone_version_id"
    ) == [(1,)]


def test_only_a_full_import_removes_and_what_came_today_vanishes(take, session, tmp_path) -> None:
    take(cells(tmp_path / "a.geojson", 3))
    one = cells(tmp_path / "b.geojson", 1)
    assert _numbers(take(one, days=1)) == (0, 0, 1, 0)
    assert _numbers(take(one, replace(CELLS, full=True), days=1)) == (0, 0, 1, 2)
    ends = TODAY + timedelta(days=1)
    assert [row[3] for row in rows(session, VERSIONS, level="grid")] == [None, ends, ends]
    assert _numbers(take(cells(tmp_path / "a.geojson", 3), days=1)) == (2, 0, 1, 0)  # they are back
    assert _numbers(take(one, replace(CELLS, full=True), days=1)) == (0, 0, 1, 2)
    assert len(rows(session, VERSIONS, level="grid")) == 3


def test_a_rejected_row_does_not_remove_its_zone(take, session, tmp_path) -> None:
    take(cells(tmp_path / "a.geojson", 2))
    broken = geojson(
        tmp_path / "b.geojson",
        feature(polygon(square(0)), code="C01", name="网格1"),
        feature({"type": "Point", "coordinates": [114, 22]}, code="C02", name="网格2"),
    )
    report = take(broken, replace(CELLS, full=True), days=1)
    assert _numbers(report) == (0, 0, 1, 0)
    assert [(each.row, each.code) for each in report.rejected] == [(2, "not_a_polygon")]


def test_parents_by_code_by_level_and_by_place(take, session, tmp_path) -> None:
    take(_district(tmp_path / "d.geojson"), ZoneOptions(level="district", code="code", name="name"))
    path = geojson(
        tmp_path / "a.geojson",
        feature(polygon(square(0)), code="C01", name="一", parent="D1"),
        feature(polygon(square(1)), code="C02", name="二", parent="D9"),
        feature(polygon(square(2)), code="C03", name="三", parent=None),
    )
    report = take(path, replace(CELLS, parent_code="parent"))
    assert [(each.row, each.column, each.value, each.code) for each in report.rejected] == [
        (2, "parent", "D9", "unknown_parent")
    ]
    wider = {"zh_Hans_CN": "社区、街道、区县、市", "en": "Community, Subdistrict, District, City"}
    assert report.rejected[0].values == {"levels": wider, "known": "D1"}
    paths = rows(
        session,
        "SELECT z.code, cardinality(v.path) FROM zone z JOIN zone_version v ON v.zone_id = z.id WHERE level = 'grid' ORDER BY 1",
    )
    assert paths == [("C01", 2), ("C03", 1)]
    by_place = take(cells(tmp_path / "b.geojson", 3), replace(CELLS, parent_by_place=True))
    assert by_place.detected["parent_level"] == "district"
    parents = rows(
        session,
        "SELECT count(*) FROM zone_version v JOIN zone p ON p.id = v.parent_id WHERE v.valid_to IS NULL AND p.code = 'D1'",
    )
    assert parents == [(3,)]
    with pytest.raises(BadRequest, match="parent_level_not_wider"):
        take(path, replace(CELLS, parent_code="parent", parent_level="grid"))


def test_paths_follow_when_a_zone_between_moves_and_the_past_stays(take, session, tmp_path) -> None:
    district = ZoneOptions(level="district", code="code", name="name")
    take(_district(tmp_path / "1.geojson", "D1"), district)
    take(_district(tmp_path / "2.geojson", "D2"), district)
    street = replace(CELLS, level="street", parent_code="parent")

    def belongs_to(code: str) -> Path:
        return geojson(
            tmp_path / "s.geojson", feature(polygon(square(0, size=2)), code="S1", name="街道", parent=code)
        )

    take(belongs_to("D1"), street)
    take(cells(tmp_path / "c.geojson", 2, parent="S1"), replace(CELLS, parent_code="parent"))
    sql = """
        SELECT array_to_string(array(SELECT p.code FROM unnest(v.path) WITH ORDINALITY u(id, n) JOIN zone p ON p.id = u.id ORDER BY n), '/'),
               v.valid_from FROM zone z JOIN zone_version v ON v.zone_id = z.id WHERE z.code = 'C01' ORDER BY v.valid_from NULLS FIRST
    """
    assert rows(session, sql) == [("D1/S1/C01", None)]
    take(belongs_to("D2"), street, days=4)
    assert rows(session, sql) == [("D1/S1/C01", None), ("D2/S1/C01", TODAY + timedelta(days=4))]
    bits = "SELECT z.code, count(*) = 2 * count(DISTINCT (m.tx, m.ty, m.bits)) FROM zone z JOIN zone_version v ON v.zone_id = z.id JOIN zone_mask m ON m.zone_version_id = v.id WHERE z.code = 'C01' GROUP BY 1"
    assert rows(session, bits) == [("C01", True)]  # the mask was copied
    take(belongs_to("D1"), street, days=4)  # and back on the same day
    assert rows(session, sql)[-1] == ("D1/S1/C01", TODAY + timedelta(days=4))


def test_points_and_streets_know_their_zone(take, session, tmp_path) -> None:
    session.execute(
        _text(
            "INSERT INTO point (code, category, name, geom) VALUES ('p', 'other', 'p', ST_SetSRID(ST_MakePoint(114.0525, 22.5225), 4326))"
        )
    )
    session.execute(
        _text(
            "INSERT INTO street (code, geom) VALUES ('s', ST_GeomFromText('LINESTRING(114.056 22.522, 114.058 22.522)', 4326))"
        )
    )
    take(_district(tmp_path / "d.geojson"), ZoneOptions(level="district", code="code", name="name"))
    places = "SELECT z.code FROM {} t JOIN zone z ON z.id = t.zone_id"
    assert rows(session, places.format("point")) == [("D1",)]
    take(cells(tmp_path / "c.geojson", 2))
    assert rows(session, places.format("point")) == [("C01",)]
    assert rows(session, places.format("street")) == [("C02",)]


def _text(sql: str):
    from sqlalchemy import text

    return text(sql)


def test_a_dry_run_says_the_same_and_leaves_every_table_alone(take, session, tmp_path) -> None:
    take(cells(tmp_path / "a.geojson", 2))
    mixed = geojson(
        tmp_path / "b.geojson",
        feature(polygon(square(0, size=0.5)), code="C01", name="变"),
        feature(polygon(square(5)), code="C06", name="新"),
        feature(polygon(square(6)), code="C06", name="重"),
    )
    full = replace(CELLS, full=True)
    before = counts(session)
    dry = take(mixed, full, days=1, dry_run=True)
    assert dry.batch is None
    assert counts(session) == before
    wet = take(mixed, full, days=1)
    assert _numbers(dry) == _numbers(wet) == (1, 1, 0, 1)
    assert dry.rejected == wet.rejected


def test_strict_refuses_all_for_one_and_leaves_nothing(take, session, tmp_path) -> None:
    path = geojson(
        tmp_path / "a.geojson",
        feature(polygon(square(0)), code="C01", name="一"),
        feature(polygon(square(1)), code="C01", name="二"),
    )
    before = counts(session)
    with pytest.raises(InvalidFile, match="rows_rejected") as caught:
        take(path, strict=True)
    assert [(p.file, p.row, p.column, p.value, p.code, p.values) for p in caught.value.problems] == [
        ("a.geojson", 2, "code", "C01", "duplicate_code", {"first": "a.geojson:1"})
    ]
    assert counts(session) == before


def test_a_fault_in_the_middle_leaves_nothing(take, session, settings, tmp_path, monkeypatch) -> None:
    from geoservice.services import ground

    def fail(*_: Any) -> int:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(ground, "refresh_masks", fail)
    before = counts(session)
    with pytest.raises(RuntimeError, match="disk is full"):
        take(cells(tmp_path / "a.geojson", 2))
    assert counts(session) == before


def test_codes_from_a_template_and_from_the_name_of_the_file(take, session, tmp_path) -> None:
    path = geojson(tmp_path / "a.geojson", feature(polygon(square(0)), COL=3, ROW=7.0))
    take(path, ZoneOptions(level="grid", code="{COL}-{ROW}", name="网格 {col}"))
    copy = tmp_path / "110108.geojson"
    shutil.copy(path, copy)
    take(copy, ZoneOptions(level="district", code="@file"))
    assert rows(session, VERSIONS, level="grid")[0][:2] == ("3-7", "网格 3")
    assert rows(session, VERSIONS, level="district")[0][:2] == ("110108", "110108")


def test_a_batch_tells_files_counts_and_who(take, session, tmp_path) -> None:
    report = take(cells(tmp_path / "a.geojson", 2))
    ((files, new, detected),) = rows(
        session, "SELECT files, new_count, detected FROM import_batch WHERE id = :id", id=report.batch
    )
    assert files[0]["name"] == "a.geojson"
    assert len(files[0]["sha256"]) == 64
    assert (new, detected["crs"]) == (2, "EPSG:4326")
    assert rows(session, "SELECT action, object_kind, object_id FROM audit_entry") == [
        ("import.zones", "import_batch", str(report.batch))
    ]


def test_cutting_twice_changes_nothing_and_a_coarser_cut_ends_what_is_beyond(
    take, session, settings, tmp_path
) -> None:
    take(_district(tmp_path / "d.geojson"), ZoneOptions(level="district", code="code", name="name"))
    first = cut_zone(session, settings, CutOptions("D1", 500.0), Run(now=NOON))
    assert first.new > 10
    assert _numbers(cut_zone(session, settings, CutOptions("D1", 500.0), Run(now=NOON)))[:3] == (
        0,
        0,
        first.new,
    )
    area = "SELECT sum(ST_Area(geom::geography)) FROM zone_version v JOIN zone z ON z.id = v.zone_id WHERE level = :level AND valid_to IS NULL"
    ((cut,),), ((whole,),) = rows(session, area, level="grid"), rows(session, area, level="district")
    assert cut == pytest.approx(whole, rel=1e-6)
    coarse = cut_zone(session, settings, CutOptions("D1", 1000.0), Run(now=NOON + timedelta(days=1)))
    ((cut,),) = rows(session, area, level="grid")
    assert cut == pytest.approx(whole, rel=1e-6)
    assert coarse.removed + coarse.changed == first.new


def test_levels_are_listed_when_one_is_unknown_and_can_be_added(take, session, tmp_path) -> None:
    with pytest.raises(BadRequest) as caught:
        take(cells(tmp_path / "a.geojson", 1), replace(CELLS, level="block"))
    assert caught.value.values["levels"] == "city, district, street, community, grid"
    add_level(session, "block", 6, ("片", "Block"))
    assert list_levels(session)[-1].code == "block"
    assert _numbers(take(cells(tmp_path / "a.geojson", 1), replace(CELLS, level="block"))) == (1, 0, 0, 0)

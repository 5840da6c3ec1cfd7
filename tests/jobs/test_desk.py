"""Imports on the desk, from the file to the ground, as jobs: what the check lists is what is done, and nothing else."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.domain.crs import to_metric
from geoservice.domain.shifts import wgs84_to_gcj02
from geoservice.services import desk
from tests.jobs.desk_kit import Desk, clear, grid, refused, shapefile
from tests.services.importing_samples import cells, feature, geojson, line, point, polygon, square, table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.jobs.conftest import Bench

BOWTIE = [[[114.05, 22.52], [114.06, 22.53], [114.06, 22.52], [114.05, 22.53], [114.05, 22.52]]]


@pytest.fixture
def mine(bench: Bench, tmp_path: Path) -> Desk:
    clear(bench)
    return Desk(bench, tmp_path)


def codes(items: list[desk.Item]) -> list[str]:
    return [item.code for item in items]


def test_a_gbk_shapefile_is_seen_checked_and_applied_as_it_is_meant(mine: Desk, tmp_path: Path) -> None:
    path = shapefile(
        tmp_path / "网格.shp",
        grid(4),
        {"网格编码": ["G1", "G2", "G3", "G4"], "网格名称": ["香蜜湖", "梅林", "莲花", "华强北"]},
        encoding="GBK",
    )
    path.with_suffix(".cpg").unlink()
    parts = sorted(tmp_path.glob("网格.*"))
    draft = mine.put(*parts)
    seen = mine.look(draft)
    assert seen["encoding"] == "gb18030"
    assert seen["guess"] == {"kind": "zones", "columns": {"code": "网格编码", "name": "网格名称"}}
    mine.choose(draft, kind="zones", level="grid")
    before = mine.state()
    counts = mine.check(draft)
    assert mine.state() == before, "a check writes nothing but its findings"
    assert counts == {"new": 4, "changed": 0, "unchanged": 0, "removed": 0, "repaired": 0, "rejected": 0}
    listed = [(item.code, item.name) for item in mine.items(draft, "new")]
    batch = mine.apply(draft)
    sql = "SELECT z.code, v.name FROM zone z JOIN zone_version v ON v.zone_id = z.id WHERE v.batch_id = :batch ORDER BY 1"
    assert mine.rows(sql, batch=batch) == listed
    assert listed[0] == ("G1", "香蜜湖")
    kept = mine.draft(draft)
    assert (kept.state, kept.batch_id) == ("applied", batch)
    assert [file["name"] for file in kept.files] == ["网格.shp", "网格.dbf", "网格.prj", "网格.shx"], (
        "by its main part"
    )

    again = mine.ready(*parts, kind="zones", level="grid")
    assert mine.check(again)["unchanged"] == 4
    assert codes(mine.items(again, "unchanged")) == ["G1", "G2", "G3", "G4"]
    with mine.bench.transaction() as session:
        assert refused(lambda: desk.ask(session, again, "apply", by=None)) == "nothing_to_apply"


def test_a_workbook_in_chinese_is_understood_and_remembered(mine: Desk, tmp_path: Path) -> None:
    path = tmp_path / "点位.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for index, row in enumerate(
            (["点位编码", "点位名称", "单位", "经度", "纬度"], ["P1", "东门", "某局", 114.06, 22.53])
        ):
            sheet.write_row(index, 0, row)
    draft = mine.put(path)
    seen = mine.look(draft)
    assert seen["guess"] == {
        "kind": "points",
        "columns": {"code": "点位编码", "name": "点位名称", "lon": "经度", "lat": "纬度"},
    }
    assert seen["rows"] == [["P1", "东门", "某局", 114.06, 22.53]]
    assert seen["saved"] is None
    mine.choose(draft, kind="points", column_code="点位编码", column_name="单位", category_value="market")
    assert mine.check(draft)["new"] == 1
    mine.apply(draft)
    assert mine.rows("SELECT code, name, category FROM point") == [("P1", "某局", "market")]
    assert mine.look(mine.put(path))["saved"] == {"code": "点位编码", "name": "单位"}


def test_a_column_that_was_guessed_can_be_refused(mine: Desk, tmp_path: Path) -> None:
    draft = mine.ready(cells(tmp_path / "a.geojson", 1), kind="zones", level="grid", column_name="@none")
    mine.check(draft)
    assert [(item.code, item.name) for item in mine.items(draft, "new")] == [("C01", "C01")]


def test_points_in_gcj02_are_recognised_by_the_ground_and_put_where_they_are(
    mine: Desk, tmp_path: Path
) -> None:
    ground = geojson(
        tmp_path / "g.geojson",
        *(feature(shapely.geometry.mapping(cell), code=f"G{n}") for n, cell in enumerate(grid(30))),
        *(
            feature(shapely.geometry.mapping(shapely.affinity.translate(cell, 0, 0.004)), code=f"H{n}")
            for n, cell in enumerate(grid(30))
        ),
    )
    mine.take("zones", ground)
    corners = shapely.get_coordinates(np.array(grid(30), dtype=object))
    true = np.unique(corners.round(9), axis=0)
    shifted = np.asarray(wgs84_to_gcj02(true))
    path = geojson(
        tmp_path / "shifted.geojson",
        *(
            feature(
                polygon([[list(place) for place in wgs84_to_gcj02(np.array(cell.exterior.coords))]]),
                code=f"G{n}",
            )
            for n, cell in enumerate(grid(30))
        ),
    )
    draft = mine.put(path)
    seen = mine.look(draft)
    assert seen["shift"] is not None
    assert seen["shift"]["system"] == "gcj02"
    assert 300 < seen["shift"]["metres"] < 800
    mine.choose(draft, kind="zones", level="grid", crs="gcj02", correct="yes")
    assert mine.draft(draft).state == "received", "what was seen of its places holds no more"
    assert mine.look(draft)["shift"] is None
    mine.check(draft)
    with mine.bench.transaction() as session:
        shown = desk.features(session, draft, bounds=None)
    moved = [each for each in shown["features"] if each["properties"]["side"] == "after"]
    places = np.vstack([np.array(each["geometry"]["coordinates"][0][0]) for each in moved])
    away = [np.hypot(*(to_metric(4547, true) - to_metric(4547, place[None])).T).min() for place in places]
    assert len(moved) == 30
    assert max(away) < 0.5
    assert np.hypot(*(to_metric(4547, true) - to_metric(4547, shifted)).T).min() > 300


def test_pasted_lists_come_as_excel_copies_them(mine: Desk) -> None:
    draft = mine.paste("编码\t名称\t经度\t纬度\r\nP1\t东门\t114.06\t22.53\r\nP2\t西门\t114.07\t22.53\r\n")
    assert [file["name"] for file in mine.draft(draft).files] == ["pasted.tsv"]
    assert mine.look(draft)["guess"]["kind"] == "points"
    mine.choose(draft, kind="points")
    assert mine.check(draft)["new"] == 2
    assert codes(mine.items(draft, "new")) == ["P1", "P2"]

    draft = mine.paste("LINESTRING (114.05 22.52, 114.06 22.52)\nLINESTRING (114.05 22.53, 114.06 22.53)")
    assert mine.look(draft)["guess"]["kind"] == "streets"


def test_a_zip_of_two_layers_asks_which(mine: Desk, tmp_path: Path) -> None:
    archive = tmp_path / "两个.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for name, count in (("b", 2), ("a", 3)):
            whole = shapefile(
                tmp_path / f"{name}.shp", grid(count), {"code": [f"{name}{n}" for n in range(count)]}
            )
            for part in tmp_path.glob(f"{whole.stem}.*"):
                zipped.write(part, part.name)
    draft = mine.put(archive)
    assert [layer["name"] for layer in mine.look(draft)["layers"]] == ["a", "b"]
    mine.choose(draft, kind="zones", level="grid")
    assert mine.check(draft)["new"] == 3, "what was shown is what is read"
    mine.choose(draft, layer="b")
    assert mine.draft(draft).state == "received"
    mine.look(draft)
    assert mine.check(draft)["new"] == 2


def test_what_would_be_repaired_is_shown_and_asks(mine: Desk, tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "a.geojson", feature(polygon(BOWTIE), code="B"), feature(polygon(square(4)), code="S")
    )
    draft = mine.ready(path, kind="zones", level="grid")
    assert {name: count for name, count in mine.check(draft).items() if count} == {"new": 2, "repaired": 1}
    (item,) = mine.items(draft, "repaired")
    assert item.problem is not None
    assert (item.problem.code, item.problem.row) == ("area_changed", 1)
    with mine.bench.transaction() as session:
        shown = desk.features(session, draft, bounds=None)["features"]
    sides = {
        each["properties"]["side"]: shapely.geometry.shape(each["geometry"])
        for each in shown
        if each["properties"]["outcome"] == "repaired"
    }
    assert not sides["before"].is_valid
    assert sides["after"].is_valid
    with mine.bench.transaction() as session:
        assert refused(lambda: desk.ask(session, draft, "apply", by=None)) == "repairs_need_answer"
    mine.choose(draft, repairs="leave")
    assert mine.draft(draft).state == "looked"
    assert {name: count for name, count in mine.check(draft).items() if count} == {"new": 1, "rejected": 1}
    assert mine.items(draft, "rejected")[0].problem.code == "repair_not_wanted"
    mine.choose(draft, repairs="")
    mine.check(draft)
    mine.choose(draft, repairs="take")
    assert mine.draft(draft).state == "checked", "it was checked with its repairs"
    mine.apply(draft)
    assert mine.rows("SELECT code FROM zone ORDER BY 1") == [("B",), ("S",)]


def test_every_refused_row_is_kept_though_nothing_can_be_taken(mine: Desk, tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "a.geojson", *(feature(point(114.05, 22.52), name="x", code="") for _ in range(1500))
    )
    draft = mine.ready(path, kind="points")
    assert mine.check(draft)["rejected"] == 1500
    assert mine.draft(draft).report["refused"]["code"] == "nothing_taken"
    with mine.bench.transaction() as session:
        last = desk.items(session, draft, "rejected", page=15)
        assert refused(lambda: desk.ask(session, draft, "apply", by=None)) == "nothing_to_apply"
    assert (last.total, len(last.items), last.items[-1].number, last.items[-1].problem.row) == (
        1500,
        100,
        1500,
        1500,
    )


def test_what_changed_since_the_check_is_not_applied_over(mine: Desk, tmp_path: Path) -> None:
    mine.take("zones", cells(tmp_path / "a.geojson", 3))
    draft = mine.ready(cells(tmp_path / "b.geojson", 3, owner="x"), kind="zones", level="grid")
    assert mine.check(draft)["changed"] == 3
    with mine.bench.transaction() as session:
        session.execute(text("UPDATE zone_version SET name = 'renamed' WHERE name = '网格1'"))
    before = mine.state()
    job = mine.step(draft, "apply")
    assert (job.state, job.error["code"]) == ("failed", "ground_changed_since_check")
    assert mine.state() == before
    assert mine.draft(draft).state == "checked"
    mine.check(draft)
    assert mine.items(draft, "changed")[0].changes == {
        "name": ["renamed", "网格1"],
        "attributes.owner": [None, "x"],
    }
    mine.apply(draft)


def test_changes_are_told_field_by_field(mine: Desk, tmp_path: Path) -> None:
    mine.take(
        "zones", geojson(tmp_path / "d.geojson", feature(polygon(square(0, size=9)), code="D")), "district"
    )
    mine.take("zones", cells(tmp_path / "a.geojson", 3))
    path = geojson(
        tmp_path / "b.geojson",
        feature(polygon(square(0, size=0.5)), code="C01", name="网格1", up="D"),
        feature(polygon(square(1)), code="C02", name="新名", up=""),
    )
    draft = mine.ready(path, kind="zones", level="grid", full="yes", column_parent_code="up")
    mine.check(draft)
    first, second = (item.changes for item in mine.items(draft, "changed"))
    assert set(first) == {"area_m2", "parent"}
    assert first["parent"] == [None, "D"]
    assert first["area_m2"][1] == pytest.approx(first["area_m2"][0] / 4, rel=0.01)
    assert second == {"name": ["网格2", "新名"]}
    assert codes(mine.items(draft, "removed")) == ["C03"]


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    old=st.dictionaries(st.integers(0, 9), st.integers(0, 2), min_size=1),
    new=st.dictionaries(st.integers(0, 9), st.integers(0, 2), min_size=1),
    full=st.booleans(),
)
def test_the_check_partitions_a_file_as_a_plain_comparison_does(
    mine: Desk, tmp_path: Path, old: dict[int, int], new: dict[int, int], full: bool
) -> None:
    """`old` and `new` say which zones there are and which of three names each has."""
    clear(mine.bench)
    first, second = (
        geojson(
            tmp_path / "x.geojson" if told is old else tmp_path / "y.geojson",
            *(feature(polygon(square(n)), code=str(n), name=f"name {name}") for n, name in told.items()),
        )
        for told in (old, new)
    )
    mine.take("zones", first)
    draft = mine.ready(second, kind="zones", level="grid", full="yes" if full else "no")
    counts = mine.check(draft)
    expected = {
        "new": sorted(set(new) - set(old)),
        "changed": sorted(n for n in set(new) & set(old) if new[n] != old[n]),
        "unchanged": sorted(n for n in set(new) & set(old) if new[n] == old[n]),
        "removed": sorted(set(old) - set(new)) if full else [],
    }
    listed = {outcome: [int(code) for code in codes(mine.items(draft, outcome))] for outcome in expected}
    assert listed == expected
    assert {outcome: counts[outcome] for outcome in expected} == {
        name: len(each) for name, each in expected.items()
    }


def test_points_streets_and_exclusions_tell_what_changes(mine: Desk, tmp_path: Path) -> None:
    kinds = {
        "points": (point(114.05, 22.52), point(114.06, 22.52), "geometry"),
        "streets": (
            line((114.05, 22.52), (114.06, 22.52)),
            line((114.05, 22.52), (114.07, 22.52)),
            "length_m",
        ),
        "exclusions": (polygon(square(0)), polygon(square(0, size=0.5)), "area_m2"),
    }
    for kind, (before, after, measure) in kinds.items():
        stays = feature(before, code="C", name="丁")
        mine.take(kind, geojson(tmp_path / "a.geojson", feature(before, code="A", name="甲"), stays))
        told = (feature(after, code="A", name="乙"), feature(before, code="B", name="丙"), stays)
        path = geojson(tmp_path / "b.geojson", *told)
        draft = mine.ready(path, kind=kind)
        counts = mine.check(draft)
        assert (counts["new"], counts["changed"], counts["unchanged"]) == (1, 1, 1), kind
        assert codes(mine.items(draft, "unchanged")) == ["C"]
        (changed,) = mine.items(draft, "changed")
        assert (changed.code, changed.changes["name"]) == ("A", ["甲", "乙"])
        assert set(changed.changes) == {"name", measure}
        mine.apply(draft)


def test_contracts_check_ins_and_tracks_are_counted_and_listed(mine: Desk, tmp_path: Path) -> None:
    mine.take("zones", cells(tmp_path / "a.geojson", 2))
    mine.take(
        "points", geojson(tmp_path / "p.geojson", feature(point(114.05, 22.52), code="P1", name="市场"))
    )
    sheets = {
        "contracts": (
            "领导,片区编码\n张三,C01\n李四,C02\n王五,C09\n",
            {"new": 2, "rejected": 1},
            ["C01", "C02"],
        ),
        "check_ins": ("点位编码,打卡时间,检查结果\nP1,2026-03-01 08:00,正常\n", {"new": 1}, ["P1"]),
        "tracks": (
            "设备,时间,经度,纬度\nd1,2026-03-01 08:00:00,114.05,22.52\nd1,2026-03-01 08:00:10,114.0505,22.52\n",
            {"new": 2},
            ["d1"],
        ),
    }
    for kind, (words, expected, listed) in sheets.items():
        draft = mine.put(table(tmp_path / f"{kind}.csv", words.strip()))
        seen = mine.look(draft)
        assert seen["guess"]["kind"] == kind
        mine.choose(draft, kind=kind)
        before = mine.state()
        counts = mine.check(draft)
        assert {name: count for name, count in counts.items() if count} == expected
        assert mine.state() == before
        assert codes(mine.items(draft, "new")) == listed
        mine.apply(draft)

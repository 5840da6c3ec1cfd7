"""Layers as files: what comes back through our own importer, what a part of the city may have, what filters leave."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import pytest
import python_calamine
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from shapely import box
from sqlalchemy import text
from sqlalchemy.orm import Session

from geoservice.config import Settings
from geoservice.domain.windows import Window
from geoservice.errors import BadRequest, NotAllowed, NotFound, Problem
from geoservice.formats import read_features, read_table
from geoservice.formats.writing import Format, format_named
from geoservice.services import exporting, importing
from geoservice.services.exporting import Filters, Wanted, rejects
from geoservice.services.importing import Input, Run
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING, Scope
from tests.services import ground_kit as kit
from tests.services import importing_samples
from tests.services.importing_samples import (
    NOON,
    feature,
    line,
    point,
    polygon,
    square,
    table,
)

if TYPE_CHECKING:
    from pathlib import Path

EVERY_LAYER = [name for name in exporting.LAYERS if name != "import_problems"]
ROUND = ("gpkg", "geojson", "zip")


def geojson(path, *features):
    """As the samples write it, to the seven decimals that an export keeps."""
    written = importing_samples.geojson(path, *features)
    document = json.loads(written.read_text("utf-8"), parse_float=lambda number: round(float(number), 7))
    written.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return written


def cells(path, count, **more):
    """A row of square cells with codes C01, C02 …"""
    return geojson(
        path,
        *(
            feature(polygon(square(n)), code=f"C{n + 1:02d}", name=f"网格{n + 1}", **more)
            for n in range(count)
        ),
    )


def run(now=NOON) -> Run:
    return Run(now=now)


def made(session, settings, folder, layer, kind="gpkg", crs="4326", locale="zh_Hans_CN", now=NOON, **filters):
    wanted = Wanted(layer, format_named(kind), crs, Filters(**filters), locale)
    folder.mkdir(exist_ok=True)
    return exporting.export(session, settings, wanted, folder, now=now)


def read(path):
    return pyogrio.read_dataframe(f"/vsizip/{path}" if path.suffix == ".zip" else path)


@pytest.fixture(scope="module")
def desk(new_database, tmp_path_factory):
    """A database of this module's own, with zones, points, streets, exclusions, contracts, check-ins by the importers."""
    url = new_database()
    var = tmp_path_factory.mktemp("var")
    settings = Settings(
        database_url=url, secret_key="a test key of more than thirty-two characters", var_dir=var
    )
    engine = make_engine(url)
    with transaction(engine) as session:
        folder = tmp_path_factory.mktemp("in")
        _fill(session, settings, folder)
    yield engine, settings, folder
    engine.dispose()


@pytest.fixture
def settings(desk):
    return desk[1]


@pytest.fixture
def session(desk):
    """As the shared one: whatever a test does is rolled back."""
    with desk[0].connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", info={"scope": EVERYTHING}
        ) as session:
            yield session
        outer.rollback()


@pytest.fixture
def city(desk):
    """The folder of the files that were imported."""
    return desk[2]


def _fill(session, settings, folder):
    district = geojson(folder / "d.geojson", feature(polygon(square(0, size=9)), code="D1", name="明湖区"))
    importing.import_zones(session, settings, Input((district,)), importing.ZoneOptions("district"), run())
    grid = cells(folder / "g.geojson", 5, parent="D1", 备注="=HYPERLINK(1)", 人口=1200, 比例=0.25, 重点=True)
    options = importing.ZoneOptions("grid", parent_code="parent")
    importing.import_zones(session, settings, Input((grid,)), options, run())
    places = [feature(point(114.051 + n / 1000, 22.521), code=f"P{n}", name=f"市场{n}", category="market", weight=2.5, 电话="0755") for n in range(4)]  # fmt: skip
    path = geojson(folder / "p.geojson", *places)
    importing.import_points(session, settings, Input((path,)), importing.PointOptions(), run())
    roads = [feature(line((114.05, 22.52 + n / 1000), (114.07, 22.521)), code=f"S{n}", name=f"路{n}", highway="primary", oneway="yes" if n else "no") for n in range(3)]  # fmt: skip
    path = geojson(folder / "s.geojson", *roads)
    importing.import_streets(session, settings, Input((path,)), importing.StreetOptions(), run())
    lake = geojson(folder / "e.geojson", feature(polygon(square(1, size=0.5)), code="E1", name="明湖", kind="water", reason="水面"))  # fmt: skip
    importing.import_exclusions(session, settings, Input((lake,)), importing.ExclusionOptions(), run())
    rows = table(folder / "c.csv", "领导编码,领导姓名,包抓类型,层级,对象编码,角色,开始日期,结束日期", "L1,王建国,片区,网格,C01,包抓领导,2026-01-01,2026-12-31", "L2,李卫东,路段,,S1,城管,,", "L1,王建国,点位,,P2,包抓领导,2026-01-01,")  # fmt: skip
    importing.import_contracts(session, (rows,), importing.ContractOptions(), run())
    rows = table(folder / "k.csv", "点位编码,签到时间,结果,备注", "P0,2026-03-01 08:30:00,无问题,", "P1,2026-03-01 10:30:15,有问题,=1+1")  # fmt: skip
    importing.import_check_ins(session, settings, (rows,), importing.CheckInOptions(), run())


def again(session, settings, layer, path, locale):
    """Import an exported file as its own layer."""
    source = Input((path,))
    if layer == "zones":
        parent = "parent_code" if locale == "en" else "上级编码"
        options = importing.ZoneOptions("grid", parent_code=parent[:5] if path.suffix == ".zip" and locale != "en" else _short(parent, path))  # fmt: skip
        return importing.import_zones(session, settings, source, options, run())
    if layer == "points":
        return importing.import_points(session, settings, source, importing.PointOptions(), run())
    if layer == "streets":
        return importing.import_streets(session, settings, source, importing.StreetOptions(), run())
    if layer == "exclusions":
        return importing.import_exclusions(session, settings, source, importing.ExclusionOptions(), run())
    if layer == "contracts":
        return importing.import_contracts(session, (path,), importing.ContractOptions(), run())
    return importing.import_check_ins(session, settings, (path,), importing.CheckInOptions(), run())


def _short(name: str, path: Path) -> str:
    return name[:10] if path.suffix == ".zip" else name


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        *(
            (layer, kind)
            for layer in ("zones", "points", "streets", "exclusions")
            for kind in ("gpkg", "geojson")
        ),
        ("zones", "zip"),
        ("exclusions", "zip"),
        ("exclusions", "csv"),
        ("zones", "xlsx"),
        ("points", "csv"),
        ("points", "xlsx"),
        ("streets", "xlsx"),
        ("contracts", "xlsx"),
        ("contracts", "csv"),
        ("check_ins", "xlsx"),
    ],
)
def test_an_export_imported_again_changes_nothing(session, settings, city, tmp_path, layer, kind, locale):
    if kind == "zip":  # dBase keeps a flag as a number
        session.execute(text("UPDATE zone_version SET attributes = attributes - '重点'"))
    filters = {"level": "grid"} if layer == "zones" else {}
    days = Window(dt.date(2026, 2, 1), dt.date(2026, 3, 2))
    path = made(session, settings, tmp_path / "out", layer, kind, locale=locale, window=days, **filters)
    report = again(session, settings, layer, path, locale)
    assert (report.new, report.changed, report.removed, report.rejected) == (0, 0, 0, [])
    assert report.unchanged == {"zones": 5, "points": 4, "streets": 3, "exclusions": 1, "contracts": 3, "check_ins": 2}[layer]  # fmt: skip


VALUES = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(-1e9, 1e9).filter(lambda number: not number.is_integer()),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=20),
)  # fmt: skip
KEYS = st.text("备注人口楼栋abcXYZ_12", min_size=1, max_size=8)


@given(attributes=st.lists(st.dictionaries(KEYS, VALUES, max_size=5), min_size=3, max_size=3))
@examples(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_came_with_a_zone_comes_back(session, settings, tmp_path_factory, attributes):
    """One kind a column: where kinds are mixed a column is text, and that is told as a change, not hidden."""
    folded = [key.casefold() for each in attributes for key in each]
    kinds = {
        key: {type(each[key]) for each in attributes if key in each} for each in attributes for key in each
    }
    if len(set(folded)) != len(kinds) or any(len(found) > 1 for found in kinds.values()):
        return
    folder = tmp_path_factory.mktemp("zones")
    with session.begin_nested() as savepoint:
        source = geojson(folder / "in.geojson", *(feature(polygon(square(n)), code=f"X{n}", name=f"格{n}", **{key: value for key, value in each.items() if key not in {"code", "name"}}) for n, each in enumerate(attributes)))  # fmt: skip
        options = importing.ZoneOptions("community", code="code", name="name")
        first = importing.import_zones(session, settings, Input((source,)), options, run())
        assert first.new == 3
        for kind in ("gpkg", "geojson"):
            path = made(session, settings, folder, "zones", kind, level="community")
            options = importing.ZoneOptions("community", code="编码", name="名称", parent_code="上级编码")
            report = importing.import_zones(session, settings, Input((path,)), options, run())
            assert (report.unchanged, report.changed, report.rejected) == (3, 0, []), kind
        savepoint.rollback()


@pytest.mark.parametrize("layer", EVERY_LAYER)
def test_every_layer_is_written_in_every_format_it_can_have(session, settings, city, tmp_path, layer):
    session.execute(text("INSERT INTO team (code, name) VALUES ('T1', '一队')"))
    session.execute(text("INSERT INTO route (code, name, geom) VALUES ('R1', '早班', ST_GeomFromText('LINESTRING(114 22,114.1 22.1)', 4326))"))  # fmt: skip
    session.execute(text("INSERT INTO patrol (on_day, route_id, team_id, status) SELECT '2026-03-02', r.id, t.id, 'published' FROM route r, team t"))  # fmt: skip
    wanted = {kind: made(session, settings, tmp_path / "out", layer, kind) for kind in exporting.formats_of(exporting.LAYERS[layer])}  # fmt: skip
    assert Format.GPKG in wanted
    for path in wanted.values():
        assert path.stat().st_size > 0
    frame = read(wanted[Format.GPKG])
    asked = exporting.LAYERS[layer]
    assert (asked.geometry is not None) == hasattr(frame, "geometry")
    expected = {"zones": 6, "points": 4, "streets": 3, "exclusions": 1, "contracts": 3, "coverage": 6, "routes": 1, "patrols": 1, "point_states": 4, "check_ins": 2, "leaders": 2}  # fmt: skip
    if layer in expected:
        assert len(frame) == expected[layer]
    sheet = python_calamine.CalamineWorkbook.from_path(wanted[Format.XLSX]).get_sheet_by_index(0).to_python()
    assert len(sheet) == len(frame) + 1
    english = read(made(session, settings, tmp_path / "out", layer, locale="en"))
    assert len(english) == len(frame)
    assert set(english) & set(frame) <= {"geometry", "备注", "人口", "比例", "重点", "电话"}


def test_filters_leave_the_part_that_is_asked_for(session, settings, city, tmp_path):
    def codes(layer, **filters):
        return sorted(read(made(session, settings, tmp_path / "out", layer, **filters))["编码"])

    assert codes("zones", level="district") == ["D1"]
    assert codes("zones", zone="C02") == ["C02"]
    assert len(codes("zones", zone="D1")) == 6
    assert codes("zones", level="grid", bbox=(114.051, 22.521, 114.0555, 22.522)) == ["C01", "C02"]
    assert codes("points", bbox=(114.0505, 22.5, 114.0515, 22.6)) == ["P0"]
    assert codes("points", zone="C01") == ["P0", "P1", "P2", "P3"]
    assert codes("points", zone="C02") == []
    assert codes("coverage", level="grid", bbox=(114.051, 22.521, 114.0555, 22.522)) == ["C01", "C02"]
    assert codes("zones", on=dt.date(2026, 3, 1)) == codes("zones", on=dt.date(2030, 3, 1))
    days = Window(dt.date(2026, 2, 1), dt.date(2026, 2, 2))
    assert read(made(session, settings, tmp_path / "out", "check_ins", window=days)).empty
    with pytest.raises(NotFound):
        codes("zones", zone="nowhere")
    with pytest.raises(BadRequest):
        codes("zones", level="galaxy")


def test_an_exclusion_is_cut_to_the_ground_asked_for(session, settings, city, tmp_path):
    lake = geojson(city / "wide.geojson", feature(polygon([[[114.0525, 22.521], [114.0575, 22.521], [114.0575, 22.522], [114.0525, 22.522], [114.0525, 22.521]]]), code="E2", name="河", kind="water"))  # fmt: skip
    importing.import_exclusions(session, settings, Input((lake,)), importing.ExclusionOptions(), run())
    whole = read(made(session, settings, tmp_path / "out", "exclusions")).set_index("编码").geometry["E2"]
    part = (
        read(made(session, settings, tmp_path / "out", "exclusions", zone="C01"))
        .set_index("编码")
        .geometry["E2"]
    )
    assert part.area == pytest.approx(whole.area / 2, rel=1e-6)
    assert part.bounds[2] == pytest.approx(114.055)


@pytest.fixture
def walked(session, settings):
    """Two cells 60 m wide, one of them walked by two devices over two days."""
    kit.add_zone(session, settings, "A", box(0, 0, 60, 60))
    kit.add_zone(session, settings, "B", box(60, 0, 120, 60))
    day = dt.datetime(2026, 6, 29, 2, tzinfo=dt.UTC)
    for device, start in (("D1", day), ("D2", day + dt.timedelta(days=1))):
        kit.receive(
            session, settings, kit.fixes(device, start, np.arange(5) * 10, [(10 * n, 30) for n in range(5)])
        )
    late = day + dt.timedelta(hours=3)
    kit.receive(session, settings, kit.fixes("D1", late, np.arange(3) * 10, [(10 * n, 40) for n in range(3)]))
    kit.cover(session, settings)
    return Window(dt.date(2026, 6, 28), dt.date(2026, 6, 30))


def test_tracks_are_lines_without_long_silences_with_the_time_of_every_fix(
    session, settings, walked, tmp_path
):
    path = made(session, settings, tmp_path, "tracks", "geojson", locale="en", now=kit.NOW, window=walked)
    rows = [each["properties"] | {"n": len(each["geometry"]["coordinates"])} for each in json.loads(path.read_text("utf-8"))["features"]]  # fmt: skip
    assert [(row["device"], row["day"], row["fix_count"], row["n"]) for row in rows] == [
        ("D1", "2026-06-29", 5, 5), ("D1", "2026-06-29", 3, 3), ("D2", "2026-06-30", 5, 5),
    ]  # fmt: skip
    assert rows[0]["times"][:2] == ["2026-06-29T02:00:00.000Z", "2026-06-29T02:00:10.000Z"]
    assert rows[0]["started_at"] == "2026-06-29T02:00:00Z"
    gpx = made(session, settings, tmp_path, "tracks", "gpx", now=kit.NOW, window=walked, device="D1")
    report = importing.import_tracks(
        session, settings, (gpx,), importing.TrackOptions(device="D1"), Run(now=kit.NOW)
    )
    assert report.rejected == []
    assert session.scalar(text("SELECT count(*) FROM fix")) == 13, "the same fixes again are no new ones"
    with pytest.raises(NotFound):
        made(session, settings, tmp_path, "tracks", now=kit.NOW, window=walked, device="nobody")


def test_measures_are_those_of_the_pages(session, settings, walked, tmp_path):
    from geoservice.services import coverage

    frame = read(made(session, settings, tmp_path, "coverage", locale="en", now=kit.NOW, window=walked))
    rows = {row.code: row for row in coverage.zone_coverage(session, settings, walked)}
    assert dict(zip(frame["code"], frame["rate"], strict=True)) == {
        code: row.rate for code, row in rows.items()
    }
    frame = read(made(session, settings, tmp_path, "gaps", locale="en", now=kit.NOW, window=walked))
    gaps = coverage.zone_gaps(session, settings, walked)
    assert gaps
    assert frame["area_m2"].tolist() == [gap.area_m2 for gap in gaps]
    assert frame["rank"].tolist() == list(range(1, len(gaps) + 1))
    assert frame["never_seen"].all()
    assert shapely.equals_exact(shapely.union_all(frame.geometry), shapely.union_all([gap.geometry for gap in gaps]), 1e-9)  # fmt: skip


def test_a_part_of_the_city_gets_its_part_and_no_letter_more(session, settings, city, tmp_path):
    mine = session.scalar(text("SELECT id FROM zone WHERE code = 'C01'"))
    importing.import_zones(session, settings, Input((geojson(city / "o.geojson", feature(polygon(square(7)), code="CANARY9", name="别处")),)), importing.ZoneOptions("community"), run())  # fmt: skip
    session.execute(
        text("UPDATE zone_version SET name = 'CANARY' || name WHERE zone_id <> :mine"), {"mine": mine}
    )
    session.execute(text("UPDATE point SET name = 'CANARY' || name, zone_id = CASE WHEN code = 'P0' THEN :mine END WHERE code <> 'P9'"), {"mine": mine})  # fmt: skip
    session.execute(text("UPDATE point SET name = '我的' WHERE code = 'P0'"))
    session.execute(text("DELETE FROM contract WHERE zone_id IS NULL OR zone_id <> :mine"), {"mine": mine})
    scope = Scope(zone_ids=frozenset({mine}))
    session.commit()
    session.info["scope"] = scope
    try:
        for layer in exporting.layers_for(frozenset(), everything=False):
            for kind in exporting.formats_of(layer):
                path = made(session, settings, tmp_path / "out", layer.name, kind)
                for raw in _bytes_of(path):
                    assert b"CANARY" not in raw, (layer.name, kind)
        frame = read(made(session, settings, tmp_path / "out", "zones"))
        assert frame["编码"].tolist() == ["C01"]
        assert read(made(session, settings, tmp_path / "out", "points"))["名称"].tolist() == ["我的"]
        for name in ("tracks", "routes", "patrols", "import_problems"):
            with pytest.raises(NotAllowed):
                made(session, settings, tmp_path / "out", name)
    finally:
        session.rollback()


def _bytes_of(path: Path) -> list[bytes]:
    if path.suffix in {".zip", ".xlsx"}:
        with zipfile.ZipFile(path) as archive:
            return [archive.read(name) for name in archive.namelist()]
    return [path.read_bytes()]


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize("kind", list(exporting.TEMPLATES))
def test_a_template_is_imported_as_it_is(session, settings, city, tmp_path, kind, locale):
    path = exporting.make_template(session, settings, kind, tmp_path, locale, now=NOON)
    if kind == "zones":
        options = importing.ZoneOptions("grid")
        report = importing.import_zones(session, settings, Input((path,)), options, run())
    else:
        report = again(session, settings, kind, path, locale)
    assert (report.new, report.rejected) == (2, [])
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    offered = xml.count("<dataValidation ")
    assert (
        offered
        == {"zones": 0, "points": 1, "streets": 2, "exclusions": 1, "contracts": 3, "check_ins": 1}[kind]
    )


def test_a_templates_choices_are_those_of_the_database(session, settings, city, tmp_path):
    session.execute(
        text("INSERT INTO point_category (code, name_zh, name_en) VALUES ('pier', '码头', 'Pier')")
    )
    path = exporting.make_template(session, settings, "points", tmp_path, "zh_Hans_CN", now=NOON)
    lists = (
        python_calamine.CalamineWorkbook.from_path(path)
        .get_sheet_by_name("Lists")
        .to_python(skip_empty_area=False)
    )
    offered = {row[2] for row in lists[1:]}
    assert offered == set(session.scalars(text("SELECT name_zh FROM point_category")))
    with pytest.raises(NotFound):
        exporting.make_template(session, settings, "planets", tmp_path, "en", now=NOON)


def test_refused_rows_come_back_with_their_problem(tmp_path):
    source = table(
        tmp_path / "p.csv",
        "编码,名称,经度,纬度",
        "001,=1+1,114.05,22.5",
        ",乙,114.06,22.5",
        "003,丙,abc,22.5",
    )
    sent = rejects.read_as_sent(source, source.name, layer=None, encoding="auto")
    problems = [
        (Problem("code_missing", "p.csv", row=3, column="编码"), True),
        (Problem("coordinate_unreadable", "p.csv", row=4, column="经度", value="abc"), True),
        (Problem("row_too_long", "p.csv", row=9), True),
    ]
    path = exporting.rejected_workbook([sent], problems, tmp_path, "zh_Hans_CN")
    book = python_calamine.CalamineWorkbook.from_path(path)
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == ["导入问题", "编码", "名称", "经度", "纬度"]
    assert [row[1:] for row in rows[1:]] == [
        ["", "乙", "114.06", "22.5"],
        ["003", "丙", "abc", "22.5"],
        ["", "", "", ""],
    ]
    assert all(row[0] for row in rows[1:])
    assert "abc" in rows[2][0]
    assert rows[3][0].startswith("#9")
    with zipfile.ZipFile(path) as archive:
        comments = archive.read("xl/comments1.xml").decode()
        assert 'ref="B2"' in comments
        assert 'ref="D3"' in comments
        assert all(b"<f>" not in archive.read(name) for name in archive.namelist())
    corrected = read_table(path).rows[1]
    assert corrected["编码"] == "003"
    every = exporting.rejected_workbook([sent], problems, tmp_path, "en", all_rows=True)
    rows = python_calamine.CalamineWorkbook.from_path(every).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows] == ["编码", "001", "", "003", ""]
    assert rows[1][0] == ""
    assert rows[1][2] == "=1+1"


def test_refused_shapes_come_back_as_wkt(tmp_path):
    source = geojson(
        tmp_path / "z.geojson", feature(polygon(square(0)), code="A"), feature(polygon(square(1)), code="A")
    )
    sent = rejects.read_as_sent(source, source.name, layer=None, encoding="auto")
    path = exporting.rejected_workbook([sent], [(Problem("duplicate_code", "z.geojson", row=2, column="code", values={"first": "1"}), True)], tmp_path, "en")  # fmt: skip
    back = read_features(path)
    assert [row["code"] for row in back.rows] == ["A"]
    assert (
        shapely.hausdorff_distance(shapely.from_wkb(back.geometry[0]), shapely.Polygon(square(1)[0])) < 1e-9
    )

"""Every format read back by somebody else's reader: GDAL, geopandas, calamine, Python's own csv and json."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
from dataclasses import replace

import geopandas
import numpy as np
import pyogrio
import pyproj
import pytest
import python_calamine
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.crs import to_lonlat
from geoservice.domain.shifts import gcj02_to_wgs84
from geoservice.errors import BadRequest, InvalidFile
from geoservice.formats import read_features, read_table, read_tracks
from geoservice.formats.writing import Format, format_named, write
from geoservice.formats.writing_names import fitting_names
from geoservice.formats.writing_values import Features, Kind, Target, column, target_named

CODES = ["007", "440304001", "=1+1"]
NAMES = ["桂园", "<b>翠竹&</b>", None]
SQUARE = shapely.box(114.05, 22.53, 114.06, 22.54)
# Outer ring clockwise and a hole the same way round: RFC 7946 wants both turned.
TURNED = shapely.Polygon(
    shapely.box(114.1, 22.5, 114.2, 22.6, ccw=False).exterior,
    [shapely.box(114.12, 22.52, 114.14, 22.54, ccw=False).exterior],
)
SHAPES = {
    "MultiPolygon": [shapely.MultiPolygon([SQUARE]), shapely.MultiPolygon([TURNED]), shapely.MultiPolygon([SQUARE, TURNED])],
    "Point": [shapely.Point(114.0512345678, 22.5), shapely.Point(114.1, 22.6), shapely.Point(113.9, 22.7)],
    "LineString": [shapely.LineString([(114.0 + n, 22.5), (114.1 + n, 22.6)]) for n in range(3)],
}  # fmt: skip
DAYS = [dt.date(2026, 3, 1), None, dt.date(1999, 12, 31)]
INSTANTS = [dt.datetime(2026, 3, 1, 4, 5, 6, tzinfo=dt.UTC), None, dt.datetime(2026, 3, 2, tzinfo=dt.UTC)]


def features(geometry: str | None = "MultiPolygon", crs: str = "EPSG:4326", **more) -> Features:
    columns = (
        column("编码", Kind.TEXT, CODES),
        column("名称", Kind.TEXT, NAMES),
        column("面积平方米", Kind.REAL, [1.5, float("nan"), -2.25]),
        column("面积平方米合计", Kind.REAL, [0.1, 0.2, 0.3]),
        column("数量", Kind.INTEGER, [1, None, 9_007_199_254_740_993]),
        column("单向", Kind.FLAG, [True, False, None]),
        column("日期", Kind.DAY, DAYS),
        column("时刻", Kind.INSTANT, INSTANTS),
    )
    shapes = np.array(SHAPES[geometry], dtype=object) if geometry else None
    given = {"label": "名称", "target": Target(crs), **more}
    return Features("zones", "网格", columns, shapes, geometry, **given)


def made(tmp_path, kind: str, what: Features):
    path = tmp_path / f"out.{kind}"
    write(path, Format(kind), what)
    assert [each.name for each in tmp_path.iterdir()] == [path.name], "something was left beside it"
    return path


def gdal(path, **more):
    """(fields → values, shapes, crs) as GDAL reads them."""
    meta, _, wkb, values = pyogrio.raw.read(str(path), **more)
    return dict(zip(meta["fields"], values, strict=True)), shapely.from_wkb(wkb), meta["crs"]


def alike(one, other, tolerance=1e-7) -> bool:
    one, other = np.asarray(one, dtype=object), np.array(other, dtype=object)
    same_kind = (shapely.get_type_id(one) == shapely.get_type_id(other)).all()
    same_size = (shapely.get_num_coordinates(one) == shapely.get_num_coordinates(other)).all()
    return bool(same_kind and same_size and (shapely.hausdorff_distance(one, other) <= tolerance).all())


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4547", "EPSG:4526", "EPSG:3857"])
def test_geopackage_comes_back_with_every_type_and_easting_first(tmp_path, crs):
    path = made(tmp_path, "gpkg", features(crs=crs, notes=("注意",)))
    fields, shapes, found = gdal(path, layer="zones")
    assert found == crs
    assert fields["编码"].tolist() == CODES
    assert fields["名称"].tolist() == NAMES
    assert fields["面积平方米"][0] == 1.5
    assert np.isnan(fields["面积平方米"][1])
    assert fields["日期"].astype(str).tolist()[0] == "2026-03-01"
    assert fields["时刻"].astype(str)[0].startswith("2026-03-01T04:05:06")
    code = int(crs.removeprefix("EPSG:"))
    back = shapes if code in {4326, 4490} else to_lonlat(code, shapes)
    assert alike(back, SHAPES["MultiPolygon"])
    if code == 4547:  # half a million metres east of the false origin, 2.5 million north
        assert 400_000 < shapely.bounds(shapes[0])[0] < 600_000
        assert shapely.bounds(shapes[0])[1] > 2_000_000
    assert "注意" in pyogrio.read_info(path)["layer_metadata"]["DESCRIPTION"]


def test_geopackage_holds_a_table_without_shapes(tmp_path):
    frame = pyogrio.read_dataframe(made(tmp_path, "gpkg", features(None)))
    assert not isinstance(frame, geopandas.GeoDataFrame)
    assert frame["编码"].tolist() == CODES


@pytest.mark.parametrize("kind", ["MultiPolygon", "Point", "LineString"])
def test_geojson_is_what_rfc_7946_says(tmp_path, kind):
    text = made(tmp_path, "geojson", features(kind)).read_text("utf-8")
    document = json.loads(text, parse_constant=pytest.fail)
    assert set(document) == {"type", "name", "description", "features"}  # above all no `crs`
    shapes = [shapely.from_geojson(json.dumps(each["geometry"])) for each in document["features"]]
    assert alike(shapes, SHAPES[kind], 1e-6)
    for shape in shapes:
        for ring in shapely.get_rings(shape) if kind == "MultiPolygon" else ():
            outer = any(ring.equals(polygon.exterior) for polygon in shapely.get_parts(shape))
            assert shapely.is_ccw(ring) == outer
    decimals = [
        len(found)
        for found in re.findall(
            r"\d+\.(\d+)", json.dumps([each["geometry"] for each in document["features"]])
        )
    ]
    assert max(decimals) <= 7
    first = document["features"][0]["properties"]
    assert first == {
        "编码": "007", "名称": "桂园", "面积平方米": 1.5, "面积平方米合计": 0.1, "数量": 1, "单向": True, "日期": "2026-03-01",
        "时刻": "2026-03-01T04:05:06Z",
    }  # fmt: skip
    assert document["features"][1]["properties"]["面积平方米"] is None
    assert document["features"][2]["properties"]["数量"] == 9_007_199_254_740_993
    assert gdal(tmp_path / "out.geojson")[0]["名称"].tolist() == NAMES


def test_shapefile_is_gbk_with_names_that_fit_and_a_table_of_them(tmp_path):
    path = made(tmp_path, "zip", features(crs="EPSG:4490"))
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert {"zones.shp", "zones.shx", "zones.dbf", "zones.prj", "zones.cpg", "README.md"} == names
        assert archive.read("zones.cpg") == b"GBK"
        assert "桂园".encode("gbk") in archive.read("zones.dbf")
        readme = archive.read("README.md").decode("utf-8-sig")
    meta, _, wkb, values = pyogrio.raw.read(f"/vsizip/{path}/zones.shp")
    fields = list(meta["fields"])
    assert all(len(field.encode("gbk")) <= 10 for field in fields)
    assert fields[:4] == ["编码", "名称", "面积平方米", "面积平方_1"]
    assert "| 面积平方_1 | 面积平方米合计 |" in readme
    assert values[1].tolist() == NAMES
    assert values[fields.index("日期")].astype(str)[0] == "2026-03-01"
    assert pyproj.CRS(meta["crs"]).to_epsg() == 4490
    assert alike(
        shapely.from_wkb(wkb), [SHAPES["MultiPolygon"][0].geoms[0], TURNED, SHAPES["MultiPolygon"][2]]
    )


def test_shapefile_says_utf8_where_gbk_lacks_a_letter_and_tells_what_was_cut(tmp_path):
    long = "街" * 200
    what = replace(features("Point"), columns=(column("名称", Kind.TEXT, ["𠮷野", long, "a"]),))
    path = made(tmp_path, "zip", what)
    with zipfile.ZipFile(path) as archive:
        assert archive.read("zones.cpg") == b"UTF-8"
        assert "- 名称: 1" in archive.read("README.md").decode("utf-8-sig")
    values = pyogrio.raw.read(f"/vsizip/{path}/zones.shp")[3][0].tolist()
    assert values == ["𠮷野", "街" * 84, "a"]  # 252 bytes: whole letters only


@given(
    st.lists(
        st.text(st.characters(codec="gbk", exclude_categories=("Cc", "Zs")), min_size=1, max_size=12),
        max_size=30,
    )
)
def test_short_names_fit_and_differ_whatever_their_case(headers):
    names = fitting_names(headers, "gbk")
    assert all(1 <= len(name.encode("gbk")) <= 10 for name in names)
    assert len({name.casefold() for name in names}) == len(names)


@pytest.mark.parametrize("kind", ["MultiPolygon", "Point", "LineString"])
def test_kml_is_read_by_gdal_with_its_fields(tmp_path, kind):
    path = made(tmp_path, "kml", features(kind))
    fields, shapes, crs = gdal(path)
    assert crs == "EPSG:4326"
    assert fields["Name"].tolist() == ["桂园", "<b>翠竹&</b>", None]
    assert fields["编码"].tolist() == CODES
    assert fields["数量"].tolist() == ["1", None, "9007199254740993"]  # too long for KML's integers
    wanted = SHAPES[kind]
    back = [
        shapely.MultiPolygon(shapely.get_parts(shape)) if kind == "MultiPolygon" else shape
        for shape in shapely.force_2d(shapes)
    ]
    assert alike(back, wanted)


def test_csv_has_a_byte_order_mark_and_no_formula(tmp_path):
    dangers = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "plain", 'say "=1"', "a,b\nc", None]
    count = len(dangers)
    what = Features(
        "rows", "表", (column("=编码", Kind.TEXT, dangers), column("数", Kind.REAL, [-1.0] * count))
    )
    raw = made(tmp_path, "csv", what).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["'=编码", "数"]
    assert [row[0] for row in rows[1:]] == [
        *(f"'{text}" for text in dangers[:7]), "plain", 'say "=1"', "a,b\nc", "",
    ]  # fmt: skip
    assert {row[1] for row in rows[1:]} == {"-1"}  # a number is no formula


def test_csv_holds_places_that_our_reader_finds(tmp_path):
    points = read_features(made(tmp_path, "csv", features("Point")))
    assert alike(shapely.from_wkb(points.geometry), SHAPES["Point"])
    areas = read_features(made(tmp_path, "csv", features("MultiPolygon")))
    assert alike(shapely.from_wkb(areas.geometry), SHAPES["MultiPolygon"], 0)


def test_workbook_keeps_codes_and_formulas_as_text(tmp_path):
    path = made(tmp_path, "xlsx", features("Point"))
    sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert sheet[0][:2] == ["编码", "名称"]
    assert [row[0] for row in sheet[1:]] == CODES
    assert sheet[1][6] == dt.date(2026, 3, 1)
    assert [type(cell) for cell in sheet[1][:6]] == [str, str, float, float, float, bool]
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            xml = archive.read(name)
            assert b"<f>" not in xml, name
            assert b"hyperlink" not in xml, name
        first = archive.read("xl/worksheets/sheet1.xml").decode()
    assert re.search(r't="inlineStr"><is><t>=1\+1</t>', first)
    assert read_table(path).rows[1]["编码"] == "440304001"


def test_a_workbook_leaves_out_a_border_that_no_cell_holds_rather_than_cut_it(tmp_path):
    angle = np.linspace(0, 6.28, 2_000)
    wide = shapely.MultiPolygon(
        [shapely.Polygon(np.column_stack((114 + np.cos(angle) / 9, 22 + np.sin(angle) / 9)))]
    )
    what = replace(features(), shapes=np.array([SHAPES["MultiPolygon"][0], wide, wide], dtype=object))
    sheet = (
        python_calamine.CalamineWorkbook.from_path(made(tmp_path, "xlsx", what))
        .get_sheet_by_index(0)
        .to_python()
    )
    assert [bool(row[-1]) for row in sheet[1:]] == [True, False, False]


def test_gpx_holds_tracks_with_the_time_of_every_fix(tmp_path):
    shapes = np.array([shapely.LineString([(114, 22), (114.1, 22.1), (114.2, 22.2)]), shapely.LineString([(115, 23), (115.1, 23)])], dtype=object)  # fmt: skip
    start = int(dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC).timestamp() * 1e6)
    times = start + np.arange(5) * 1_500_000
    columns = (column("轨迹", Kind.TEXT, ["D1 <&> 3-1"] * 2),)
    what = Features("tracks", "轨迹", columns, shapes, "LineString", label="轨迹", times=times)
    path = made(tmp_path, "gpx", what)
    fixes = read_tracks(path, timezone="Asia/Shanghai")
    assert fixes.time.tolist() == times.tolist()
    assert np.column_stack((fixes.lon, fixes.lat)).tolist() == shapely.get_coordinates(shapes).tolist()
    _, lines, _ = gdal(path, layer="tracks")
    assert len(lines) == 1
    assert shapely.get_num_geometries(lines).tolist() == [2]  # one track of two segments
    assert gdal(path, layer="tracks")[0]["name"].tolist() == ["D1 <&> 3-1"]
    written = json.loads(made_beside(tmp_path, "geojson", what).read_text("utf-8"))["features"]
    assert [len(each["properties"]["times"]) for each in written] == [3, 2]
    assert written[0]["properties"]["times"][1] == "2026-03-01T04:00:01.500Z"


def made_beside(tmp_path, kind, what):
    path = tmp_path / f"beside.{kind}"
    write(path, Format(kind), what)
    return path


def test_gpx_holds_routes_and_waypoints(tmp_path):
    routes = made_beside(tmp_path, "gpx", features("LineString"))
    assert alike(gdal(routes, layer="routes")[1], SHAPES["LineString"])
    points = tmp_path / "points.gpx"
    write(points, Format.GPX, features("Point"))
    fields, shapes, _ = gdal(points, layer="waypoints")
    assert fields["name"].tolist() == ["桂园", "<b>翠竹&</b>", None]
    assert alike(shapes, SHAPES["Point"])
    assert "编码: 007" in fields["desc"][0]


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4547"])
def test_geoparquet_is_read_by_geopandas(tmp_path, crs):
    frame = geopandas.read_parquet(made(tmp_path, "parquet", features(crs=crs)))
    assert frame.crs.to_epsg() == int(crs[5:]) or frame.crs == "OGC:CRS84"
    assert frame["编码"].tolist() == CODES
    code = int(crs[5:])
    shapes = frame.geometry.to_numpy()
    assert alike(to_lonlat(code, shapes) if code == 4547 else shapes, SHAPES["MultiPolygon"])


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "zip", "kml", "parquet"])
def test_shifted_places_are_shifted_and_say_so(tmp_path, kind):
    what = features("Point", "GCJ-02", notes=("WARNING shifted",))
    path = made(tmp_path, kind, what)
    if kind == "parquet":
        frame = geopandas.read_parquet(path)
        shapes, crs = frame.geometry.to_numpy(), frame.crs
    else:
        _, shapes, crs = gdal(f"/vsizip/{path}/zones.shp" if kind == "zip" else path)
    metres = 111_000 * shapely.distance(np.array(SHAPES["Point"], dtype=object), shapes)
    assert ((metres > 100) & (metres < 900)).all()
    assert np.allclose(
        gcj02_to_wgs84(shapely.get_coordinates(shapes)), shapely.get_coordinates(SHAPES["Point"]), atol=2e-7
    )
    if kind in {"gpkg", "zip", "parquet"}:
        assert pyproj.CRS(crs).to_epsg() is None
        assert "GCJ-02" in pyproj.CRS(crs).name
    raw = path.read_bytes()
    if kind == "zip":
        with zipfile.ZipFile(path) as archive:
            raw = archive.read("README.md")
    assert b"WARNING shifted" in raw


def test_shifted_columns_of_a_table_are_no_places_for_our_reader(tmp_path):
    what = features("Point", "GCJ-02")
    with pytest.raises(InvalidFile) as refused:
        read_features(made(tmp_path, "csv", what))
    assert refused.value.code == "coordinates_missing"


@pytest.mark.parametrize(
    ("kind", "what", "code"),
    [
        ("geojson", features(crs="EPSG:4490"), "format_needs_wgs84"),
        ("kml", features(crs="EPSG:4547"), "format_needs_wgs84"),
        ("gpx", features("Point", crs="GCJ-02"), "format_needs_wgs84"),
        ("gpx", features(), "format_needs_lines"),
        ("zip", features(None), "format_needs_shapes"),
        ("kml", features(None), "format_needs_shapes"),
    ],
)
def test_a_format_refuses_what_it_cannot_hold(tmp_path, kind, what, code):
    with pytest.raises(BadRequest) as refused:
        write(tmp_path / "x", Format(kind), what)
    assert refused.value.code == code
    assert not list(tmp_path.iterdir())


def test_what_fails_half_way_leaves_what_was_there(tmp_path):
    path = tmp_path / "out.gpkg"
    path.write_text("before")
    with pytest.raises(InvalidFile):
        write(tmp_path / "missing" / "out.gpkg", Format.GPKG, features())
    broken = replace(features(), columns=(column("a", Kind.TEXT, ["x"]),))  # one row, three shapes
    with pytest.raises(ValueError):
        write(path, Format.GPKG, broken)
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["out.gpkg"]


@pytest.mark.parametrize("kind", list(Format))
def test_an_empty_layer_is_a_file_too(tmp_path, kind):
    columns = (column("编码", Kind.TEXT, []), column("日期", Kind.DAY, []))
    geometry = "Point" if kind is Format.GPX else "MultiPolygon"
    path = made(tmp_path, kind, Features("zones", "网格", columns, np.empty(0, dtype=object), geometry))
    assert path.stat().st_size > 0
    if kind in {Format.GPKG, Format.GEOJSON}:
        assert pyogrio.read_info(path)["features"] == 0


@pytest.mark.parametrize("word", ["4326", "EPSG:4490", "epsg:4547", "gcj02", "3857", "4513", "4554"])
def test_coordinates_on_offer(word):
    assert target_named(word).crs is not None


@pytest.mark.parametrize(
    "word", ["4512", "4555", "2154", "", "bd09", "EPSG:", "４３２６x", "9" * 50, "4326; DROP"]
)
def test_coordinates_not_on_offer(word):
    with pytest.raises(BadRequest):
        target_named(word)


def test_the_deployments_own_metres_are_on_offer():
    assert target_named("32650", 32650).code == "EPSG:32650"


def test_formats_by_their_names():
    assert format_named("shp") is format_named("zip") is Format.SHAPEFILE
    assert format_named("JSON") is Format.GEOJSON
    with pytest.raises(BadRequest):
        format_named("exe")

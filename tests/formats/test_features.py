"""Every kind of layer gives its rows, its geometry and what it knows of CRS and encoding."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import shapely

from geoservice.errors import InvalidFile
from geoservice.formats import Limits, read_features
from tests.formats.samples import (
    CODES,
    NAMES,
    SQUARES,
    feature,
    shapefile_parts,
    square,
    write_collection,
    write_layer,
    write_shapefile,
    write_zip,
)

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.formats import FeatureTable, Reader


def names_of(table: FeatureTable) -> list[str]:
    return [row["名称"] for row in table.rows]


def shapes_of(table: FeatureTable) -> list[shapely.Geometry]:
    return list(shapely.from_wkb([shape for shape in table.geometry if shape]))


@pytest.mark.parametrize(
    ("encoding", "cpg"), [("GBK", False), ("GBK", True), ("UTF-8", False), ("UTF-8", True)]
)
def test_a_shapefile_reads_as_chinese_whatever_it_says_of_its_encoding(
    tmp_path: Path, reader: Reader, encoding: str, cpg: bool
) -> None:
    table = reader.read_features(write_shapefile(tmp_path, encoding, cpg=cpg))
    assert table.fields == ("代码", "名称")
    assert names_of(table) == NAMES
    assert [row["代码"] for row in table.rows] == CODES
    assert table.encoding == ("utf-8" if encoding == "UTF-8" else "gb18030")
    assert table.row_numbers == [1, 2, 3]
    assert table.crs == "EPSG:4326"
    assert all(shape.equals(expected) for shape, expected in zip(shapes_of(table), SQUARES, strict=True))


def test_a_cpg_that_lies_is_not_believed(tmp_path: Path, reader: Reader) -> None:
    path = write_shapefile(tmp_path, "GBK", cpg=True)
    path.with_suffix(".cpg").write_text("UTF-8")
    assert names_of(reader.read_features(path)) == NAMES


def test_an_encoding_told_by_the_user_is_the_only_one_tried(tmp_path: Path, reader: Reader) -> None:
    path = write_shapefile(tmp_path, "GBK", cpg=False)
    assert names_of(reader.read_features(path, encoding="gbk")) == NAMES
    with pytest.raises(InvalidFile) as caught:
        reader.read_features(path, encoding="utf-8")
    assert caught.value.code == "encoding_wrong"
    with pytest.raises(InvalidFile) as caught:
        reader.read_features(path, encoding="rot13")
    assert caught.value.code == "encoding_unsupported"


def test_a_text_cut_within_its_last_character_loses_only_that(tmp_path: Path, reader: Reader) -> None:
    path = write_layer(tmp_path / "x.shp", SQUARES[:1], {"名称": ["深圳市福田区" * 7]}, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    raw[32 + 16] -= 1  # the width of the one field
    path.with_suffix(".dbf").write_bytes(bytes(raw))
    assert reader.read_features(path).rows[0]["名称"].startswith("深圳市福田区")


def test_a_shapefile_without_index_projection_and_table_gives_its_shapes(
    tmp_path: Path, reader: Reader
) -> None:
    path = write_shapefile(tmp_path, "GBK", cpg=False)
    for suffix in (".shx", ".prj", ".dbf"):
        path.with_suffix(suffix).unlink()
    table = reader.read_features(path)
    assert len(table) == 3
    assert table.crs is None
    assert not path.with_suffix(".shx").exists(), "reading wrote beside the user's file"


def test_a_projection_with_chinese_names_in_gbk_is_read(tmp_path: Path, reader: Reader) -> None:
    path = write_shapefile(tmp_path, "GBK", cpg=False)
    prj = path.with_suffix(".prj")
    written = prj.read_text().replace("GCS_WGS_1984", "大地坐标系").encode("gbk")
    prj.write_bytes(written)
    table = reader.read_features(path)
    assert (len(table), table.crs is not None) == (3, True)
    assert prj.read_bytes() == written, "reading changed the user's file"
    prj.write_bytes(b"\xff\xff\x80")
    assert reader.read_features(path).crs is None


def test_a_zip_with_folders_and_gbk_names_gives_its_shapefile(tmp_path: Path, reader: Reader) -> None:
    parts = shapefile_parts(write_shapefile(tmp_path, "GBK", cpg=False), "数据/二〇二六/")
    path = write_zip(
        tmp_path / "上传.zip", {**parts, "__MACOSX/._区划.shp": b"?", "说明.docx": b"?"}, gbk_names=True
    )
    table = reader.read_features(path)
    assert names_of(table) == NAMES
    assert table.file == "上传.zip"


def test_of_several_layers_in_a_zip_one_must_be_chosen(tmp_path: Path, reader: Reader) -> None:
    parts = shapefile_parts(write_shapefile(tmp_path, "UTF-8", cpg=True))
    point = write_layer(tmp_path / "点.geojson", [shapely.Point(114, 22)], {"a": [7]}, kind="Point")
    path = write_zip(tmp_path / "x.zip", {**parts, "点.geojson": point.read_bytes()})
    with pytest.raises(InvalidFile) as caught:
        reader.read_features(path)
    assert caught.value.code == "layer_needed"
    assert {"区划", "点"} == set(caught.value.values["layers"].split(", "))
    assert reader.read_features(path, layer="点").rows == [{"a": 7}]


def test_a_geopackage_gives_one_layer_and_asks_which_of_several(tmp_path: Path, reader: Reader) -> None:
    path = write_layer(tmp_path / "x.gpkg", layer="区", crs="EPSG:4490")
    table = reader.read_features(path)
    assert (names_of(table), table.layer, table.crs) == (NAMES, "区", "EPSG:4490")
    write_layer(path, [shapely.Point(1, 2)], {"n": [1]}, kind="Point", layer="点", append=True)
    with pytest.raises(InvalidFile) as caught:
        reader.read_features(path)
    assert (caught.value.code, caught.value.values["layers"]) == ("layer_needed", "区, 点")
    assert reader.read_features(path, layer="点").rows == [{"n": 1}]
    with pytest.raises(InvalidFile, match="layer_unknown"):
        reader.read_features(path, layer="没有")


@pytest.mark.parametrize(
    ("name", "driver"), [("x.fgb", "FlatGeobuf"), ("x.kml", "LIBKML"), ("x.geojson", "GeoJSON")]
)
def test_other_layers_give_their_rows(tmp_path: Path, reader: Reader, name: str, driver: str) -> None:
    table = reader.read_features(write_layer(tmp_path / name, driver=driver))
    assert sorted(names_of(table)) == sorted(NAMES)
    assert table.crs == "EPSG:4326"
    assert {round(shape.area, 6) for shape in shapes_of(table)} == {0.25}


def test_a_kmz_is_its_document_and_a_kml_all_its_folders(tmp_path: Path, reader: Reader) -> None:
    folders = "".join(
        f"<Folder><name>{name}</name><Placemark><name>{name}</name><Point><coordinates>114,22,5</coordinates></Point>"
        "</Placemark></Folder>"
        for name in NAMES
    )
    document = f'<?xml version="1.0" encoding="gb2312"?><kml><Document>{folders}</Document></kml>'.encode(
        "gbk"
    )
    table = reader.read_features(write_zip(tmp_path / "x.kmz", {"files/a.png": b"?", "doc.kml": document}))
    assert [row["Name"] for row in table.rows] == NAMES
    assert {shape.wkt for shape in shapes_of(table)} == {"POINT (114 22)"}


def test_gpx_and_dxf_give_lines(tmp_path: Path, reader: Reader) -> None:
    gpx = tmp_path / "x.gpx"
    gpx.write_text(
        '<gpx version="1.1" creator="x"><trk><name>a</name><trkseg><trkpt lat="22" lon="114"/><trkpt lat="23" lon="114"/>'
        "</trkseg></trk></gpx>"
    )
    assert shapes_of(reader.read_features(gpx))[0].wkt == "MULTILINESTRING ((114 22, 114 23))"
    dxf = tmp_path / "x.dxf"
    pairs = "0 SECTION 2 ENTITIES 0 LINE 8 道路 10 0.0 20 0.0 11 1.0 21 5.0 0 ENDSEC 0 EOF"
    dxf.write_text(pairs.replace(" ", "\n") + "\n", encoding="utf-8")
    assert shapes_of(reader.read_features(dxf))[0].equals(shapely.LineString([(0, 0), (1, 5)]))


def test_whole_numbers_stay_whole_beside_a_blank(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.gpkg"
    write_layer(path, SQUARES[:2], {"n": [440304001, 2]}, layer="x")
    with closing(sqlite3.connect(path)) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("UPDATE x SET n = NULL WHERE n = 2")
        connection.commit()
    assert [row["n"] for row in reader.read_features(path, layer="x").rows] == [440304001, None]


def test_points_from_columns_are_found_by_name_and_bad_ones_named(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "点位.csv"
    path.write_bytes(
        "名称;经度;纬度\n市场;114.05;２２.５\n;;\n公厕;x;22.5\n公园;114°03'00\"E;北纬22度30分\n".encode(
            "gb18030"
        )
    )
    table = reader.read_features(path)
    assert [row["名称"] for row in table.rows] == ["市场", "公园"]
    assert [shape.wkt for shape in shapes_of(table)] == ["POINT (114.05 22.5)", "POINT (114.05 22.5)"]
    assert table.row_numbers == [2, 5]
    assert (table.encoding, table.crs) == ("gb18030", None)
    (problem,) = table.problems
    assert (problem.code, problem.row, problem.column, problem.value) == (
        "coordinate_unreadable",
        4,
        "经度",
        "x",
    )


def test_geometry_from_a_wkt_column(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.csv"
    path.write_text('id,geom\n1,"SRID=4326;POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))"\n2,POLYGON((\n3,\n')
    table = reader.read_features(path)
    assert table.row_numbers == [2, 4]
    assert shapely.from_wkb(table.geometry[0]).wkt == "POLYGON ((0 0, 1 0, 1 1, 0 0))"
    assert table.geometry[1] is None
    assert [problem.code for problem in table.problems] == ["wkt_unreadable"]
    with pytest.raises(InvalidFile, match="column_unknown"):
        reader.read_features(path, wkt="形状")


def test_coordinates_that_cannot_be_found_are_asked_for(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InvalidFile) as caught:
        reader.read_features(path)
    assert (caught.value.code, caught.value.values["columns"]) == ("coordinates_missing", "a, b")
    assert shapes_of(reader.read_features(path, lon="B", lat="a"))[0].wkt == "POINT (2 1)"


def test_one_bad_feature_never_loses_the_good_ones(tmp_path: Path, reader: Reader) -> None:
    bad_ring = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [2, 2]]]}
    path = write_collection(
        tmp_path / "x.json",
        feature(square(), 名称="好", nested={"a": [1]}, big=10**30),
        feature(bad_ring),
        feature({"type": "Point", "coordinates": ["1", "2"]}),
        feature({"type": "Point", "coordinates": [1]}),
        feature({"type": "Circle", "coordinates": [1, 2]}),
        {"type": "Feature", "properties": [1], "geometry": None},
        feature(None, a="b\x00c"),
        feature(None, a="\ud800"),
        7,
        feature(
            {
                "type": "GeometryCollection",
                "geometries": [square(), {"type": "Point", "coordinates": [1, 2, 3]}],
            }
        ),
        feature(None),
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
    )
    table = reader.read_features(path)
    assert table.crs == "EPSG:4490"
    assert table.row_numbers == [1, 10, 11]
    assert table.rows[0] == {"名称": "好", "nested": '{"a": [1]}', "big": str(10**30)}
    assert table.geometry[2] is None
    assert [(problem.row, problem.code) for problem in table.problems] == [
        (2, "geojson_ring"),
        (3, "geojson_coordinates"),
        (4, "geojson_coordinates"),
        (5, "geojson_geometry"),
        (6, "geojson_properties"),
        (7, "text_nul"),
        (8, "text_surrogate"),
        (9, "geojson_not_a_feature"),
    ]


def test_too_many_features_are_refused(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "x.fgb")
    with pytest.raises(InvalidFile) as caught:
        read_features(path, limits=Limits(features=2))
    assert (caught.value.code, caught.value.values["most"]) == ("too_many_features", 2)


def test_the_users_name_of_an_upload_decides_its_kind_and_is_told(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "7f3a"
    write_collection(path, feature(square()))
    assert reader.read_features(path, name="街道.geojson").file == "街道.geojson"

"""What is told of a file before anybody has said how it is to be read."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from geoservice.errors import InvalidFile
from geoservice.formats.look import Look, load_look, save_look
from geoservice.formats.reader import Reader
from tests.jobs.desk_kit import grid, shapefile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ["福田区", "南山区", "罗湖区"]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def gbk_shapefile(folder: Path) -> Path:
    path = shapefile(folder / "区域.shp", grid(3), {"名称": NAMES, "编号": ["1", "2", "3"]}, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    return path


def test_an_undeclared_encoding_is_shown_beside_the_other_one(reader: Reader, tmp_path: Path) -> None:
    seen = reader.look_at(gbk_shapefile(tmp_path))
    assert seen.encoding == "gb18030"
    assert seen.encodings["gb18030"] == [
        ["名称", "编号"],
        *([name, str(n)] for n, name in enumerate(NAMES, 1)),
    ]
    assert [line[1] for line in seen.encodings["utf-8"][1:]] == ["1", "2", "3"]
    assert not set(NAMES) & {line[0] for line in seen.encodings["utf-8"]}, "the other one shows mojibake"
    assert (seen.fields, seen.samples[0], seen.geometry, seen.crs) == (
        ("名称", "编号"), NAMES, "Polygon", "EPSG:4490",
    )  # fmt: skip


def test_a_wrong_encoding_is_a_problem_with_the_right_one_beside_it(reader: Reader, tmp_path: Path) -> None:
    """Whoever chose wrongly must be able to see what to choose."""
    seen = reader.look_at(gbk_shapefile(tmp_path), encoding="utf-8")
    assert seen.problem is not None
    assert seen.problem["code"] == "encoding_wrong"
    assert seen.encodings["gb18030"][1][0] == NAMES[0]


def test_sheets_of_a_workbook_and_data_sets_of_a_zip_are_layers(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "点位.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for title, header in (("说明", ["备注"]), ("点位", ["编码", "名称", "经度", "纬度"])):
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, header)
            sheet.write_row(1, 0, ["A1", "市场", 114.06, 22.53][: len(header)])
    seen = reader.look_at(path)
    assert [layer.name for layer in seen.layers] == ["说明", "点位"]
    assert (seen.layer, seen.geometry) == ("说明", None)
    chosen = reader.look_at(path, layer="点位")
    assert (chosen.layer, chosen.geometry, chosen.rows) == ("点位", "Point", [["A1", "市场", 114.06, 22.53]])

    first, second = (
        shapefile(tmp_path / f"{name}.shp", grid(count), {"c": ["x"] * count})
        for name, count in (("b", 2), ("a", 3))
    )
    archive = tmp_path / "two.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for whole in (first, second):
            for part in whole.parent.glob(f"{whole.stem}.*"):
                zipped.write(part, part.name)
    seen = reader.look_at(archive)
    assert ([layer.name for layer in seen.layers], seen.layer, seen.features) == (["a", "b"], "a", 3)
    assert reader.look_at(archive, layer="b").features == 2


def test_of_several_layers_the_fullest_is_read(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    for name, count in (("few", 1), ("many", 4)):
        shapefile(path, grid(count), {"c": ["x"] * count}, driver="GPKG", layer=name, append=path.exists())
    seen = reader.look_at(path)
    assert {(layer.name, layer.features, layer.geometry) for layer in seen.layers} == {
        ("few", 1, "Polygon"), ("many", 4, "Polygon"),
    }  # fmt: skip
    assert (seen.layer, seen.features) == ("many", 4)


def test_a_sheet_without_places_is_a_table_and_no_fault(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "包抓.csv"
    path.write_bytes("领导,片区编码\n张三,440304001\n".encode("gbk"))
    seen = reader.look_at(path)
    assert (seen.problem, seen.geometry, seen.is_table, len(seen.places)) == (None, None, True, 0)
    assert seen.rows == [["张三", "440304001"]]


def test_what_is_no_file_we_read_is_refused(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    path.write_bytes(b"<OGRVRTDataSource></OGRVRTDataSource>")
    with pytest.raises(InvalidFile, match="kind_mismatch"):
        reader.look_at(path)


cells = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20)


@given(st.lists(st.text(min_size=1, max_size=8), max_size=4, unique=True).flatmap(
    lambda fields: st.tuples(st.just(tuple(fields)), st.lists(st.lists(cells, min_size=len(fields), max_size=len(fields)), max_size=3))
))  # fmt: skip
def test_what_crosses_the_border_of_the_child_stays_the_same(tmp_path_factory, told) -> None:
    fields, rows = told
    places = np.array([[114.0, 22.5]])
    seen = Look("CSV", [], fields=fields, rows=rows, samples=[[] for _ in fields], places=places)
    folder = tmp_path_factory.mktemp("look")
    save_look(seen, folder)
    again = load_look(folder)
    assert again == seen
    assert (again.places == places).all()


def test_a_child_that_answers_something_else_is_not_believed(tmp_path: Path) -> None:
    save_look(Look("CSV", []), tmp_path)
    np.save(tmp_path / "places.npy", np.zeros((3, 3)))
    with pytest.raises(ValueError, match="places"):
        load_look(tmp_path)
    with pytest.raises((KeyError, TypeError, ValueError)):
        (tmp_path / "look.json").write_text("[]")
        load_look(tmp_path)


def test_corners_are_shown_as_well_as_beginnings(reader: Reader, tmp_path: Path) -> None:
    """A shift is known by corners, of which few zones have many; a CRS by where each thing begins."""
    path = shapefile(tmp_path / "a.shp", [shapely.Point(114, 22).buffer(0.1), *grid(2)], {"c": ["x"] * 3})
    seen = reader.look_at(path)
    assert len(seen.places) == 3
    assert len(seen.vertices) > 20

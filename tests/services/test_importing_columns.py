"""Whole columns say of a file what its rows say one by one: the same things taken, the same problems, in the same order."""

from __future__ import annotations

import json
from itertools import chain

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.geometry import clean_polygon
from geoservice.errors import InvalidGeometry
from geoservice.formats.cells import pack, unpack
from geoservice.formats.tables import FeatureTable
from geoservice.formats.values import (
    as_code,
    as_number,
    as_text,
    cell_numbers,
    cell_value,
    codes_of,
    texts_of,
)
from geoservice.services.importing.columns import Column, Header
from geoservice.services.importing.first_rows import FirstRows
from geoservice.services.importing.flow import Report
from geoservice.services.importing.one_point import Categories
from geoservice.services.importing.points import check_points
from geoservice.services.importing.row_list import Rows, plain_places, shapes_of
from geoservice.services.importing.rows import as_json, other_cells, other_json
from geoservice.services.importing.zone_rows import check_zones, sound_polygons

FIELDS = ("code", "name", "category", "weight", "interval", "note", "much")
CATEGORIES = Categories({"market": "market", "农贸市场": "market", "other": "other"}, {"en": "Market, Other"})
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6
) | st.sampled_from(["A1", "a1", "Ａ1", "12.0", "12", " x ", '"', "\\", "\t", "好" * 501, "c" * 101])
NUMBER = st.sampled_from(["3", "１２", "1,000", "-1", "0", "1e9", "nan", "多", 0, 2, -5, 2.5, 1e6, True])
CELL = st.none() | TEXT | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False)


def polygon(*places: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon(places)


SQUARE = polygon((114, 22), (114.1, 22), (114.1, 22.1), (114, 22.1))
BOW_TIE = polygon((114, 22), (114.1, 22.1), (114.1, 22), (114, 22.1))
SHAPES = st.sampled_from([
    None, shapely.Point(114, 22), shapely.Point(0, 0), shapely.Point(), shapely.MultiPoint([(114, 22)]), shapely.Point(0, 5),
    shapely.MultiPoint([(114, 22), (115, 22)]), shapely.LineString([(114, 22), (115, 22)]), SQUARE, BOW_TIE,
    shapely.MultiPolygon([SQUARE]), shapely.MultiPolygon([SQUARE, SQUARE]), shapely.MultiPolygon([SQUARE, shapely.Polygon()]),
    shapely.GeometryCollection([SQUARE, shapely.Point(114, 22)]), polygon((114, 22), (115, 22), (114, 22)), shapely.Polygon(),
])  # fmt: skip
TABLE = st.lists(
    st.tuples(
        TEXT | st.none(), TEXT | st.none(), st.sampled_from(["market", "农贸市场", "MARKET", None, "zoo"]), NUMBER, NUMBER,
        CELL, CELL, SHAPES,
    ),
    max_size=8,
)  # fmt: skip


def rows_of(table: list[tuple]) -> Rows:
    cells = [[cell_value(cell) for cell in row[:-1]] for row in table]
    columns = [list(column) for column in zip(*cells, strict=True)] or [[] for _ in FIELDS]
    shapes = np.empty(len(table), dtype=object)
    shapes[:] = [row[-1] for row in table]
    numbers = list(range(2, len(table) + 2))
    drawn = shapely.to_wkb(shapes).tolist()
    return Rows([FeatureTable("t.csv", None, None, FIELDS, columns, drawn, numbers, None, None)], [shapes])


def header_of(*used: str) -> Header:
    header = Header(FIELDS, "t.csv")
    header.used |= set(used)
    return header


def point_of(shape: shapely.Geometry | None) -> shapely.Point | str:
    """What a row's shape is: its one point, or the code of what is wrong with it."""
    if shape is None or shape.is_empty:
        return "geometry_empty"
    points = [part for part in shapely.get_parts(shape) if part.geom_type == "Point" and not part.is_empty]
    if len(points) != 1:
        return "not_a_point"
    return "at_null_island" if max(abs(points[0].x), abs(points[0].y)) < 1e-6 else points[0]


def measure_of(cell: object, *, zero_allowed: bool) -> float | str | None:
    try:
        number = as_number(cell)
    except ValueError:
        return "number_invalid"
    if number is not None and (number < 0 or number > 1e6 or not (number or zero_allowed)):
        return "number_out_of_range"
    return number


def point_row(cells: dict, shape: shapely.Geometry | None) -> str | tuple:
    """One row by itself: the code of the first thing wrong with it, or what is taken of it."""
    if isinstance(point := point_of(shape), str):
        return point
    name = as_text(cells["name"]) or ""
    if len(name) > 500:
        return "text_too_long"
    word = as_code(cells["category"])
    if word is not None and word.casefold() not in CATEGORIES:
        return "unknown_category"
    measures = [measure_of(cells[field], zero_allowed=field == "weight") for field in ("interval", "weight")]
    if fault := next((each for each in measures if isinstance(each, str)), None):
        return fault
    code = as_code(cells["code"])
    if code is None:
        return "code_missing"
    if len(code) > 100:
        return "text_too_long"
    kept = {field: cells[field] for field in ("note", "much") if cells[field] is not None}
    return code, point.wkb, name, CATEGORIES[word.casefold()] if word else "other", *measures, kept


@settings(max_examples=60, deadline=None)
@given(TABLE)
def test_points_by_columns_are_points_row_by_row(table: list[tuple]) -> None:
    rows, report = rows_of(table), Report()
    columns = dict.fromkeys(("address", "minutes")) | {
        field: Column(field, (field,)) for field in ("code", "name", "category", "interval", "weight")
    }
    points = check_points(
        rows, header_of("code", "name", "category", "interval", "weight"), columns, CATEGORIES, report
    )
    told = points.told
    taken = [
        (code, place, *values, json.loads(attributes))
        for code, place, *values, attributes in zip(
            points.codes, points.places, told["name"], told["category"], told["required_interval_days"], told["weight"],
            points.attributes, strict=True,
        )
    ]  # fmt: skip
    wanted, problems, first = [], [], {}
    for row in rows:
        found = point_row(row.cells, row.shape)
        if isinstance(found, str):
            problems.append((row.number, found))
        elif found[0] in first:
            problems.append((row.number, "duplicate_code"))
        else:
            first[found[0]] = row.number
            wanted.append(
                (
                    *found[:-1],
                    {
                        key: repr(v) if isinstance(v, float) and abs(v) >= 1e15 else v
                        for key, v in found[-1].items()
                    },
                )
            )
    assert taken == wanted
    assert sorted((problem.row, problem.code) for problem in report.rejected) == sorted(problems)
    for problem in report.rejected:
        if problem.code == "duplicate_code":
            assert problem.values["first"] == f"t.csv:{first[as_code(rows[problem.row - 2].cells['code'])]}"


@settings(max_examples=48, deadline=None)
@given(TABLE)
def test_zones_by_columns_are_zones_row_by_row(table: list[tuple]) -> None:
    rows, report = rows_of(table), Report()
    zones = check_zones(
        rows, header_of("code", "name"), (Column("code", ("code",)), Column("name", ("name",))), report
    )
    wanted, problems, repaired, seen = [], [], [], set()
    for row in rows:
        code, name = as_code(row.cells["code"]), as_text(row.cells["name"])
        fault = "code_missing" if code is None else "text_too_long" if len(code) > 100 else None
        if fault is None and code in seen:
            fault = "duplicate_code"
        seen |= {code} if fault is None else set()
        if fault is None and len(name or code) > 500:
            fault = "text_too_long"
        if fault is None:
            try:
                shape, repairs = clean_polygon(row.shape)
            except InvalidGeometry as error:
                fault = error.code
        if fault:
            problems.append((row.number, fault))
            continue
        repaired += [(row.number, repair) for repair in repairs]
        wanted.append(
            (
                code,
                name or code,
                shape.wkb,
                as_json(other_cells(row, header_of("code", "name"))),
            )
        )
    told = zones.columns()
    assert list(zip(zones.codes, zones.names, told["geom"], told["attributes"], strict=True)) == wanted
    assert sorted((problem.row, problem.code) for problem in report.rejected) == sorted(problems)
    assert [(problem.row, problem.code) for problem in report.repaired] == repaired


@given(TABLE)
def test_a_code_that_was_in_an_earlier_part_is_there_twice(table: list[tuple]) -> None:
    column = (Column("code", ("code",)), None)
    whole, parted, firsts = Report(), Report(), FirstRows("code")
    codes = check_zones(rows_of(table), header_of("code"), column, whole).codes
    rows = rows_of(table)
    parts = [
        Rows([part], [rows.shapes[2 * place : 2 * place + 2]])
        for place, part in enumerate(rows.tables[0].parts(2))
    ]
    found = [check_zones(part, header_of("code"), column, parted, firsts).codes for part in parts]
    assert [*chain(*found)] == codes
    told = [[(each.row, each.code, each.values) for each in report.rejected] for report in (whole, parted)]
    assert sorted(told[0], key=str) == sorted(told[1], key=str)


@given(TABLE)
def test_attributes_by_columns_are_attributes_row_by_row(table: list[tuple]) -> None:
    rows, header = rows_of(table), header_of("name")
    assert other_json(rows, header) == [as_json(other_cells(row, header)) for row in rows]


@given(st.lists(st.tuples(st.floats(), st.floats()) | SHAPES, max_size=4))
def test_plain_points_are_where_shapes_would_be(told: list) -> None:
    shapes = [shapely.Point(each) if isinstance(each, tuple) else each for each in told]
    geometry = [None if shape is None else shape.wkb for shape in shapes]
    found = plain_places(geometry)
    if shapes and all(
        isinstance(shape, shapely.Point) and np.isfinite(shape.bounds).all() for shape in shapes
    ):
        assert found.tolist() == shapely.get_coordinates(shapes_of(geometry)).tolist()
    else:
        assert found is None


@given(st.lists(SHAPES, max_size=6))
def test_sound_polygons_need_no_cleaning(shapes: list) -> None:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    for shape, sound in zip(shapes, sound_polygons(array), strict=True):
        try:
            cleaned, repairs = clean_polygon(shape)
        except InvalidGeometry:
            assert sound is None
            continue
        whole = shapely.MultiPolygon([sound]) if sound is not None and sound.geom_type == "Polygon" else sound
        assert whole == (None if repairs else cleaned) or (
            not repairs and sound is None and shape.geom_type == "GeometryCollection"
        )


@given(
    st.lists(CELL | st.booleans())
    | st.lists(st.none() | TEXT)
    | st.lists(st.none() | st.integers())
    | st.lists(st.none() | st.booleans())
    | st.lists(st.none() | st.integers(-(2**54), 2**54) | st.floats(allow_nan=False, allow_infinity=False))
)
def test_a_column_comes_back_from_its_arrays_as_it_was(cells: list) -> None:
    kind, arrays = pack(cells)
    if kind != "mixed":
        back = unpack(kind, arrays, len(cells))
        assert back == cells
        assert list(map(type, back)) == list(map(type, cells))


@pytest.mark.parametrize(
    ("kind", "arrays"),
    [
        ("whole", {"values": np.zeros(2, "<i8")}),
        ("text", {"values": np.frombuffer(b"a\0b", np.uint8)}),
        ("truth", {"values": np.zeros(3, "?"), "blank": np.zeros(2, "?")}),
        ("number", {"values": np.zeros(3), "is_whole": np.ones(2, "?")}),
    ],
)
def test_arrays_of_another_length_are_no_column(kind: str, arrays: dict) -> None:
    with pytest.raises(ValueError, match="unequal length"):
        unpack(kind, arrays, 3)


@given(st.lists(CELL | st.booleans()))
def test_codes_and_texts_of_a_column_are_those_of_its_cells(cells: list) -> None:
    assert codes_of(cells) == [as_code(cell) for cell in cells]
    assert texts_of(cells) == [as_text(cell) for cell in cells]


@given(st.lists(st.floats()))
def test_a_column_of_floats_is_its_cells(values: list[float]) -> None:
    found, wanted = cell_numbers(np.array(values, dtype=np.float64)), [cell_value(value) for value in values]
    assert found == wanted
    assert list(map(type, found)) == list(map(type, wanted))

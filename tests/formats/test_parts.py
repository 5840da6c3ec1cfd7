"""Files in parts: what is taken from them a part at a time is what is there, whatever the part."""

from __future__ import annotations

import csv
import io
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoservice.formats import FeatureTable, Limits
from geoservice.formats.begins import first_places
from geoservice.formats.even_sheets import Uneven, even_grids
from geoservice.formats.framing import load_features, save_features
from geoservice.formats.kinds import Kind
from geoservice.formats.sheets import grid_by_rows

if TYPE_CHECKING:
    from pathlib import Path

SQUARE = shapely.box(114, 22, 115, 23)
SHAPES = st.sampled_from([
    None, shapely.Point(1, 2), shapely.Point(), shapely.Point(np.inf, 1), shapely.LineString([(3, 4), (5, 6)]), shapely.LineString(), SQUARE,
    shapely.Polygon(), shapely.MultiPoint([(7, 8)]), shapely.MultiLineString([[(1, 2), (3, 4)]]), shapely.MultiPolygon([SQUARE]),
    shapely.MultiPolygon([shapely.Polygon(), SQUARE]), shapely.GeometryCollection([SQUARE, shapely.Point(1, 2)]),
])  # fmt: skip
CELL = st.sampled_from(["", " ", "a", "好", '"', ",", "x\ny", " 1 ", "\ufeff", "a\rb"])
OFTEN = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@OFTEN
@given(st.lists(st.tuples(SHAPES, st.booleans()), max_size=6))
def test_shapes_begin_where_their_first_vertex_is(drawn: list) -> None:
    wkb = [None if shape is None else shapely.to_wkb(shape, byte_order=order) for shape, order in drawn]
    lengths = np.array([-1 if each is None else len(each) for each in wkb], dtype="<i8")
    found = first_places(np.frombuffer(b"".join(filter(None, wkb)), dtype="u1"), lengths)
    firsts = [shapely.get_coordinates(shape)[:1].tolist() for shape, _ in drawn if shape is not None]
    assert found.tolist() == [first[0] for first in firsts if first and np.isfinite(first[0]).all()]


@OFTEN
@given(
    st.lists(st.lists(CELL, min_size=2, max_size=3), max_size=7),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_a_sheet_in_parts_is_the_sheet_row_by_row(
    tmp_path: Path, rows: list[list[str]], encoding: str
) -> None:
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows([["code", "名称"], *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(sheet.getvalue().encode(encoding))
    try:
        parts = list(even_grids(path, "a.csv", "auto", Limits(), 2))
    except Uneven:
        assert any(len(row) != 2 or not "".join(row).strip() for row in rows)
        return
    whole = grid_by_rows(path, Kind.CSV, "a.csv", None, "auto", Limits())
    columns = [list(chain(*cells)) for cells in zip(*(part.columns for part in parts), strict=True)]
    assert (columns, [*chain.from_iterable(part.numbers for part in parts)]) == (whole.columns, whole.numbers)
    assert {(part.fields, part.encoding) for part in parts} == {(whole.fields, whole.encoding)}
    assert all(len(part.numbers) <= 2 for part in parts)


def test_a_table_comes_back_from_its_parts(tmp_path: Path) -> None:
    wkb = [shapely.Point(1, 2).wkb, None, SQUARE.wkb]
    table = FeatureTable(
        "a.csv", None, "s", ("a", "b"), [[1, None, 3], ["x", 2, None]], wkb, [2, 3, 5], None, "utf-8"
    )
    save_features(table.parts(2), tmp_path)
    stored = load_features(tmp_path, "a.csv")
    assert (stored.whole(), stored.counts) == (table, (2, 1))
    assert stored.begins().tolist() == [[1, 2], [115, 22]]

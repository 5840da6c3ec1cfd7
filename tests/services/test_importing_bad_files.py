"""The bad input that every import must refuse by name: file, row, column and value, and nothing written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from geoservice.errors import GeoServiceError, InvalidFile
from geoservice.messages import SENTENCES
from geoservice.services.importing import (
    Input,
    PointOptions,
    Run,
    StreetOptions,
    ZoneOptions,
    import_points,
    import_streets,
    import_zones,
)
from tests.services.importing_samples import (
    NOON,
    counts,
    feature,
    geojson,
    line,
    point,
    polygon,
    rows,
    square,
    table,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

GOOD = feature(polygon(square(0)), code="A", name="好")
BOW_TIE = [[[114.0, 22.5], [114.01, 22.51], [114.01, 22.5], [114.0, 22.51], [114.0, 22.5]]]


@pytest.fixture
def take(session: Session, settings: Settings):
    def take(kind: str, path: Path, source: dict[str, Any] | None = None, **options: Any) -> Any:
        given, run = Input(paths=(path,), **(source or {})), Run(now=NOON)
        if kind == "zones":
            return import_zones(session, settings, given, ZoneOptions(level="grid", **options), run)
        if kind == "points":
            return import_points(session, settings, given, PointOptions(**options), run)
        return import_streets(session, settings, given, StreetOptions(**options), run)

    return take


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _raw(path: Path, text: str) -> Path:
    return _written(path, text.encode())


WHOLE_FILES = [
    # what, its name, its content, the kind of import, what is told, the code, some of its values
    ("empty", "a.geojson", b"", "zones", {}, "file_empty", {"file": "a.geojson"}),
    ("missing", "a.geojson", None, "zones", {}, "file_missing", {"file": "a.geojson"}),
    ("blank", "a.csv", b"   \n", "points", {}, "file_empty", {"file": "a.csv"}),
    ("header only", "a.csv", b"code,lon,lat\n", "points", {}, "file_has_no_rows", {}),
    (
        "no features",
        "a.geojson",
        b'{"type":"FeatureCollection","features":[]}',
        "zones",
        {},
        "column_needed",
        {"option": "--code"},
    ),
    ("a picture", "a.geojson", b"\x89PNG\r\n\x1a\n\x00", "zones", {}, "kind_mismatch", {"file": "a.geojson"}),
    ("a kind nobody reads", "a.docx", b"PK\x03\x04", "zones", {}, "kind_unknown", {"suffix": ".docx"}),
    (
        "JSON cut short",
        "a.geojson",
        b'{"type":"FeatureColl',
        "zones",
        {},
        "json_invalid",
        {"file": "a.geojson"},
    ),
    (
        "wrong encoding",
        "a.csv",
        "code,lon,lat\n点,114,22\n".encode("gbk"),
        "points",
        {"encoding": "utf-8"},
        "encoding_wrong",
        {"encoding": "utf-8"},
    ),
    ("no encoding at all", "a.csv", b"code,lon,lat\n\xff\xfe\xfd\x81\x20,1,1\n", "points", {}, None, {}),
    (
        "an encoding nobody knows",
        "a.csv",
        b"code,lon,lat\nA,114,22\n",
        "points",
        {"encoding": "klingon"},
        "encoding_unsupported",
        {"encoding": "klingon"},
    ),
    (
        "unknown CRS by name",
        "a.csv",
        b"code,lon,lat\nA,114,22\n",
        "points",
        {"crs": "EPSG:999999"},
        "crs_unreadable",
        {"crs": "EPSG:999999"},
    ),
    (
        "a CRS that is none",
        "a.csv",
        b"code,lon,lat\nA,114,22\n",
        "points",
        {"crs": "mars"},
        "crs_unreadable",
        {"crs": "mars"},
    ),
    (
        "metres without a CRS",
        "a.csv",
        b"code,x,y\nA,500000,2500000\nB,500001,2500001\n",
        "points",
        {},
        "crs_needed",
        {"x": 500000.0},
    ),
    ("values no CRS has", "a.csv", b"code,x,y\nA,9e8,9e8\n", "points", {}, "unknown_crs", {}),
    (
        "reversed axes",
        "a.csv",
        b"code,lon,lat\nA,22.5,114.1\nB,22.6,114.2\n",
        "points",
        {},
        "axes_swapped",
        {"x": 22.5, "y": 114.1},
    ),
    (
        "no such column",
        "a.csv",
        b"code,lon,lat\nA,114,22\n",
        "points",
        {"code": "id"},
        "column_unknown",
        {"column": "id", "columns": "code, lon, lat"},
    ),
    ("no coordinates", "a.csv", b"code,name\nA,B\n", "points", {}, "coordinates_missing", {}),
]


@pytest.mark.parametrize(
    ("what", "name", "content", "kind", "told", "code", "values"),
    WHOLE_FILES,
    ids=[each[0] for each in WHOLE_FILES],
)
def test_a_file_that_can_not_be_taken_says_why_and_leaves_nothing(
    take, session, tmp_path, what, name, content, kind, told, code, values
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    source = {key: value for key, value in told.items() if key in {"crs", "encoding"}}
    before = counts(session)
    with pytest.raises(GeoServiceError) as caught:
        take(kind, path, source, **{key: value for key, value in told.items() if key not in source})
    assert counts(session) == before
    assert caught.value.code in SENTENCES
    if code is not None:
        assert caught.value.code == code
        assert {key: caught.value.values.get(key) for key in values} == values


ROWS = [
    # what, the second of two rows, the kind, the column, the value, the code
    (
        "duplicate code",
        feature(polygon(square(1)), code="A", name="重"),
        "zones",
        "code",
        "A",
        "duplicate_code",
    ),
    ("no code", feature(polygon(square(1)), code=None, name="无"), "zones", "code", None, "code_missing"),
    (
        "endless code",
        feature(polygon(square(1)), code="x" * 3000, name="长"),
        "zones",
        "code",
        "x" * 80,
        "text_too_long",
    ),
    (
        "endless name",
        feature(polygon(square(1)), code="B", name="x" * 9000),
        "zones",
        "name",
        "x" * 80,
        "text_too_long",
    ),
    ("no geometry", feature(None, code="B"), "zones", "geometry", None, "geometry_empty"),
    ("empty geometry", feature(polygon([]), code="B"), "zones", "geometry", "Polygon", "geometry_empty"),
    (
        "a line for an area",
        feature(line((114, 22), (115, 23)), code="B"),
        "zones",
        "geometry",
        "LineString",
        "not_a_polygon",
    ),
    (
        "no area",
        feature(polygon([[[114, 22], [115, 23], [114, 22], [114, 22]]]), code="B"),
        "zones",
        "geometry",
        "Polygon",
        "zero_area",
    ),
    (
        "an open ring",
        feature(polygon([[[114, 22], [115, 22], [115, 23], [114, 23]]]), code="B"),
        "zones",
        None,
        None,
        "geojson_ring",
    ),
    (
        "off the Earth",
        feature(polygon([[[514, 22], [515, 22], [515, 23], [514, 22]]]), code="B"),
        "zones",
        "geometry",
        "514 22",
        "coordinates_out_of_range",
    ),
    (
        "half the Earth",
        feature(polygon([[[-80, -50], [100, -50], [100, 60], [-80, 60], [-80, -50]]]), code="B"),
        "zones",
        "geometry",
        "-80 -50 100 60",
        "zone_too_large",
    ),
    (
        "turned round",
        feature(polygon([[[22, 114], [22.1, 114], [22.1, 114.1], [22, 114]]]), code="B"),
        "zones",
        "geometry",
        "22 114",
        "axes_swapped_row",
    ),
]


@pytest.mark.parametrize(
    ("what", "second", "kind", "column", "value", "code"), ROWS, ids=[each[0] for each in ROWS]
)
def test_one_bad_row_is_named_and_does_not_lose_the_good_one(
    take, session, tmp_path, what, second, kind, column, value, code
) -> None:
    report = take(kind, geojson(tmp_path / "a.geojson", GOOD, second))
    assert report.new == 1
    assert [(p.file, p.row, p.column, p.value, p.code) for p in report.rejected] == [
        ("a.geojson", 2, column, value, code)
    ]
    assert rows(session, "SELECT code FROM zone") == [("A",)]
    if code not in {"duplicate_code"}:
        before = counts(session)
        with pytest.raises(InvalidFile):
            take(kind, geojson(tmp_path / "a.geojson", second))
        assert counts(session) == before


def test_not_a_number_is_refused(take, session, tmp_path) -> None:
    before = counts(session)
    with pytest.raises(InvalidFile) as caught:
        take(
            "points",
            _raw(
                tmp_path / "a.geojson",
                json.dumps(
                    {"type": "FeatureCollection", "features": [feature(point(float("nan"), 1.0), code="A")]}
                ),
            ),
        )
    assert caught.value.code in {"json_constant", "json_number", "nothing_taken", "json_invalid"}
    with pytest.raises(InvalidFile, match="nothing_taken") as caught:
        take("points", table(tmp_path / "a.csv", "code,lon,lat", "A,NaN,22"))
    assert [(p.row, p.column, p.value, p.code) for p in caught.value.problems] == [
        (2, "lon", "NaN", "coordinate_unreadable")
    ]
    assert counts(session) == before


def test_a_self_crossing_border_is_repaired_and_told(take, session, tmp_path) -> None:
    report = take("zones", geojson(tmp_path / "a.geojson", feature(polygon(BOW_TIE), code="A")))
    assert {(p.row, p.column, p.code) for p in report.repaired} == {
        (1, "geometry", "rings_repaired"),
        (1, "geometry", "area_changed"),
    }
    assert rows(session, "SELECT ST_IsValid(geom), ST_NumGeometries(geom) FROM zone_version") == [(True, 2)]
    ((repaired,),) = rows(session, "SELECT repaired FROM import_batch")
    assert repaired[0]["file"] == "a.geojson"


def test_gbk_without_a_word_about_it_reads_as_chinese(take, session, tmp_path) -> None:
    report = take(
        "points",
        _written(tmp_path / "点位.csv", "编码,名称,经度,纬度\nA1,解放碑,106.57,29.55\n".encode("gbk")),
    )
    assert report.detected["encoding"] == "gb18030"
    assert rows(session, "SELECT name FROM point") == [("解放碑",)]


def test_a_script_in_a_name_is_only_a_name(take, session, tmp_path) -> None:
    name = "<script>alert('`${1}`')</script>'; DROP TABLE zone; --"
    take("zones", geojson(tmp_path / "a.geojson", feature(polygon(square(0)), code="A", name=name)))
    assert rows(session, "SELECT name FROM zone_version") == [(name,)]
